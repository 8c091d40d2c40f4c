"""The choice of the precision of GAN training."""

import runpy
from pathlib import Path

import pytest
import torch

from ganaug.core.paths import Paths
from ganaug.gan import precision
from ganaug.gan.objectives.hinge import Hinge
from ganaug.gan.precision import choose, measure
from ganaug.gan.settings import TrainGan
from ganaug.gan.trainer_settings import TrainerSettings

SCRIPT = Path(__file__).parents[2] / "pipeline/choose_precision.py"


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        ({"32-true": 10.0, "bf16-mixed": 50.0}, "32-true"),
        ({"32-true": 10.0, "bf16-mixed": 9.5}, "32-true"),  # noise, and other results
        ({"32-true": 10.0, "bf16-mixed": 9.0}, "bf16-mixed"),
        ({"32-true": 10.0, "bf16-mixed": 5.0, "16-mixed": 4.0}, "16-mixed"),
    ],
)
def test_another_precision_must_be_clearly_faster(milliseconds, expected):
    assert choose(milliseconds) == expected


def test_each_precision_is_measured_in_turn(monkeypatch):
    seen = []

    def convolution(x, w, padding):
        seen.append(torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else x.dtype)
        return torch.conv2d(x, w, padding=padding)

    monkeypatch.setattr(precision, "conv2d", convolution)
    monkeypatch.setattr(precision, "ROUNDS", 1)
    milliseconds = measure(TrainerSettings(accelerator="cpu", precision="auto"))
    assert list(milliseconds) == ["32-true", "bf16-mixed"]
    assert min(milliseconds.values()) > 0
    assert seen == [torch.float32, torch.bfloat16] * 2


def stage(tmp_path, params_file, given):
    params_file({"train_gan": {"trainer": {"precision": given}}})
    runpy.run_path(str(SCRIPT))["main"](Paths(tmp_path))
    return Paths(tmp_path).precision.read_text()


def test_a_given_precision_is_kept_without_measuring(tmp_path, params_file, monkeypatch):
    monkeypatch.setattr(precision, "measure", None)
    assert stage(tmp_path, params_file, "16-mixed") == "16-mixed\n"


def test_auto_becomes_what_is_fastest_and_says_so(tmp_path, params_file, monkeypatch, capsys):
    monkeypatch.setattr(precision, "measure", lambda settings: {"32-true": 20.0, "bf16-mixed": 8.25})
    assert stage(tmp_path, params_file, "auto") == "bf16-mixed\n"
    assert capsys.readouterr().out == (
        "note: precision bf16-mixed; one convolution takes 32-true 20.0 ms, bf16-mixed 8.2 ms\n"
    )


def test_only_auto_is_replaced():
    def precision_of(given):
        settings = TrainGan(network={"name": "mlp"}, objective=Hinge(), steps=1, trainer={"precision": given})
        return settings.with_precision("bf16-mixed").trainer.precision

    assert [precision_of(given) for given in ("auto", "32-true", "16-mixed")] == ["bf16-mixed", "32-true", "16-mixed"]
