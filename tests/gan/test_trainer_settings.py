"""Section train_gan.trainer: checked before any training starts, and passed to Lightning."""

import csv
import subprocess
import sys
from importlib.util import find_spec

import pytest
from quick_ensemble import quick_evaluators

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.files import read_rows
from ganaug.gan.settings import TrainGan
from ganaug.gan.trainer_settings import TrainerSettings
from ganaug.gan.training import GanRun, GanSets, train_gan

PLAIN = {"network": {"name": "mlp", "z_dim": 3, "hidden": 4}, "objective": {"name": "hinge"}, "steps": 4}


def test_settings_do_not_import_lightning():
    code = "import sys, ganaug.gan.settings; sys.exit('pytorch_lightning' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_loggers_are_read_from_yaml(params_file):
    spec = {"name": "CSVLogger", "save_dir": "logs"}
    file = params_file({"train_gan": PLAIN | {"trainer": {"loggers": [spec]}}})
    assert ParamsFile.load(file).section("train_gan", TrainGan).trainer.loggers == (spec,)


@pytest.mark.parametrize(
    ("loggers", "message"),
    [
        ("CSVLogger", r"trainer\.loggers: write a list such as \[\{name: CSVLogger, save_dir: logs\}\]"),
        ([{"save_dir": "logs"}], r"trainer\.loggers: write a list such as"),
        (
            [{"name": "CsvLogger"}],
            r"unknown Lightning logger 'CsvLogger' \(did you mean 'CSVLogger'\?\); choose from: .*",
        ),
        ([{"name": "Logger"}], r"unknown Lightning logger 'Logger'"),
        ([{"name": "CSVLogger"}], r"trainer\.loggers: CSVLogger: missing a required argument: 'save_dir'"),
        ([{"name": "nowhere.Logger"}], r"nowhere\.Logger: No module named 'nowhere'; install the package"),
        ([{"name": "pathlib.Nothing"}], r"pathlib\.Nothing: .* no attribute 'Nothing'"),
        ([{"name": "pathlib.Path"}], r"pathlib\.Path is not a subclass of pytorch_lightning\.loggers\.Logger"),
        ([{"name": "CSVLogger", "save_dir": "logs", "folder": "x"}], r"CSVLogger: got an unexpected keyword argument"),
    ],
)
def test_a_wrong_logger_is_refused_with_the_choices(params_file, loggers, message):
    file = params_file({"train_gan": PLAIN | {"trainer": {"loggers": loggers}}})
    with pytest.raises(InputError, match=rf"params\.yaml: train_gan\..*{message}"):
        ParamsFile.load(file).section("train_gan", TrainGan)


def train(folder, images, loggers):
    chosen = TrainGan(
        **PLAIN,
        batch_size=4,
        log_every=2,
        snapshots=2,
        trainer=TrainerSettings(loggers=tuple(loggers)),
    )
    sets = GanSets(images, images, images.without_labels())
    train_gan(chosen, sets, quick_evaluators(sets), 0, GanRun("gan", folder / "work"), folder / "out")
    return {str(file.relative_to(folder / "out")): file.read_bytes() for file in (folder / "out").rglob("*.*")}


def test_lightnings_loggers_get_the_rows_of_the_history_and_the_settings(two_colours, tmp_path):
    images = two_colours(10)
    logged = train(tmp_path / "logged", images, [{"name": "CSVLogger", "save_dir": str(tmp_path / "logs")}])
    (metrics,) = (tmp_path / "logs").rglob("metrics.csv")
    with metrics.open() as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert rows == [pytest.approx(row, abs=1e-6) for row in read_rows(tmp_path / "logged/out/history.csv")]
    (hyperparameters,) = (tmp_path / "logs").rglob("hparams.yaml")
    assert "steps: 4" in hyperparameters.read_text().splitlines()
    assert train(tmp_path / "plain", images, []) == logged  # loggers are no part of the result


@pytest.mark.skipif(find_spec("wandb") is not None, reason="wandb is installed")
def test_a_logger_whose_package_is_not_installed_is_refused_before_the_first_step(two_colours, tmp_path):
    with pytest.raises(InputError, match=r"train_gan\.trainer\.loggers: WandbLogger: .*wandb"):
        train(tmp_path, two_colours(10), [{"name": "WandbLogger"}])


def test_a_logger_of_another_package_is_named_in_full(two_colours, tmp_path, monkeypatch):
    module = tmp_path / "my_loggers.py"
    module.write_text("from pytorch_lightning.loggers import CSVLogger\n\n\nclass Mine(CSVLogger):\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    train(tmp_path / "logged", two_colours(10), [{"name": "my_loggers.Mine", "save_dir": str(tmp_path / "logs")}])
    assert len(list((tmp_path / "logs").rglob("metrics.csv"))) == 1
