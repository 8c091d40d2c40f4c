"""Every cell of the bench is a valid experiment and a fair comparison."""

from pathlib import Path

import pytest
from cells import DATA, IMBALANCED, params
from ruamel.yaml import YAML

from ganaug.core.config import ParamsFile
from ganaug.experiment.evaluate_settings import TrainedOn, read_experiment
from ganaug.experiment.params import read_params


@pytest.fixture(params=[(name, regime) for name, data in DATA.items() for regime in data.regimes], ids="/".join)
def cell(request, tmp_path):
    """Return the regime and the path of params.yaml."""
    dataset, regime = request.param
    path = tmp_path / "params.yaml"
    YAML().dump(params(dataset, regime, Path("data/raw"), 3), path)
    return regime, path


def test_every_cell_is_valid(cell):
    regime, path = cell
    read = read_params(ParamsFile.load(path))
    assert read.replicates == (0, 1, 2)
    assert (read.train_gan.unlabelled == "ignore") == (regime != "unlabelled")
    assert isinstance(read.prepare.labelled_per_class, int) == (regime not in IMBALANCED)


def test_every_cell_has_a_reference_that_was_trained_on_as_much_as_the_gan(cell):
    regime, path = cell
    experiment = read_experiment(ParamsFile.load(path))
    level = max(experiment.trained_on(name) for name in experiment.augmented)
    assert level == (TrainedOn.UNLABELLED if regime == "unlabelled" else TrainedOn.LABELS)
    assert any(experiment.trained_on(name) == level for name in {**experiment.baseline, **experiment.informed})
    assert all(
        0 in arm.synthetic_shares for arm in experiment.augmented.values()
    )  # no arm is forced to use synthetic images
