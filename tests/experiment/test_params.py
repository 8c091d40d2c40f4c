"""All of params.yaml together: what can be known to be wrong before anything long starts."""

from pathlib import Path
from typing import Any

import pytest

from ganaug.core.errors import InputError
from ganaug.experiment.params import check_against_data, check_params, read_params

ROOT = Path(__file__).parents[2]


@pytest.fixture
def params(tmp_path):
    """A whole params.yaml that is in order."""
    return {
        "seed": 0,
        "replicates": [0, 1],
        "prepare": {
            "source": {"name": "digits"},
            "path": str(tmp_path),
            "test": 0.3,
            "val": 0.1,
            "labelled_per_class": 5,
        },
        "train_ensemble": {"classifier": {"name": "small_cnn"}, "steps": 10},
        "train_gan": {"network": {"name": "resnet"}, "objective": {"name": "hinge"}, "steps": 10},
        "generate": {"per_class": 10, "policy": {"name": "none"}},
        "train_classifier": {"classifier": {"name": "small_cnn"}, "steps": 10},
        "arms": {
            "baseline": {"real": {}, "classical": {"transforms": [{"name": "RandomRotation", "degrees": 10}]}},
            "augmented": {"gan": {"synthetic": 0.5}},
        },
        "evaluate": {},
    }


@pytest.fixture
def told(params, params_file):
    """Return a function that checks the params as they are now and returns what the user is told."""

    def told(check=read_params):
        path = params_file(params)
        with pytest.raises(InputError) as caught:
            check(path)
        assert str(caught.value).startswith(f"{path}: ")
        return str(caught.value).removeprefix(f"{path}: ")

    return told


def test_params_of_the_project_are_in_order(monkeypatch):
    monkeypatch.chdir(ROOT)
    params = check_params()
    assert params.baseline
    assert params.augmented


def test_all_sections_are_read(params, params_file):
    read = check_params(params_file(params))
    assert (read.seed, read.replicates) == (0, (0, 1))
    assert (list(read.baseline), list(read.augmented)) == (["real", "classical"], ["gan"])
    assert (read.prepare.val, read.train_gan.steps, read.generate.per_class) == (0.1, 10, 10)
    assert (read.train_classifier.steps, read.evaluate.reference) == (10, None)


def test_experiment_without_an_arm_for_the_gan_is_refused(params, told):
    params["arms"]["augmented"] = {}
    assert "arms.augmented: needs at least one arm" in told()


def test_unknown_section_lists_the_known_ones(params, told):
    params["generat"] = params.pop("generate")
    assert told() == (
        "unknown section 'generat' (did you mean 'generate'?); "
        "choose from: arms, evaluate, generate, prepare, replicates, seed, train_classifier, train_ensemble, train_gan"
    )


@pytest.mark.parametrize(
    "section",
    [
        *("seed", "replicates", "prepare", "train_ensemble", "train_gan"),
        *("generate", "train_classifier", "arms", "evaluate"),
    ],
)
def test_missing_section_is_named(params, told, section):
    del params[section]
    assert told() == f"section '{section}' is missing"


@pytest.mark.parametrize("groups", [{"baseline": {}}, {"baseline": {}, "augmentd": {}}])
def test_arms_need_their_two_groups(params, told, groups):
    params["arms"] = groups
    assert told() == f"arms: needs the two groups 'baseline' and 'augmented', has {sorted(groups)}"


@pytest.mark.parametrize("arm", [{"synthetic": 0.1}, {"discriminator": True}])
def test_baseline_does_not_use_the_gan(params, told, arm):
    params["arms"]["baseline"]["real"] = arm
    assert told() == "arms.baseline.real: move the arm to arms.augmented to use the GAN"


def test_augmented_arm_uses_the_gan(params, told):
    params["arms"]["augmented"]["gan"] = {"synthetic": 0}
    assert told() == "arms.augmented.gan.synthetic: 0 uses no synthetic image; move the arm to arms.baseline"


def telling(params, conditioning="auxiliary"):
    """Let the discriminator tell classes, and an arm take it for its classifier."""
    params["train_gan"]["network"]["discriminator_conditioning"] = conditioning
    params["arms"]["augmented"]["told"] = {"discriminator": True}


@pytest.mark.parametrize("conditioning", ["auxiliary", "classifier"])
def test_a_discriminator_that_tells_classes_may_be_an_arm(params, params_file, conditioning):
    telling(params, conditioning)
    assert read_params(params_file(params)).augmented["told"].discriminator


def test_a_discriminator_that_tells_no_classes_is_no_arm(params, told):
    telling(params, "projection")
    assert told() == (
        "arms.augmented.told.discriminator: this discriminator tells no classes; "
        "train_gan.network.discriminator_conditioning must be 'auxiliary' or 'classifier'"
    )


@pytest.mark.parametrize("more", [{"synthetic": 0.5}, {"transforms": [{"name": "RandomRotation", "degrees": 10}]}])
def test_an_arm_of_the_discriminator_has_nothing_to_train(params, told, more):
    telling(params)
    params["arms"]["augmented"]["told"] |= more
    assert told() == "arms.augmented.told: with discriminator, the arm trains nothing else"


TAUGHT = {"pseudo_labels": 0.5, "teacher": "discriminator"}


def test_a_discriminator_that_tells_classes_may_teach_an_arm(params, params_file):
    telling(params)
    params["arms"]["augmented"] = {"taught": TAUGHT}
    assert read_params(params_file(params)).augmented["taught"].asks_discriminator


@pytest.mark.parametrize(
    ("conditioning", "group", "arm", "reason"),
    [
        ("projection", "augmented", TAUGHT, ".teacher: this discriminator tells no classes; train_gan.network.discr"),
        ("auxiliary", "baseline", TAUGHT, ": move the arm to arms.augmented to use the GAN"),
        ("auxiliary", "augmented", {"teacher": "discriminator"}, ".teacher: has nothing to teach; set pseudo_labels"),
    ],
)
def test_a_discriminator_that_cannot_teach_an_arm(params, told, conditioning, group, arm, reason):
    params["train_gan"]["network"]["discriminator_conditioning"] = conditioning
    params["arms"][group]["taught"] = arm
    assert told().startswith(f"arms.{group}.taught{reason}")


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_networks_that_know_no_classes_are_refused(params, told, player):
    params["train_gan"]["network"][f"{player}_conditioning"] = "none"
    assert told().startswith(f"train_gan.network.{player}_conditioning: 'none' makes images that have nothing to do")


def test_a_generator_without_classes_may_serve_a_discriminator_that_is_the_only_arm(params, params_file):
    params["train_gan"]["network"] |= {"generator_conditioning": "none", "discriminator_conditioning": "auxiliary"}
    params["arms"]["augmented"] = {"told": {"discriminator": True}}
    assert read_params(params_file(params)).train_gan.network.generator_conditioning == "none"


def test_arms_of_one_name_are_refused(params, told):
    params["arms"]["augmented"]["real"] = {"synthetic": 0.5}
    assert told() == "arms.augmented.real: there is a baseline arm of this name; rename one"


UNEQUAL = {str(digit): 5 + 15 * (digit < 3) for digit in range(10)}
ARMS = {
    "more labels beside the GAN": (5, {"synthetic": 0.5, "labels": 20}, ".labels: only baseline arms may know more"),
    "all labels beside the GAN": (5, {"synthetic": 0.5, "labels": "all"}, ".labels: only baseline arms may know more"),
    "more than all": ("all", {"labels": 20}, ".labels: prepare.labelled_per_class is 'all', there are no more"),
    "all beside all": ("all", {"labels": "all"}, ".labels: prepare.labelled_per_class is 'all', there are no more"),
    "as many labels": (5, {"labels": 5}, ".labels: must be more than prepare.labelled_per_class; leave it out"),
    "fewer labels": (5, {"labels": 4}, ".labels: must be more than prepare.labelled_per_class; leave it out"),
    "fewer of some classes": (UNEQUAL, {"labels": 19}, ".labels: must be more than prepare.labelled_per_class"),
    "labels and pseudo-labels": (5, {"pseudo_labels": 0.5, "labels": 20}, ".pseudo_labels: with more labels, images"),
    "all labels and pseudo-labels": (5, {"pseudo_labels": 0.5, "labels": "all"}, ".pseudo_labels: with more labels"),
    "more than a batch": (
        5,
        {"pseudo_labels": 0.6, "synthetic": 0.5},
        ": pseudo_labels and synthetic are shares of on",
    ),
    "more than a batch for one of several shares": (
        5,
        {"pseudo_labels": 0.6, "synthetic": [0, 0.5]},
        ": pseudo_labels and synthetic are shares of one batch, and together more than 1",
    ),
    "several shares of nothing": (
        5,
        {"synthetic": [0, 0.0], "balanced": True},
        ".synthetic: 0 uses no synthetic image",
    ),
    "a share twice": (5, {"synthetic": [0.5, 0, 0.5]}, ".synthetic: each share once"),
    "synthetic images of some classes, but none": (5, {"synthetic_for": "short"}, ".synthetic_for: says which"),
    "sure of no pseudo-labels": (5, {"confidence": 0.9}, ".confidence: is that of pseudo-labels; set pseudo_labels"),
    "surer than can be": (5, {"pseudo_labels": 0.5, "confidence": 1.0}, ".confidence: Input should be less than 1"),
}
ARMS_TAKEN = {
    "one label more": (5, {"labels": 6}),
    "more of some classes, fewer of none": (UNEQUAL, {"labels": 20}),
    "all": (5, {"labels": "all"}),
    "a whole batch": (5, {"pseudo_labels": 0.3, "synthetic": 0.7}),
    "short of some": (UNEQUAL, {"synthetic": [0, 0.5], "synthetic_for": "short"}),
    "short of what all leaves unequal": ("all", {"synthetic": 0.5, "synthetic_for": "short"}),
    "an arm that is free to do without": (5, {"synthetic": [0, 1]}),
}


def with_arm(params, per_class, arm):
    group = "augmented" if "synthetic" in arm else "baseline"
    params["prepare"]["labelled_per_class"] = per_class
    params["arms"][group]["odd"] = arm
    return f"arms.{group}.odd"


@pytest.mark.parametrize(("per_class", "arm", "says"), ARMS.values(), ids=ARMS)
def test_arms_that_make_no_sense_are_refused_with_the_reason(params, told, per_class, arm, says):
    place = with_arm(params, per_class, arm)
    assert told().removeprefix(place).startswith(says)


@pytest.mark.parametrize(("per_class", "arm"), ARMS_TAKEN.values(), ids=ARMS_TAKEN)
def test_what_is_close_to_a_refused_arm_but_makes_sense_is_taken(params, params_file, per_class, arm):
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
def test_wrong_mixing_is_located_and_shown_how_to_write(params, told, mixing, says):
    place = with_arm(params, 5, {"mixing": mixing})
    assert told().startswith(f"{place}.{says}")


def test_misspelt_parameter_of_an_arm_is_located(params, told):
    params["arms"]["augmented"]["gan"] = {"synthetc": 0.5}
    assert told().startswith("arms.augmented.gan: unknown parameter 'synthetc' (did you mean 'synthetic'?)")


def test_reference_is_one_of_the_arms(params, told):
    params["evaluate"]["reference"] = "clasical"
    assert told() == (
        "evaluate.reference: unknown arm 'clasical' (did you mean 'classical'?); choose from: classical, real"
    )


@pytest.mark.parametrize("reference", ["gan", "more"])
def test_reference_neither_uses_the_gan_nor_knows_more_labels(params, told, reference):
    params["arms"]["baseline"]["more"] = {"labels": 6}
    params["evaluate"]["reference"] = reference
    assert told() == (
        f"evaluate.reference: '{reference}' uses the GAN or more labels, so a gain over it would not tell what the GAN "
        f"brings; choose from: real, classical"
    )


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"name": "RandomRotatoin", "degrees": 10}, "unknown torchvision.transforms.v2 class 'RandomRotatoin'"),
        ({"name": "RandomRotation", "degree": 10}, "'degree'"),
    ],
)
def test_wrong_transform_is_located_by_the_check(params, told, spec, expected):
    params["arms"]["baseline"]["classical"] = {"transforms": [spec]}
    assert told(check_params).startswith("arms.baseline.classical.transforms: ")
    assert expected in told(check_params)


CARD = {
    "image_shape": [1, 28, 28],
    "pool": {"cat": 90, "dog": 70},
    "groups": {"pool": 2, "val": 2, "test": 2},
    "train": {"0": {"cat": 50, "dog": 5}, "1": {"cat": 50, "dog": 5}},
    "unlabelled": {"0": 105, "1": 105},
}
AS_MANY = {"train": {"0": {"cat": 50, "dog": 50}, "1": {"cat": 50, "dog": 50}}}
NONE_LEFT = {"unlabelled": {"0": 0, "1": 0}}
UNSUITED = {
    "crop to another size": (
        {"transforms": [{"name": "RandomCrop", "size": 32, "padding": 4}]},
        {},
        ".transforms: ['RandomCrop'] must turn a uint8 image into one of the same size, here 28×28",
    ),
    "more labels than there are": (
        {"labels": 71},
        {},
        ".labels: class 'dog' has 70 images left for training after the split, but 71 are requested",
    ),
    "nothing without labels": (
        {"pseudo_labels": 0.5},
        NONE_LEFT,
        ".pseudo_labels: no image of the pool is left without a label; lower prepare.labelled_per_class",
    ),
    "no class is short": (
        {"synthetic": 0.5, "synthetic_for": "short"},
        AS_MANY,
        ".synthetic_for: no class is short of images, all have as many; write all, or one number for each class in",
    ),
}
SUITED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "crop to the size of the images": ({"transforms": [{"name": "RandomCrop", "size": 28, "padding": 4}]}, {}),
    "all labels that there are": ({"labels": 70}, {}),
    "images without labels": ({"pseudo_labels": 0.5}, {}),
    "none are asked for": ({}, NONE_LEFT),
    "a class is short": ({"synthetic": 0.5, "synthetic_for": "short"}, {}),
    "all of equally many": ({"synthetic": 0.5}, AS_MANY),
}


@pytest.mark.parametrize(("arm", "changes", "says"), UNSUITED.values(), ids=UNSUITED)
def test_arms_that_do_not_suit_the_data_are_refused_with_the_reason(params, params_file, arm, changes, says):
    place, path = with_arm(params, 5, arm), params_file(params)
    with pytest.raises(InputError) as caught:
        check_against_data(read_params(path), CARD | changes, path)
    assert str(caught.value).removeprefix(f"{path}: {place}").startswith(says)


@pytest.mark.parametrize(("arm", "changes"), SUITED.values(), ids=SUITED)
def test_what_is_close_to_an_unsuited_arm_but_suits_is_taken(params, params_file, arm, changes):
    with_arm(params, 5, arm)
    path = params_file(params)
    check_against_data(read_params(path), CARD | changes, path)


@pytest.mark.parametrize("unlabelled", ["unconditional", "pseudo_labels"])
def test_a_gan_needs_the_images_without_labels_that_it_is_to_learn_from(params, params_file, unlabelled):
    params["train_gan"]["unlabelled"] = unlabelled
    path = params_file(params)
    check_against_data(read_params(path), CARD, path)
    with pytest.raises(InputError, match=r"train_gan.unlabelled: no image of the pool is left without a label"):
        check_against_data(read_params(path), CARD | NONE_LEFT, path)


@pytest.mark.parametrize("side", ["val", "test"])
def test_images_of_one_group_tell_nothing(params, params_file, side):
    path, groups = params_file(params), {"pool": 1, "val": 2, "test": 2}
    check_against_data(read_params(path), CARD | {"groups": groups}, path)
    with pytest.raises(InputError, match=rf"prepare.{side}: all {side} images are of one group"):
        check_against_data(read_params(path), CARD | {"groups": groups | {side: 1}}, path)


def test_weights_of_classes_need_a_discriminator_that_tells_them(params, params_file, told):
    params["train_gan"]["class_weights"] = {"generator": 1.0}
    assert told().startswith("train_gan.class_weights: this discriminator tells no classes")
    params["train_gan"]["network"]["discriminator_conditioning"] = "auxiliary"
    assert read_params(params_file(params)).train_gan.class_weights.generator == 1


def test_transforms_of_the_ensemble_must_suit_the_data_too(params, params_file):
    params["train_ensemble"]["transforms"] = [{"name": "CenterCrop", "size": 20}]
    path = params_file(params)
    with pytest.raises(InputError, match=r"train_ensemble.transforms: \['CenterCrop'\] must turn"):
        check_against_data(read_params(path), CARD, path)


@pytest.mark.parametrize("baseline", [{"ceiling": {"labels": "all"}, "pseudo": {"pseudo_labels": 0.5}}, {}])
def test_an_arm_that_knows_no_more_than_the_labels_is_needed_to_compare_with(params, told, baseline):
    params["arms"]["baseline"] = baseline
    assert told().startswith("arms.baseline: needs at least one arm to compare with that has just the limited labels")


def test_wrong_transform_of_the_ensemble_is_located_by_the_check(params, told):
    params["train_ensemble"]["transforms"] = [{"name": "RandomRotatoin", "degrees": 10}]
    expected = "train_ensemble.transforms: unknown torchvision.transforms.v2 class 'RandomRotatoin'"
    assert told(check_params).startswith(expected)


@pytest.mark.parametrize("policy", ["confidence", "density_ratio"])
def test_a_policy_that_only_puts_in_order_needs_a_pool(params, params_file, told, policy):
    params["generate"]["policy"] = {"name": policy}
    assert told().startswith("generate.pool: must be above 1 with this policy, which only puts candidates in order")
    params["generate"]["drop_copies"] = True  # what is left then is still kept, whatever its order
    assert told().startswith("generate.pool: must be above 1")
    params["generate"]["pool"] = 1.5
    assert read_params(params_file(params)).generate.pool == 1.5


@pytest.mark.parametrize("policy", ["none", "random", "confidence_density", "hard_but_right"])
def test_a_policy_that_refuses_images_or_chooses_nothing_needs_no_pool(params, params_file, policy):
    params["generate"]["policy"] = {"name": policy}
    assert read_params(params_file(params)).generate.pool == 1


def test_unknown_policy_lists_the_known_ones(params, told):
    params["generate"]["policy"] = {"name": "confidense"}
    assert told().startswith(
        "generate.policy: unknown name in policies 'confidense' (did you mean 'confidence'?); choose from: confidence, "
    )


def test_weights_of_inception_are_read_by_the_check(params, told, tmp_path):
    params["generate"]["inception"] = str(tmp_path / "inception.pth")
    place = f"generate.inception: {tmp_path / 'inception.pth'}: Inception cannot be read"
    assert told(check_params).startswith(f"{place} (No such file or directory); download http")
    (tmp_path / "inception.pth").write_bytes(b"weights")
    assert told(check_params).startswith(f"{place} (it does not hold weights of this network)")


def test_transforms_that_are_no_list_are_located(params, told):
    params["arms"]["baseline"]["classical"] = {"transforms": {"name": "RandomRotation"}}
    assert told().startswith("arms.baseline.classical.transforms: write a list such as [{name: RandomRotation")


def test_missing_path_is_told_by_the_check(params, told, tmp_path):
    params["prepare"]["path"] = str(tmp_path / "nowhere")
    assert told(check_params) == f"prepare.path: {tmp_path / 'nowhere'}: no such file or folder"


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.stem)
def test_examples_are_in_order(path):
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
def test_diffaugment_is_a_kind_of_image_or_a_list_of_policies(params, params_file, kind, policies):
    params["train_gan"]["diffaugment"] = kind
    assert read_params(params_file(params)).train_gan.diffaugment == policies


def test_unknown_kind_of_image_lists_the_known_ones(params, told):
    params["train_gan"]["diffaugment"] = "photograph"
    assert told() == (
        "train_gan.diffaugment: unknown kind of image 'photograph' (did you mean 'photographs'?); "
        "choose from: characters, photographs; or give a list of policies"
    )


def test_a_single_policy_without_a_list_is_told_how_to_be_one(params, told):
    params["train_gan"]["diffaugment"] = "affine"
    assert told().endswith("choose from: characters, photographs; or give a list of policies")


FLIP = {"diffaugment": ["flip"]}
CLASSIFIER = {"name": "mlp", "discriminator_conditioning": "classifier"}
REFUSED = {
    "batch norm and a gradient penalty": (
        {"network": {"name": "dcgan"}, "objective": {"name": "hinge", "gradient_penalty": 10}},
        "network: its discriminator has batch norm",
    ),
    "batch norm and wasserstein_gp": (
        {"network": {"name": "dcgan"}, "objective": {"name": "wasserstein_gp"}},
        "network: its discriminator has batch norm",
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
        "objective.consistency: needs policies in diffaugment",
    ),
    "adaptive of differences": (
        {"ada_target": 0.6, "diffaugment": ["flip"], "objective": {"name": "relativistic"}},
        "ada_target: steers by the sign of realness, which has no meaning with this objective",
    ),
    "adaptive what": ({"ada_target": 0.6}, "ada_target: needs policies in diffaugment"),
    "end before start": (
        {"transition_start": 6, "transition_end": 5},
        "transition_end: must not be before transition_start",
    ),
    "start without end": ({"transition_start": 1}, "transition_end: must not be before transition_start"),
    "schedule without end": (
        {"schedule": {"steps": 11}},
        "schedule.steps: must not be more than steps, or its end is never reached",
    ),
    "end after the end": ({"transition_end": 11}, "transition_end: must not be after the last of the steps"),
}
TAKEN = {
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
def test_gans_that_make_no_sense_are_refused_with_the_reason(params, told, changes, expected):
    params["train_gan"] |= changes
    assert told().startswith(f"train_gan.{expected}")


@pytest.mark.parametrize("changes", TAKEN.values(), ids=TAKEN)
def test_what_is_close_to_a_refused_gan_but_makes_sense_is_taken(params, params_file, changes):
    params["train_gan"] |= changes
    assert read_params(params_file(params)).train_gan.steps == 10


def test_a_misspelt_option_of_a_plugin_lists_its_options_and_nothing_else(params, told):
    params["train_gan"]["objective"] = {"name": "hinge", "r3": 1}
    assert told() == (
        "train_gan.objective: unknown parameter 'r3'; choose from: consistency, gradient_penalty, lecam, "
        "penalty_every, r1, r2"
    )
