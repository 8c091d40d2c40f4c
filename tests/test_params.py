"""All of params.yaml together: what can be known to be wrong before anything long starts."""

from pathlib import Path

import pytest

from ganaug.errors import InputError
from ganaug.params import check_params, read_params

ROOT = Path(__file__).parents[1]


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
        "train_gan": {"network": {"name": "resnet"}, "objective": {"name": "hinge"}, "steps": 10},
        "generate": {"per_class": 10},
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
        "choose from: arms, evaluate, generate, prepare, replicates, seed, train_classifier, train_gan"
    )


@pytest.mark.parametrize(
    "section", ["seed", "replicates", "prepare", "train_gan", "generate", "train_classifier", "arms", "evaluate"]
)
def test_missing_section_is_named(params, told, section):
    del params[section]
    assert told() == f"section '{section}' is missing"


@pytest.mark.parametrize("groups", [{"baseline": {}}, {"baseline": {}, "augmentd": {}}])
def test_arms_need_their_two_groups(params, told, groups):
    params["arms"] = groups
    assert told() == f"arms: needs the two groups 'baseline' and 'augmented', has {sorted(groups)}"


def test_arms_need_something_to_compare_with(params, told):
    params["arms"]["baseline"] = {}
    assert told() == "arms.baseline: needs at least one arm to compare with, such as real: {}"


@pytest.mark.parametrize("arm", [{"synthetic": 0.1}, {"discriminator": True}])
def test_baseline_does_not_use_the_gan(params, told, arm):
    params["arms"]["baseline"]["real"] = arm
    assert told() == "arms.baseline.real: move the arm to arms.augmented to use the GAN"


def test_augmented_arm_uses_the_gan(params, told):
    params["arms"]["augmented"]["gan"] = {"synthetic": 0}
    assert told() == "arms.augmented.gan.synthetic: 0 uses no synthetic image; move the arm to arms.baseline"


def test_arms_of_one_name_are_refused(params, told):
    params["arms"]["augmented"]["real"] = {"synthetic": 0.5}
    assert told() == "arms.augmented.real: there is a baseline arm of this name; rename one"


def test_misspelt_parameter_of_an_arm_is_located(params, told):
    params["arms"]["augmented"]["gan"] = {"synthetc": 0.5}
    assert told().startswith("arms.augmented.gan: unknown parameter 'synthetc' (did you mean 'synthetic'?)")


def test_reference_is_one_of_the_arms(params, told):
    params["evaluate"]["reference"] = "clasical"
    assert told() == (
        "evaluate.reference: unknown arm 'clasical' (did you mean 'classical'?); choose from: classical, gan, real"
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


def test_transforms_that_are_no_list_are_located(params, told):
    params["arms"]["baseline"]["classical"] = {"transforms": {"name": "RandomRotation"}}
    assert told().startswith("arms.baseline.classical.transforms: write a list such as [{name: RandomRotation")


def test_missing_path_is_told_by_the_check(params, told, tmp_path):
    params["prepare"]["path"] = str(tmp_path / "nowhere")
    assert told(check_params) == f"prepare.path: {tmp_path / 'nowhere'}: no such file or folder"


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.stem)
def test_examples_are_in_order(path):
    assert read_params(path).augmented
