"""Values that each section of params.yaml accepts and refuses."""

import pytest

from ganaug.classifier.ensemble_settings import TrainEnsemble
from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.data.settings import Prepare
from ganaug.data.sources.digits import Digits
from ganaug.experiment.arms.settings import Arm, TrainClassifier
from ganaug.experiment.evaluate_settings import Evaluate, TrainedOn, read_experiment
from ganaug.gan.networks.resnet import ResNet
from ganaug.gan.objectives.hinge import Hinge
from ganaug.gan.settings import TrainGan
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.measure_settings import Measure

PREPARE = {"source": {"name": "digits"}, "path": "data/raw", "test": 0.3, "val": 2, "labelled_per_class": 5}
TRAIN_GAN = {"network": {"name": "resnet"}, "objective": {"name": "hinge"}, "steps": 10}
TRAIN_CLASSIFIER = {"classifier": {"name": "small_cnn"}, "steps": 10}
GENERATE = {"per_class": 10, "policy": {"name": "none"}}


def read(place, schema, path):
    return ParamsFile.load(path).section(place, schema)


COMPLETE = [
    (Prepare, PREPARE),
    (TrainEnsemble, TRAIN_CLASSIFIER),
    (TrainGan, TRAIN_GAN),
    (Generate, GENERATE),
    (Measure, {}),
    (TrainClassifier, TRAIN_CLASSIFIER),
    (Arm, {}),
    (Evaluate, {}),
]


def errors(params_file, schema, content):
    """Return the error messages for a wrong section, one per line, without the file's name."""
    path = params_file({"section": content})
    with pytest.raises(InputError) as caught:
        read("section", schema, path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}: section") for line in lines)
    return [line.removeprefix(f"{path}: ") for line in lines]


@pytest.mark.parametrize(("schema", "content"), COMPLETE)
def test_required_parameters_are_enough(params_file, schema, content):
    assert isinstance(read("section", schema, params_file({"section": content})), schema)


@pytest.mark.parametrize(("schema", "content", "name"), [(s, c, name) for s, c in COMPLETE for name in c])
def test_missing_parameter_is_named(params_file, schema, content, name):
    rest = {key: value for key, value in content.items() if key != name}
    assert errors(params_file, schema, rest) == [f"section: parameter '{name}' is missing"]


@pytest.mark.parametrize(("schema", "content"), COMPLETE)
def test_unknown_parameter_lists_the_known_ones(params_file, schema, content):
    (line,) = errors(params_file, schema, {**content, "vegetable": 1})
    known = sorted(schema.__dataclass_fields__)
    assert line == f"section: unknown parameter 'vegetable'; choose from: {', '.join(known)}"


def test_plugins_and_paths_are_built(params_file):
    path = params_file({"section": PREPARE})
    prepare = read("section", Prepare, path)
    assert (prepare.source, prepare.path) == (Digits(), path.parent / "data/raw")
    gan = read("section", TrainGan, params_file({"section": TRAIN_GAN}))
    assert (gan.network, gan.objective) == (ResNet(), Hinge())


@pytest.mark.parametrize(
    ("change", "read_as"),
    [
        ({"test": None}, None),
        ({"test": 20}, 20),
        ({"test": 0.25}, 0.25),
        ({"size": 32}, 32),
        ({"size": [32, 48]}, (32, 48)),
        ({"channels": 3}, 3),
        ({"labelled_per_class": "all"}, "all"),
        ({"labelled_per_class": {"cat": 5, "dog": 7}}, {"cat": 5, "dog": 7}),
    ],
)
def test_amounts_and_sizes_have_several_notations(params_file, change, read_as):
    ((name, _),) = change.items()
    assert getattr(read("section", Prepare, params_file({"section": PREPARE | change})), name) == read_as


@pytest.mark.parametrize(
    ("schema", "content", "name", "value"),
    [
        *((Prepare, PREPARE, "test", value) for value in (0, -1, 1.5, "most")),
        *((Prepare, PREPARE, "val", value) for value in (0, "some")),
        *((Prepare, PREPARE, "size", value) for value in (7, 257, [32, 32, 3], [4, 32])),
        *((Prepare, PREPARE, "fit", value) for value in ("squash", None)),
        *((Prepare, PREPARE, "background", value) for value in ([0, 0, 256], [0, 0], "red")),
        *((Prepare, PREPARE, "values", value) for value in ("all", [3, 3], [5, 1], {"percentiles": [90, 10]})),
        *((Prepare, PREPARE, "channels", value) for value in (0, 5)),
        *((Prepare, PREPARE, "labelled_per_class", value) for value in (0, "some", {"cat": 0})),
        *((TrainGan, TRAIN_GAN, name, 0) for name in ("steps", "discriminator_steps", "learning_rate", "log_every")),
        (TrainGan, TRAIN_GAN, "batch_size", 1),
        (TrainGan, TRAIN_GAN, "snapshots", 1),
        (TrainGan, TRAIN_GAN, "betas", [0.5, 1.0]),
        (TrainGan, TRAIN_GAN, "trainer", {"precision": "bf16"}),
        *((Generate, GENERATE, name, 0) for name in ("per_class", "candidates_per_image", "truncation")),
        (Generate, GENERATE, "labels", "fuzzy"),
        (TrainEnsemble, TRAIN_CLASSIFIER, "members", 1),
        (TrainClassifier, TRAIN_CLASSIFIER, "weight_decay", -0.1),
        (TrainClassifier, TRAIN_CLASSIFIER, "evaluate_every", 0),
        *((Arm, {}, "synthetic", value) for value in (-0.1, 1.1)),
        *((Evaluate, {}, "confidence_level", value) for value in (0, 1, 95)),
    ],
)
def test_value_out_of_range_is_located_and_shown(params_file, schema, content, name, value):
    lines = errors(params_file, schema, content | {name: value})
    assert all(line.startswith(f"section.{name}") for line in lines)
    assert all("(given: " in line for line in lines)


def test_unknown_diffaugment_lists_the_choices(params_file):
    (line,) = errors(params_file, TrainGan, TRAIN_GAN | {"diffaugment": ["color", "afine"]})
    assert line.startswith(
        "section.diffaugment: unknown augmentation 'afine' (did you mean 'affine'?); choose from: affine, "
    )


@pytest.fixture
def experiment(params_file):
    """Return a function that reads an experiment with these parameters of train_gan."""

    def read(describer=None, **train_gan):
        baseline = {"real": {}, "pseudo": {"pseudo_labels": 0.5}, "all": {"labels": "all"}, "more": {"labels": 20}}
        augmented = {"gan": {"synthetic": [0.5, 0]}, "both": {"synthetic": 0.2, "pseudo_labels": 0.5}}
        content = {
            "replicates": [0, 2],
            "prepare": {"describer": describer},
            "train_gan": train_gan,
            "arms": {"baseline": baseline, "augmented": augmented},
            "evaluate": {"reference": "real"},
        }
        return read_experiment(ParamsFile.load(params_file(content)))

    return read


def test_experiment_has_replicates_arms_and_settings(experiment):
    found = experiment()
    assert found.replicates == (0, 2)
    assert list(found.arms) == ["real", "pseudo", "all", "more", "gan", "both"]
    assert found.arms["gan"].synthetic_shares == (0, 0.5)
    assert found.evaluate == Evaluate(reference="real", confidence_level=0.95)


def test_informed_arms_come_before_those_with_the_gan(params_file):
    arms = {
        "augmented": {"gan": {"synthetic": 1.0}},
        "informed": {"pseudo": {"pseudo_labels": 0.5}},
        "baseline": {"real": {}},
    }
    found = read_experiment(ParamsFile.load(params_file({"replicates": [0], "arms": arms, "evaluate": {}})))
    assert list(found.arms) == ["real", "pseudo", "gan"]
    assert (list(found.baseline), list(found.informed), list(found.augmented)) == (["real"], ["pseudo"], ["gan"])
    assert found.trained_on("pseudo") == TrainedOn.UNLABELLED


def test_arm_is_trained_on_its_own_images_and_those_of_the_gan(experiment):
    trained_on = {name: experiment().trained_on(name).name for name in experiment().arms}
    assert trained_on == {"real": "LABELS", "pseudo": "UNLABELLED", "all": "MORE_LABELS", "more": "MORE_LABELS",
                     "gan": "LABELS", "both": "UNLABELLED"}  # fmt: skip
    semi_supervised = experiment(unlabelled="unconditional")
    assert semi_supervised.trained_on("gan").name == "UNLABELLED"
    assert semi_supervised.trained_on("real").name == "LABELS"
    translating = experiment(other_domain_share=0.5)
    assert translating.trained_on("both") == TrainedOn.UNLABELLED | TrainedOn.OTHER_DOMAIN
    assert translating.trained_on("pseudo") == TrainedOn.UNLABELLED
    described = experiment({"name": "bag_of_words"})
    assert described.trained_on("gan") == TrainedOn.DESCRIPTIONS
    assert described.trained_on("real") == TrainedOn.LABELS
    pretrained = experiment(network={"name": "projected", "weights": "a.pth"})
    assert pretrained.trained_on("both") == TrainedOn.UNLABELLED | TrainedOn.PRETRAINED
    assert pretrained.trained_on("real") == TrainedOn.LABELS
    assert experiment(network={"name": "projected", "weights": "none"}).trained_on("gan") == TrainedOn.LABELS
    with_other = translating._replace(baseline={"real": Arm(other_domain=0.5)})
    assert with_other.trained_on("real") == TrainedOn.OTHER_DOMAIN


def test_arms_with_a_pretrained_classifier_know_as_much_as_a_pretrained_gan(params_file):
    arms = {"baseline": {"real": {}}, "augmented": {"gan": {"synthetic": 0.5}}}
    content = {"replicates": [0], "train_classifier": {"classifier": {"name": "timm", "weights": "a.pth"}}}
    found = read_experiment(ParamsFile.load(params_file(content | {"arms": arms, "evaluate": {}})))
    assert found.trained_on("real") == found.trained_on("gan") == TrainedOn.PRETRAINED


def test_what_a_pretrained_ensemble_judges_or_labels_knows_its_weights(params_file):
    arms = {
        "baseline": {"real": {}},
        "informed": {"pseudo": {"pseudo_labels": 0.5}, "other": {"other_domain": 0.5}},
        "augmented": {"gan": {"synthetic": 0.5}},
    }
    content = {"replicates": [0], "train_ensemble": {"classifier": {"name": "timm", "weights": "hub"}}}
    found = read_experiment(ParamsFile.load(params_file(content | {"arms": arms, "evaluate": {}})))
    known = {name: TrainedOn.PRETRAINED in found.trained_on(name) for name in found.arms}
    assert known == {"real": False, "pseudo": True, "other": True, "gan": True}


@pytest.mark.parametrize("wrong", [None, 3, []])
def test_a_train_gan_that_is_no_mapping_is_named(params_file, wrong):
    arms = {"baseline": {"real": {}}, "augmented": {"gan": {"synthetic": 0.5}}}
    content = {"replicates": [0], "train_gan": wrong, "arms": arms, "evaluate": {}}
    with pytest.raises(InputError, match=r"params\.yaml: train_gan: must be a mapping"):
        read_experiment(ParamsFile.load(params_file(content)))
