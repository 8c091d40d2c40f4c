"""Data parallelism on two CPU processes: the same results as on one, even after resuming."""

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import gan_on_devices
import pytest
from gan_on_devices import train
from project import warm_server
from safetensors.torch import load_file

from ganaug.core.errors import InputError
from ganaug.core.files import read_rows
from ganaug.gan.settings import TrainGan
from ganaug.gan.trainer_settings import TrainerSettings

TIMEOUT = 300


def train_on_two(folder: Path, changes: dict[str, Any], fail_after: int | None = None) -> int:
    """Train in processes of their own, and return the first one's exit status."""
    command = [*shlex.split(warm_server()), "python", gan_on_devices.__file__, folder, 2, json.dumps(changes)]
    command += [] if fail_after is None else [fail_after]
    environment = {name: value for name, value in os.environ.items() if name not in ("LOCAL_RANK", "WORLD_SIZE")}
    return subprocess.run(list(map(str, command)), env=environment, timeout=TIMEOUT).returncode


def histories(folder: Path, changes: dict[str, Any]) -> list[list[dict[str, float]]]:
    """Train on one device and on two, in `one` and `two`, and return both histories."""
    assert train_on_two(folder / "two", changes) == 0
    train(folder / "one", 1, changes)
    return [read_rows(folder / name / "out/history.csv") for name in ("one", "two")]


EVERYTHING = {
    "network": {"name": "mlp", "z_dim": 3, "hidden": 8, "discriminator_conditioning": "auxiliary"},
    "objective": {"name": "hinge", "r1": 1.0, "r2": 1.0, "gradient_penalty": 1.0, "lecam": 0.3},
    "class_weights": {"fake": 1.0},
    "discriminator_steps": 2,
    "steps": 5,
}
PSEUDO_LABELS = {
    "network": {"name": "mlp", "z_dim": 3, "hidden": 8},
    "objective": {"name": "relativistic"},
    "unlabelled": "pseudo_labels",
    "pseudo_label_threshold": 0.0,
    "steps": 3,
}
UNCONDITIONAL = EVERYTHING | {"unlabelled": "unconditional", "steps": 3}
TRANSLATING = UNCONDITIONAL | {"network": {"name": "painter", "discriminator_conditioning": "auxiliary"}}
MISMATCHED = {
    "network": {"name": "stackgan", "z_dim": 4, "condition_dim": 2, "channels": 4, "blocks": 1},
    "objective": {"name": "non_saturating"},
    "unlabelled": "unconditional",
    "steps": 3,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [EVERYTHING, PSEUDO_LABELS, UNCONDITIONAL, TRANSLATING, MISMATCHED],
    ids=["all", "pseudo", "unconditional", "translating", "mismatched"],
)
def test_two_devices_train_like_one(tmp_path, changes):
    one, two = histories(tmp_path, changes)
    assert len(one) == len(two)
    for expected, row in zip(one, two, strict=True):
        assert row == pytest.approx(expected, rel=1e-4, abs=1e-5)
    for name in ("generator", "discriminator"):
        expected, found = (load_file(tmp_path / folder / f"out/{name}.safetensors") for folder in ("one", "two"))
        for key, value in expected.items():
            assert found[key].numpy() == pytest.approx(value.numpy(), rel=1e-3, abs=1e-5)


RESNET = {
    "steps": 50,
    "network": {"name": "resnet", "z_dim": 8, "channels": 4},
    "objective": {"name": "hinge", "lecam": 0.3},
}
STYLEGAN2 = {
    "steps": 50,
    "network": {"name": "stylegan2", "z_dim": 8, "channels": 4},
    "objective": {"name": "non_saturating", "r1": 1.0},
    "diffaugment": ["color", "affine"],
    "ada_target": 0.1,
    "ada_images": 80,
}


WIDTHS = STYLEGAN2 | {"network": STYLEGAN2["network"] | {"widths": [0.25, 0.5], "halvings": 1}}
REMEMBERING = {
    "steps": 12,
    "network": {"name": "cyclegan", "channels": 4, "blocks": 1, "history": 3},
    "objective": {"name": "least_squares"},
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes", [RESNET, STYLEGAN2, WIDTHS, REMEMBERING], ids=["resnet", "stylegan2", "widths", "history"]
)
def test_two_devices_have_the_losses_of_one_over_many_steps(tmp_path, changes):
    """Batch norm, minibatch deviation, noise in layers, LeCam, adaptive augmentation and a history of fakes included.

    Weights may differ: a bias before a batch norm has no gradient but rounding errors, which Adam makes into steps.
    """
    one, two = histories(tmp_path, changes)
    assert len(one) == len(two) == changes["steps"]
    for expected, row in zip(one, two, strict=True):
        names = [name for name in row if name.startswith(("d_", "g_"))]
        assert [row[name] for name in names] == pytest.approx([expected[name] for name in names], rel=1e-4, abs=1e-5)


AUGMENTED = {
    "network": {"name": "dcgan", "z_dim": 3, "channels": 2},
    "objective": {"name": "non_saturating", "lecam": 0.3},
    "diffaugment": ["color", "affine"],
    "ada_target": 0.1,
    "ada_images": 80,
    "checkpoint_every": 3,
    "steps": 5,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes", [AUGMENTED, REMEMBERING | {"checkpoint_every": 3, "steps": 5}], ids=["augmented", "history"]
)
def test_a_killed_run_on_two_devices_resumes_bit_for_bit(tmp_path, changes):
    assert train_on_two(tmp_path / "whole", changes) == 0
    assert train_on_two(tmp_path / "killed", changes, fail_after=4) != 0
    assert (tmp_path / "killed/work/last.ckpt").exists()
    assert not (tmp_path / "killed/out").exists()
    assert train_on_two(tmp_path / "killed", changes) == 0
    expected, found = (
        {file.name: file.read_bytes() for file in (tmp_path / name / "out").rglob("*.*")}
        for name in ("whole", "killed")
    )
    assert found == expected
    assert not (tmp_path / "killed/work").exists()


PLAIN = {"network": {"name": "mlp"}, "objective": {"name": "hinge"}, "steps": 1}
THREE = TrainerSettings(devices=3, strategy="ddp_find_unused_parameters_true")


def test_several_devices_need_the_strategy_that_finds_unused_parameters():
    with pytest.raises(InputError, match=r"trainer\.strategy: .* need ddp_find_unused_parameters_true"):
        TrainerSettings(devices=2)


def test_every_device_gets_the_same_number_of_images():
    TrainGan(**PLAIN, batch_size=6, trainer=THREE)
    for size in (3, 8):
        with pytest.raises(InputError, match=r"batch_size: must be a multiple of trainer\.devices \(3\)"):
            TrainGan(**PLAIN, batch_size=size, trainer=THREE)
    with pytest.raises(InputError, match=r"unlabelled_share: leaves 5 labelled images .* multiple of trainer\.devices"):
        TrainGan(**PLAIN, batch_size=9, trainer=THREE, unlabelled="unconditional")
