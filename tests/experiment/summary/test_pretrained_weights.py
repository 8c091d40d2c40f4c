"""The pretrained weights that a run started from, and their users."""

import pytest

from ganaug.core.errors import InputError
from ganaug.core.files import write_json
from ganaug.core.paths import Paths
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.evaluate_settings import Evaluate, Experiment, TrainedOn
from ganaug.experiment.summary.pretrained_weights import CLASSIFIERS, ENSEMBLES, GANS, described, pretrained_weights

FIRST = {"model": "resnet18", "library": "timm 1.0", "weights": "a.pth", "sha256": "12ab"}
SECOND = FIRST | {"weights": "hub:timm/resnet18@1", "license": "apache-2.0", "sha256": "34cd"}
ARMS = {"teacher": Arm(discriminator=True), "gan": Arm(synthetic=0.5)}
EXPERIMENT = Experiment((3, 4), {"real": Arm()}, ARMS, Evaluate(), TrainedOn.LABELS)


@pytest.fixture
def found(tmp_path):
    """Return a function that writes the records of stages, and returns the run's list."""
    paths = Paths(tmp_path)

    def run(arms=None, ensemble=None, gan=None):
        for file, told in (
            (paths.arm("real", 3) / "classifier.json", arms),
            (paths.arm("gan", 3) / "classifier.json", arms),
            (paths.synthetic_report(3) / "quality.json", ensemble),
            (paths.gan(3) / "training.json", gan),
        ):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_json(file, {"pretrained": told} if told else {})
        return pretrained_weights(EXPERIMENT, paths)

    return run


def test_each_file_has_one_entry_with_all_that_started_from_it(found):
    assert found() == {}
    assert found(arms=FIRST) == {"pretrained": [FIRST | {"used_by": [CLASSIFIERS]}]}
    assert found(FIRST, FIRST, FIRST) == {"pretrained": [FIRST | {"used_by": [CLASSIFIERS, ENSEMBLES, GANS]}]}
    assert found(FIRST, SECOND, FIRST) == {
        "pretrained": [FIRST | {"used_by": [CLASSIFIERS, GANS]}, SECOND | {"used_by": [ENSEMBLES]}]
    }


def test_facts_that_are_not_known_are_left_out(found):
    assert [described(one) for one in found(arms=FIRST, gan=SECOND)["pretrained"]] == [
        "a.pth of resnet18 (timm 1.0), SHA-256 12ab",
        "hub:timm/resnet18@1 of resnet18 (timm 1.0, apache-2.0), SHA-256 34cd",
    ]


def test_a_missing_record_is_an_error(found, tmp_path):
    found()
    (Paths(tmp_path).gan(3) / "training.json").unlink()
    with pytest.raises(InputError, match=r"training\.json"):
        pretrained_weights(EXPERIMENT, Paths(tmp_path))
