"""Reading pretrained weights, and fitting them to a network."""

import os

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from ganaug.classifier.pretrained import load_pretrained, read_weights
from ganaug.core.errors import InputError


class Backbone(nn.Module):
    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, width, 1), nn.BatchNorm2d(width)


def renamed(state: dict) -> dict:
    """Rename the layers as another library names them."""
    return {name.replace("first", "_stem").replace("norm", "_bn0"): value for name, value in state.items()}


def head() -> dict:
    return {"fc.weight": torch.zeros(10, 3), "fc.bias": torch.zeros(10)}


@pytest.fixture
def trained() -> dict:
    """Return the state of a trained network, different in every entry."""
    return {
        name: torch.full_like(value, index + 1) for index, (name, value) in enumerate(Backbone().state_dict().items())
    }


def fitted(path) -> bool:
    """Whether each entry holds its own number, as in `trained`."""
    network = Backbone()
    load_pretrained(network, path)
    return all((value == index + 1).all() for index, value in enumerate(network.state_dict().values()))


@pytest.mark.parametrize("wrapper", [None, "state_dict", "model"])
def test_entries_are_matched_by_name_in_any_order_and_a_head_is_left_out(trained, tmp_path, wrapper):
    content = head() | dict(reversed(trained.items()))
    torch.save(content if wrapper is None else {"epoch": 3, wrapper: content}, tmp_path / "weights.pth")
    assert fitted(tmp_path / "weights.pth")


def test_safetensors_are_read(trained, tmp_path):
    save_file(trained | head(), tmp_path / "weights.safetensors")
    assert fitted(tmp_path / "weights.safetensors")


def test_without_a_common_name_entries_are_matched_in_order(trained, tmp_path):
    torch.save(renamed(trained) | head(), tmp_path / "weights.pth")
    assert fitted(tmp_path / "weights.pth")


def test_order_is_not_trusted_if_names_end_differently(trained, tmp_path):
    # a bias and a running mean have the same shape
    swapped = {name: trained[name] for name in sorted(trained, key=lambda name: name == "first.bias")}
    torch.save(renamed(swapped), tmp_path / "weights.pth")
    with pytest.raises(InputError, match=r"_bn0.weight \(3,\) is in the place of first.bias \(3,\)"):
        fitted(tmp_path / "weights.pth")


def test_safetensors_have_no_order(trained, tmp_path):
    save_file(renamed(trained), tmp_path / "weights.safetensors")
    with pytest.raises(InputError, match=r"it has none of the network's 7 entries, such as first.weight"):
        fitted(tmp_path / "weights.safetensors")


def test_weights_of_another_network_are_refused(trained, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({name: value for name, value in trained.items() if name != "norm.bias"}, path)
    with pytest.raises(
        InputError, match=r"does not fit the network: it lacks 1 of .*7 entries, such as norm.bias; set"
    ):
        load_pretrained(Backbone(), path)
    torch.save(trained, path)
    with pytest.raises(InputError, match=r"first.weight has the shape \(3, 3, 1, 1\) instead of \(4, 3, 1, 1\)"):
        load_pretrained(Backbone(4), path)


def blocks(number: int) -> nn.Module:
    return nn.ModuleDict({"blocks": nn.Sequential(*(nn.Conv2d(3, 3, 1) for _ in range(number))), "top": nn.Identity()})


def test_weights_of_a_larger_network_are_refused_but_a_head_is_left_out(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(blocks(2).state_dict() | {"top.weight": torch.zeros(1), "aux.weight": torch.zeros(1)}, path)
    load_pretrained(blocks(2), path)
    torch.save(blocks(4).state_dict(), path)
    with pytest.raises(InputError, match=r"it has 2 more weights than the network, such as blocks.2.weight; set model"):
        load_pretrained(blocks(2), path)


class Code:
    def __reduce__(self):
        return os.mkdir, ("made_by_a_pickle",)


@pytest.mark.parametrize(
    "content", [Code(), {"first.weight": Code()}, nn.Linear(2, 2)], ids=["code", "beside", "module"]
)
def test_code_is_not_run(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    torch.save(content, "weights.pth")
    with pytest.raises(InputError, match=r"weights.pth: holds more than weights; store the network's state_dict"):
        read_weights(tmp_path / "weights.pth")
    assert not (tmp_path / "made_by_a_pickle").exists()


@pytest.mark.parametrize("content", [{}, [1, 2], {"epoch": 3}])
def test_a_file_without_tensors_by_name_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "weights.pth")
    with pytest.raises(InputError, match="does not hold tensors by name"):
        read_weights(tmp_path / "weights.pth")


@pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors"])
def test_a_broken_or_missing_file_is_refused(tmp_path, name):
    with pytest.raises(InputError, match=f"{name}: weights cannot be read"):
        read_weights(tmp_path / name)
    (tmp_path / name).write_bytes(b"no weights")
    with pytest.raises(InputError, match=name):
        read_weights(tmp_path / name)
