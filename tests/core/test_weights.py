"""Saved specs and weights."""

import json

import pytest
import torch
from torch import nn

from ganaug.classifier.architectures.small_cnn import SmallCNN
from ganaug.core.errors import InputError
from ganaug.core.weights import ModelSpec, load_weights, readable, save_weights

SPEC = ModelSpec(SmallCNN(channels=4), (3, 8, 9), ("cat", "dög"))
PACKAGE = "classifier.architectures"


def test_a_spec_loads_as_it_was_saved(tmp_path):
    SPEC.save(tmp_path / "spec.json")
    assert ModelSpec.load(tmp_path / "spec.json", PACKAGE) == SPEC


def test_a_spec_may_have_more_entries(tmp_path):
    SPEC.save(tmp_path / "spec.json", members=[1, 2])
    assert ModelSpec.load(tmp_path / "spec.json", PACKAGE) == SPEC
    assert json.loads((tmp_path / "spec.json").read_text(encoding="utf-8"))["members"] == [1, 2]


def test_weights_load_as_they_were_saved(tmp_path):
    saved, loaded = (nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)) for _ in range(2))
    saved.to(memory_format=torch.channels_last)(torch.rand(4, 1, 8, 8))  # batch norm's statistics are part of it
    save_weights(tmp_path / "weights.safetensors", saved)
    load_weights(tmp_path / "weights.safetensors", loaded)
    for name, value in saved.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value), name


def test_other_weights_do_not_fit(tmp_path):
    save_weights(tmp_path / "weights.safetensors", nn.Linear(2, 3))
    with pytest.raises(InputError), readable(tmp_path, "network", "dvc repro"):
        load_weights(tmp_path / "weights.safetensors", nn.Linear(2, 2))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"plugin": {"name": "small_cnn"',
        b'{"plugin": {"name": "smal_cnn"}, "image_shape": [1, 8, 8], "classes": ["a"]}',
        b'{"plugin": {"name": "small_cnn"}, "image_shape": [8, 8], "classes": ["a"]}',
        b"\xff\xfe",
    ],
    ids=["empty", "no entries", "a list", "cut off", "unknown plug-in", "two sizes", "not text"],
)
def test_an_unreadable_spec_is_an_input_error(tmp_path, content):
    (tmp_path / "spec.json").write_bytes(content)
    with pytest.raises(InputError), readable(tmp_path, "network", "dvc repro"):
        ModelSpec.load(tmp_path / "spec.json", PACKAGE)


def test_the_error_names_folder_content_and_remedy(tmp_path):
    with (
        pytest.raises(InputError, match=rf"{tmp_path}: not a readable network \(.*\); run `dvc repro x` to create it"),
        readable(tmp_path, "network", "dvc repro x"),
    ):
        ModelSpec.load(tmp_path / "spec.json", PACKAGE)
    with (
        pytest.raises(InputError, match=f"{tmp_path}: not a readable network"),
        readable(tmp_path, "network", "dvc repro x"),
    ):
        load_weights(tmp_path / "none.safetensors", nn.Linear(1, 1))
