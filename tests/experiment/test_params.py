"""Mistakes in params.yaml are reported before any training starts."""

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ganaug.core import extras
from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.experiment import params as experiment_params
from ganaug.experiment.params import Params, slow_transforms

ROOT = Path(__file__).parents[2]


def read_params(path: Path) -> Params:
    return experiment_params.read_params(ParamsFile.load(path))


def check_params(path: Path) -> Params:
    return experiment_params.check_params(ParamsFile.load(path))


@pytest.fixture
def error(params, params_file):
    """Return a function that checks the current params, which must be invalid, and returns the message."""

    def error(check=read_params):
        path = params_file(params)
        with pytest.raises(InputError) as caught:
            check(path)
        assert str(caught.value).startswith(f"{path}: ")
        return str(caught.value).removeprefix(f"{path}: ")

    return error


def test_params_of_the_project_are_valid():
    params = check_params(ROOT / "params.yaml")
    assert params.baseline
    assert params.augmented


def test_all_sections_are_read(params, params_file):
    read = check_params(params_file(params))
    assert (read.seed, read.replicates) == (0, (0, 1))
    assert (list(read.baseline), list(read.augmented)) == (["real", "classical"], ["gan"])
    assert (read.prepare.val, read.train_gan.steps, read.generate.per_class) == (0.1, 10, 10)
    assert (read.train_classifier.steps, read.evaluate.reference) == (10, None)


def test_transforms_that_are_applied_image_by_image_are_named_with_their_cost(params, params_file):
    assert slow_transforms(check_params(params_file(params))) == []
    params["arms"]["baseline"]["classical"]["transforms"] += [{"name": "RandAugment"}]
    (sentence,) = slow_transforms(check_params(params_file(params)), (1, 8, 6))
    key, cost = r"arms\.baseline\.classical\.transforms", r"\d+ ms for 64 images of 8×6 on this machine"
    assert re.fullmatch(rf"{key}: RandAugment is applied image by image: {cost}", sentence)


def test_experiment_without_an_augmented_arm_is_refused(params, error):
    params["arms"]["augmented"] = {}
    assert "arms.augmented: needs at least one arm that uses the GAN" in error()


def test_unknown_section_lists_the_known_ones(params, error):
    params["generat"] = params.pop("generate")
    assert error() == (
        "unknown section 'generat' (did you mean 'generate'?); "
        "choose from: arms, evaluate, generate, measure, prepare, replicates, seed, threads, train_classifier, "
        "train_ensemble, train_gan"
    )


def test_the_precision_must_be_in_the_file_because_dvc_looks_for_it_there(params, error):
    del params["train_gan"]["trainer"]
    assert error() == "'train_gan.trainer.precision' is missing; add it"


@pytest.mark.parametrize(
    "section",
    [
        *("seed", "replicates", "threads", "prepare", "train_ensemble", "train_gan"),
        *("generate", "train_classifier", "arms", "evaluate"),
    ],
)
def test_missing_section_is_named(params, error, section):
    del params[section]
    assert error() == f"'{section}' is missing; add it"


@pytest.mark.parametrize("groups", [{"baseline": {}}, {"baseline": {}, "augmentd": {}}])
def test_arms_must_have_two_groups(params, error, groups):
    params["arms"] = groups
    assert error() == (
        f"arms: must have the two groups 'baseline' and 'augmented', and may have 'informed' (given: {sorted(groups)})"
    )


@pytest.mark.parametrize("arm", [{"synthetic": 0.1}, {"discriminator": True}])
def test_baseline_arm_must_not_use_the_gan(params, error, arm):
    params["arms"]["baseline"]["real"] = arm
    assert error() == "arms.baseline.real: baseline arms do not use the GAN; move the arm to arms.augmented"


def test_augmented_arm_must_use_the_gan(params, error):
    params["arms"]["augmented"]["gan"] = {"synthetic": 0}
    assert error() == "arms.augmented.gan.synthetic: with 0, the arm has no synthetic images; move it to arms.baseline"
    params["arms"]["augmented"]["gan"] |= {"pseudo_labels": 0.5}
    assert error().endswith("move it to arms.informed")


@pytest.mark.parametrize("further", ["pseudo_labels", "other_domain"])
def test_baseline_arms_wait_for_no_ensemble(params, params_file, error, further):
    params["arms"]["baseline"]["odd"] = {further: 0.5}
    assert error() == (
        "arms.baseline.odd: baseline arms do not wait for an ensemble that may have to label images; move it to "
        "arms.informed"
    )
    params["arms"]["informed"] = {"odd": params["arms"]["baseline"].pop("odd")}
    read = read_params(params_file(params))
    assert list(read.without_gan) == [*read.baseline, "odd"]
    assert "arms.informed.odd" in read.arms


def test_an_arm_that_learns_from_no_further_images_need_not_wait(params, error):
    params["arms"]["informed"] = {"odd": {}}
    assert error().startswith(
        "arms.informed.odd: the arm has neither pseudo_labels nor other_domain; move it to arms.b"
    )
    params["arms"]["informed"] = {"odd": {"pseudo_labels": 0.5, "synthetic": 0.5}}
    assert error() == "arms.informed.odd: informed arms do not use the GAN; move the arm to arms.augmented"


def test_an_informed_arm_may_be_the_reference(params, params_file):
    params["arms"]["informed"] = {"pseudo": {"pseudo_labels": 0.5}}
    params["evaluate"]["reference"] = "pseudo"
    assert read_params(params_file(params)).evaluate.reference == "pseudo"


def use_discriminator(params, conditioning="auxiliary"):
    """Let the discriminator predict classes, and let an arm use it as its classifier."""
    params["train_gan"]["network"]["discriminator_conditioning"] = conditioning
    params["arms"]["augmented"]["gan"] = {"discriminator": True}


@pytest.mark.parametrize("conditioning", ["auxiliary", "classifier"])
def test_discriminator_that_predicts_classes_may_be_an_arm(params, params_file, conditioning):
    use_discriminator(params, conditioning)
    assert read_params(params_file(params)).augmented["gan"].discriminator


def test_discriminator_that_predicts_no_classes_cannot_be_an_arm(params, error):
    use_discriminator(params, "projection")
    assert error() == (
        "arms.augmented.gan.discriminator: this discriminator does not predict classes; "
        "set train_gan.network.discriminator_conditioning to 'auxiliary' or 'classifier'"
    )


@pytest.mark.parametrize("more", [{"synthetic": 0.5}, {"transforms": [{"name": "RandomRotation", "degrees": 10}]}])
def test_arm_that_is_the_discriminator_trains_nothing(params, error, more):
    use_discriminator(params)
    params["arms"]["augmented"]["gan"] |= more
    assert error() == "arms.augmented.gan: with discriminator, the arm trains nothing; remove its other parameters"


TAUGHT = {"pseudo_labels": 0.5, "teacher": "discriminator"}


def test_discriminator_that_predicts_classes_may_give_pseudo_labels(params, params_file):
    use_discriminator(params)
    params["arms"]["augmented"] = {"taught": TAUGHT}
    assert read_params(params_file(params)).augmented["taught"].uses_discriminator


@pytest.mark.parametrize(
    ("conditioning", "group", "arm", "reason"),
    [
        ("projection", "augmented", TAUGHT, ".teacher: this discriminator does not predict classes; set train_gan."),
        ("auxiliary", "baseline", TAUGHT, ": baseline arms do not use the GAN; move"),
        (
            "auxiliary",
            "augmented",
            {"teacher": "discriminator"},
            ".teacher: the arm has no pseudo-labels; set pseudo_labels",
        ),
    ],
)
def test_discriminator_that_cannot_give_pseudo_labels_is_refused(params, error, conditioning, group, arm, reason):
    params["train_gan"]["network"]["discriminator_conditioning"] = conditioning
    params["arms"][group]["taught"] = arm
    assert error().startswith(f"arms.{group}.taught{reason}")


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_unconditional_networks_are_refused(params, error, player):
    params["train_gan"]["network"][f"{player}_conditioning"] = "none"
    assert error().startswith(f"train_gan.network.{player}_conditioning: with 'none', synthetic images do not match")


def test_unconditional_generator_is_accepted_if_only_the_discriminator_is_used(params, params_file):
    params["train_gan"]["network"] |= {"generator_conditioning": "none", "discriminator_conditioning": "auxiliary"}
    params["arms"]["augmented"] = {"gan": {"discriminator": True}}
    assert read_params(params_file(params)).train_gan.network.generator_conditioning == "none"


def test_arms_with_the_same_name_are_refused(params, error):
    params["arms"]["augmented"]["real"] = {"synthetic": 0.5}
    assert error() == "arms.augmented.real: an arm of another group has the same name; rename one of them"
    params["arms"]["augmented"].pop("real")
    params["arms"]["informed"] = {"real": {"pseudo_labels": 0.5}}
    assert error() == "arms.informed.real: an arm of another group has the same name; rename one of them"


UNEQUAL = {str(digit): 5 + 15 * (digit < 3) for digit in range(10)}
ARMS = {
    "more labels beside the GAN": (5, {"synthetic": 0.5, "labels": 20}, ".labels: only baseline arms may have more"),
    "all labels beside the GAN": (5, {"synthetic": 0.5, "labels": "all"}, ".labels: only baseline arms may have more"),
    "more than all": ("all", {"labels": 20}, ".labels: prepare.labelled_per_class is 'all', so there are no more"),
    "all beside all": ("all", {"labels": "all"}, ".labels: prepare.labelled_per_class is 'all', so there are no more"),
    "as many labels": (5, {"labels": 5}, ".labels: must be more than prepare.labelled_per_class; raise it, or remove"),
    "fewer labels": (5, {"labels": 4}, ".labels: must be more than prepare.labelled_per_class; raise it, or remove"),
    "fewer for some classes": (UNEQUAL, {"labels": 19}, ".labels: must be more than prepare.labelled_per_class"),
    "labels and pseudo-labels": (
        5,
        {"pseudo_labels": 0.5, "labels": 20},
        ".pseudo_labels: cannot be combined with more",
    ),
    "all labels and pseudo-labels": (5, {"pseudo_labels": 0.5, "labels": "all"}, ".pseudo_labels: cannot be combined"),
    "more than a batch": (
        5,
        {"pseudo_labels": 0.6, "synthetic": 0.5},
        ": pseudo_labels, other_domain and synthetic are shares of the",
    ),
    "more than a batch with the largest share": (
        5,
        {"pseudo_labels": 0.6, "synthetic": [0, 0.5]},
        ": pseudo_labels, other_domain and synthetic are shares of the same batch; together they must not exceed 1",
    ),
    "more than a batch with another domain": (
        5,
        {"other_domain": 0.6, "synthetic": 0.5},
        ": pseudo_labels, other_domain and synthetic are shares of the same batch; together they must not exceed 1",
    ),
    "several shares of 0": (
        5,
        {"synthetic": [0, 0.0], "balanced": True},
        ".synthetic: with 0, the arm has no synthetic images",
    ),
    "repeated share": (5, {"synthetic": [0.5, 0, 0.5]}, ".synthetic: lists a share more than once"),
    "synthetic_for without synthetic images": (5, {"synthetic_for": "short"}, ".synthetic_for: the arm has no"),
    "synthetic_until without synthetic images": (5, {"synthetic_until": 0.5}, ".synthetic_until: the arm has no"),
    "synthetic_until of 0": (5, {"synthetic": 0.5, "synthetic_until": 0.0}, ".synthetic_until: must be greater than 0"),
    "threshold without pseudo-labels": (
        5,
        {"pseudo_label_threshold": 0.9},
        ".pseudo_label_threshold: the arm has no pseudo-labels; set",
    ),
    "threshold of 1": (
        5,
        {"pseudo_labels": 0.5, "pseudo_label_threshold": 1.0},
        ".pseudo_label_threshold: must be less than 1",
    ),
}
ACCEPTED_ARMS = {
    "one label more": (5, {"labels": 6}),
    "more for some classes, fewer for none": (UNEQUAL, {"labels": 20}),
    "all": (5, {"labels": "all"}),
    "a whole batch": (5, {"pseudo_labels": 0.3, "synthetic": 0.7}),
    "short of some classes": (UNEQUAL, {"synthetic": [0, 0.5], "synthetic_for": "short"}),
    "short with unequal classes under all": ("all", {"synthetic": 0.5, "synthetic_for": "short"}),
    "share that may be 0": (5, {"synthetic": [0, 1]}),
}


def with_arm(params, per_class, arm):
    further = {"pseudo_labels", "other_domain"} & set(arm)
    group = "augmented" if "synthetic" in arm else "informed" if further else "baseline"
    params["prepare"]["labelled_per_class"] = per_class
    params["arms"].setdefault(group, {})["odd"] = arm
    return f"arms.{group}.odd"


@pytest.mark.parametrize(("per_class", "arm", "says"), ARMS.values(), ids=ARMS)
def test_inconsistent_arms_are_refused_with_the_reason(params, error, per_class, arm, says):
    place = with_arm(params, per_class, arm)
    assert error().removeprefix(place).startswith(says)


@pytest.mark.parametrize(("per_class", "arm"), ACCEPTED_ARMS.values(), ids=ACCEPTED_ARMS)
def test_similar_but_consistent_arms_are_accepted(params, params_file, per_class, arm):
    _, group, name = with_arm(params, per_class, arm).split(".")
    assert name in getattr(read_params(params_file(params)), group)


@pytest.mark.parametrize(
    ("mixing", "says"),
    [
        ({"name": "Mixup"}, "mixing: write {name: MixUp, alpha: 0.2} or {name: CutMix, alpha: 1.0} (given: "),
        ({"alpha": 0.2}, "mixing: write {name: MixUp, alpha: 0.2} or {name: CutMix, alpha: 1.0} (given: "),
        ("MixUp", "mixing: write {name: MixUp, alpha: 0.2} or {name: CutMix, alpha: 1.0} (given: 'MixUp')"),
        ({"name": "MixUp", "alpha": 0}, "mixing: MixUp has one parameter, alpha, above 0 (given: "),
        ({"name": "CutMix", "beta": 1}, "mixing: CutMix has one parameter, alpha, above 0 (given: "),
    ],
)
def test_wrong_mixing_is_located_with_an_example(params, error, mixing, says):
    place = with_arm(params, 5, {"mixing": mixing})
    assert error().startswith(f"{place}.{says}")


def test_misspelt_parameter_of_an_arm_is_located(params, error):
    params["arms"]["augmented"]["gan"] = {"synthetc": 0.5}
    assert error().startswith("arms.augmented.gan: unknown parameter 'synthetc' (did you mean 'synthetic'?)")


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        ({"name": "recall"}, "is a per-class metric; name a class, such as of_class: faulty"),
        ({"name": "accuracy", "of_class": "0"}, "is a metric of all classes; remove of_class"),
        ({"name": "acuracy"}, "unknown name in metrics 'acuracy' (did you mean 'accuracy'?)"),
        ("recall", "write {name: …} with one of: accuracy,"),
    ],
)
def test_a_metric_that_cannot_decide_is_refused(params, error, metric, says):
    params["evaluate"]["metric"] = metric
    assert error().startswith(f"evaluate.metric: {says}")


def test_reference_must_be_an_arm(params, error):
    params["evaluate"]["reference"] = "clasical"
    assert error() == (
        "evaluate.reference: unknown arm 'clasical' (did you mean 'classical'?); choose from: classical, real"
    )


def test_replicates_must_be_as_many_as_a_look_wants(params, error):
    params["evaluate"]["looks"] = [3, 6]
    given = len(params["replicates"])
    assert error() == (
        f"replicates: lists {given} replicates, but evaluate.looks allows looks at 3, 6 replicates only; list one of "
        f"these numbers, or set evaluate.looks to null"
    )


@pytest.mark.parametrize("reference", ["gan", "more"])
def test_reference_must_not_use_the_gan_or_more_labels(params, error, reference):
    params["arms"]["baseline"]["more"] = {"labels": 6}
    params["evaluate"]["reference"] = reference
    assert error() == (
        f"evaluate.reference: '{reference}' uses the GAN or more labels, so a gain over it would not show the "
        f"effect of the GAN; choose from: real, classical"
    )


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"name": "RandomRotatoin", "degrees": 10}, "unknown torchvision.transforms.v2 class 'RandomRotatoin'"),
        ({"name": "RandomRotation", "degree": 10}, "'degree'"),
    ],
)
def test_wrong_transform_is_located_by_the_check(params, error, spec, expected):
    params["arms"]["baseline"]["classical"] = {"transforms": [spec]}
    assert error(check_params).startswith("arms.baseline.classical.transforms: ")
    assert expected in error(check_params)


def test_class_weights_need_a_discriminator_that_predicts_classes(params, params_file, error):
    params["train_gan"]["class_weights"] = {"generator": 1.0}
    assert error().startswith("train_gan.class_weights: this discriminator has no class head")
    params["train_gan"]["network"]["discriminator_conditioning"] = "auxiliary"
    assert read_params(params_file(params)).train_gan.class_weights.generator == 1


@pytest.mark.parametrize("baseline", [{"ceiling": {"labels": "all"}}, {}])
def test_an_arm_with_only_the_limited_labels_is_needed_as_reference(params, error, baseline):
    params["arms"] |= {"baseline": baseline, "informed": {"pseudo": {"pseudo_labels": 0.5}}}
    assert error().startswith(
        "arms.baseline: needs at least one arm that is trained on the limited labels only, to compare others with"
    )


def test_wrong_transform_of_the_ensemble_is_located_by_the_check(params, error):
    params["train_ensemble"]["transforms"] = [{"name": "RandomRotatoin", "degrees": 10}]
    expected = "train_ensemble.transforms: unknown torchvision.transforms.v2 class 'RandomRotatoin'"
    assert error(check_params).startswith(expected)


@pytest.mark.parametrize("policy", ["confidence", "density_ratio"])
def test_ranking_policy_needs_more_candidates_than_images(params, params_file, error, policy):
    params["generate"]["policy"] = {"name": policy}
    assert error().startswith(
        "generate.candidates_per_image: must be above 1 with this policy, which only ranks candidates"
    )
    params["generate"]["drop_copies"] = True  # all remaining candidates would still be kept
    assert error().startswith("generate.candidates_per_image: must be above 1")
    params["generate"]["candidates_per_image"] = 1.5
    assert read_params(params_file(params)).generate.candidates_per_image == 1.5


@pytest.mark.parametrize("policy", ["none", "random", "confidence_density", "hard_but_right"])
def test_other_policies_do_not_need_more_candidates(params, params_file, policy):
    params["generate"]["policy"] = {"name": policy}
    assert read_params(params_file(params)).generate.candidates_per_image == 1


def test_unknown_policy_lists_the_known_ones(params, error):
    params["generate"]["policy"] = {"name": "confidense"}
    assert error().startswith(
        "generate.policy: unknown name in policies 'confidense' (did you mean 'confidence'?); choose from: confidence, "
    )


def test_check_reads_the_weights_of_inception(params, error, tmp_path):
    params["measure"]["inception"] = str(tmp_path / "inception.pth")
    place = f"measure.inception: {tmp_path / 'inception.pth'}: Inception's weights cannot be read"
    assert error(check_params).startswith(f"{place} (No such file or directory); download http")
    (tmp_path / "inception.pth").write_bytes(b"weights")
    assert error(check_params).startswith(f"{place} (it does not contain this network's weights)")


@pytest.mark.parametrize(
    ("section", "option", "name"),
    [
        ("train_ensemble", "classifier", "timm"),
        ("train_classifier", "classifier", "timm"),
        ("train_gan", "network", "projected"),
    ],
)
def test_check_reads_pretrained_weights(params, error, tmp_path, section, option, name):
    pytest.importorskip("timm", reason="needs the extra `pretrained`")
    path, spec = tmp_path / "weights.safetensors", {"name": name, "model": "test_resnet"}
    params[section][option] = spec | {"weights": str(path)}
    place = f"{section}.{option}."
    assert error(check_params).startswith(
        f"{place}weights: {path}: no such file; set it to none, to a file, or to pip:"
    )
    path.write_bytes(b"weights")
    assert error(check_params).startswith(f"{place}{path}: weights cannot be read")
    save_file({"fc.weight": torch.zeros(2, 2)}, path)
    assert error(check_params).startswith(f"{place}{path}: does not fit the network: it has none of the network's")
    params[section][option] = spec | {"model": "test_resnt", "weights": "none"}
    assert "unknown network of timm 'test_resnt' (did you mean 'test_resnet'?)" in error(check_params)


@pytest.mark.parametrize(
    ("section", "option", "name"),
    [("train_classifier", "classifier", "timm"), ("train_gan", "network", "projected")],
)
def test_check_refuses_weights_of_the_hub_without_a_network(
    params, params_file, error, tmp_path, monkeypatch, section, option, name
):
    timm = pytest.importorskip("timm", reason="needs the extra `pretrained`")
    from hub_cache import put, use_cache

    cache = use_cache(monkeypatch, tmp_path)
    params[section][option] = {"name": name, "model": "test_resnet", "weights": "hub"}
    message = error(check_params)
    assert message.startswith(
        f"{section}.{option}.weights: hub:timm/test_resnet.r160_in1k: not in the cache of the Hugging Face hub, and"
    )
    assert "own file, or fill the cache where there is a network: hf download timm/test_resnet" in message
    put(cache, "timm/test_resnet.r160_in1k", timm.create_model("test_resnet").state_dict(), "1" * 40)
    check_params(params_file(params))


def test_a_missing_library_is_named_with_its_extra(params, error, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    params["train_classifier"]["classifier"] = {"name": "timm", "model": "test_resnet"}
    assert error() == (
        "train_classifier.classifier: the library timm is not installed; install it with: pip install "
        "'ganaug[pretrained]'"
    )


def test_transforms_must_be_a_list(params, error):
    params["arms"]["baseline"]["classical"] = {"transforms": {"name": "RandomRotation"}}
    assert error().startswith("arms.baseline.classical.transforms: write a list such as [{name: RandomRotation")


def test_check_finds_a_missing_path(params, error, tmp_path):
    params["prepare"]["path"] = str(tmp_path / "nowhere")
    assert (
        error(check_params)
        == f"prepare.path: {tmp_path / 'nowhere'}: no such file or folder; set it to the path of your data"
    )


@pytest.mark.parametrize("path", ["~/images", "$HOME/images"])
def test_check_refuses_paths_that_dvc_does_not_expand(params, error, path):
    params["prepare"]["path"] = path
    assert error(check_params) == f"prepare.path: {path}: DVC expands neither ~ nor variables; write the path in full"


@pytest.mark.parametrize("place", ["", "data", "data/prepared"])
def test_check_refuses_a_folder_that_the_pipeline_writes_to(params, error, tmp_path, place):
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    params["prepare"]["path"] = str(tmp_path / place)
    assert error(check_params).startswith(f"prepare.path: {tmp_path / place}: the pipeline writes its results there")


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.stem)
def test_examples_are_valid(path):
    assert read_params(path).augmented


@pytest.mark.parametrize(
    ("kind", "policies"),
    [
        ("characters", ("affine",)),
        ("photographs", ("flip", "color", "translation", "cutout")),
        ([], ()),
        (["cutout", "flip"], ("cutout", "flip")),
    ],
)
def test_diffaugment_is_a_kind_of_image_or_a_list_of_augmentations(params, params_file, kind, policies):
    params["train_gan"]["diffaugment"] = kind
    assert read_params(params_file(params)).train_gan.diffaugment == policies


def test_unknown_kind_of_image_lists_the_known_ones(params, error):
    params["train_gan"]["diffaugment"] = "photograph"
    assert error() == (
        "train_gan.diffaugment: unknown kind of image 'photograph' (did you mean 'photographs'?); "
        "choose from: characters, photographs; or list augmentations"
    )


def test_single_augmentation_must_be_in_a_list(params, error):
    params["train_gan"]["diffaugment"] = "affine"
    assert error().endswith("choose from: characters, photographs; or list augmentations")


FLIP = {"diffaugment": ["flip"]}
CLASSIFIER = {"name": "mlp", "discriminator_conditioning": "classifier"}
REFUSED = {
    "batch norm and a gradient penalty": (
        {"network": {"name": "dcgan"}, "objective": {"name": "hinge", "gradient_penalty": 10}},
        "network: gradient_penalty needs the gradient of single images",
    ),
    "batch norm and wasserstein_gp": (
        {"network": {"name": "dcgan"}, "objective": {"name": "wasserstein_gp"}},
        "network: gradient_penalty needs the gradient of single images",
    ),
    "sgan and projection": (
        {"objective": {"name": "sgan"}},
        "network.discriminator_conditioning: this objective needs 'classifier'",
    ),
    "sgan and auxiliary": (
        {"network": {"name": "mlp", "discriminator_conditioning": "auxiliary"}, "objective": {"name": "sgan"}},
        "network.discriminator_conditioning: this objective needs 'classifier'",
    ),
    "fake class": (
        {"network": CLASSIFIER, "class_weights": {"fake": 0.5}},
        "class_weights.fake: must be 0 with 'classifier'",
    ),
    "consistency of what": (
        {"objective": {"name": "hinge", "consistency": 10}},
        "objective.consistency: needs augmentations in diffaugment",
    ),
    "adaptive of differences": (
        {"ada_target": 0.6, "diffaugment": ["flip"], "objective": {"name": "relativistic"}},
        "ada_target: depends on the sign of realness, which has no meaning with this objective",
    ),
    "adaptive what": ({"ada_target": 0.6}, "ada_target: needs augmentations in diffaugment"),
    "end before start": (
        {"transition_start": 6, "transition_end": 5},
        "transition_end: must not be before transition_start",
    ),
    "start without end": ({"transition_start": 1}, "transition_end: must not be before transition_start"),
    "schedule without end": (
        {"schedule": {"steps": 11}},
        "schedule.steps: must not exceed steps, or the final values are never reached",
    ),
    "end after the end": ({"transition_end": 11}, "transition_end: must not exceed steps"),
}
ACCEPTED = {
    "batch norm and r1": {"network": {"name": "dcgan"}, "objective": {"name": "hinge", "r1": 10}},
    "no batch norm": {"objective": {"name": "wasserstein_gp"}},
    "sgan and classifier": {"network": CLASSIFIER, "objective": {"name": "sgan"}},
    "real class": {"network": CLASSIFIER, "class_weights": {"real": 0.5, "generator": 0}},
    "fake of auxiliary": {
        "network": {"name": "mlp", "discriminator_conditioning": "auxiliary"},
        "class_weights": {"fake": 1},
    },
    "consistency": {"objective": {"name": "hinge", "consistency": 10}} | FLIP,
    "adaptive": {"ada_target": 0.6} | FLIP,
    "at once": {"transition_start": 5, "transition_end": 5},
    "to the end": {"transition_start": 0, "transition_end": 10},
    "scheduled to the end": {"schedule": {"steps": 10, "penalties": 0.1}},
}


@pytest.mark.parametrize(("changes", "expected"), REFUSED.values(), ids=REFUSED)
def test_inconsistent_gans_are_refused_with_the_reason(params, error, changes, expected):
    params["train_gan"] |= changes
    assert error().startswith(f"train_gan.{expected}")


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED)
def test_similar_but_consistent_gans_are_accepted(params, params_file, changes):
    params["train_gan"] |= changes
    assert read_params(params_file(params)).train_gan.steps == 10


def test_misspelt_option_of_a_plugin_lists_its_options_only(params, error):
    params["train_gan"]["objective"] = {"name": "hinge", "r3": 1}
    assert error() == (
        "train_gan.objective: unknown parameter 'r3'; choose from: consistency, feature_matching, gradient_penalty, "
        "lecam, penalty_every, r1, r2"
    )
