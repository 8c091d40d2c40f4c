"""Reads pretrained weights without running code from their files, and loads them into a network."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ganaug.core.errors import InputError

WRAPPERS = ("state_dict", "model")
"""Keys under which training scripts store the weights beside other things."""

VERSIONS = "_metadata"
"""Attribute of a state dict that holds the version of each module's entries."""


def load_pretrained(network: nn.Module, path: Path) -> None:
    """Copy the weights in `path` into `network`, which has no head: the file's last entries may belong to a head.

    Entries are matched by name, including names that the network's modules recognise from earlier versions. If no name
    matches, as in files of another library, they are matched in order, and the last part of each name (`weight`,
    `running_mean`, …) and each shape must agree.

    Raises InputError if the file cannot be read, or does not fit.
    """
    stored, wanted = read_weights(path), network.state_dict()
    names_match = any(name in stored for name in wanted)
    fitting = OrderedDict(_but_for_dots(wanted, stored) if names_match else _in_order(wanted, stored, path))
    for name, value in wanted.items():
        if name in fitting and fitting[name].shape != value.shape:
            shapes = " instead of ".join(str(tuple(tensor.shape)) for tensor in (fitting[name], value))
            raise _misfit(path, f"{name} has the shape {shapes}")
    # the version of each module's entries, by which modules recognise earlier names; safetensors have none
    versions = getattr(stored if names_match else wanted, VERSIONS, getattr(wanted, VERSIONS))
    fitting._metadata = versions  # type: ignore[attr-defined]
    missing, unknown = network.load_state_dict(fitting, strict=False)
    if missing:
        raise _misfit(path, f"it lacks {len(missing)} of the network's {len(wanted)} entries, such as {missing[0]}")
    letters = {name.replace(".", "") for name in wanted}
    further = [key for key in unknown if key.replace(".", "") not in letters and _is_of_a_further_layer(key, network)]
    if further:
        raise _misfit(path, f"it has {len(further)} more weights than the network, such as {further[0]}")


def read_weights(path: Path) -> Mapping[str, Tensor]:
    """Return the tensors in a file of safetensors or of PyTorch, by name, in the file's order, on the CPU.

    Pickled code in PyTorch's files is refused. Raises InputError if the file cannot be read.
    """
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path}: weights cannot be read ({error}); set weights to another file") from None
    except Exception:  # PyTorch has no exception type of its own for invalid files
        raise InputError(
            f"{path}: holds more than weights; store the network's state_dict() as safetensors or with torch.save"
        ) from None
    wrapper = next(
        (key for key in WRAPPERS if isinstance(content, Mapping) and isinstance(content.get(key), Mapping)), None
    )
    content = content if wrapper is None else content[wrapper]
    tensors = isinstance(content, Mapping) and all(isinstance(value, Tensor) for value in content.values())
    if not tensors or not content:
        raise InputError(f"{path}: does not hold tensors by name; store the network's state_dict()")
    return content


def _but_for_dots(wanted: Mapping[str, Tensor], stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the file's entries, also under names of the network that differ only in dots.

    torchvision's files of DenseNet have `norm.1` where names can no longer contain such a dot.
    """
    plain = {name.replace(".", ""): value for name, value in stored.items()}
    others = ((name, name.replace(".", "")) for name in wanted if name not in stored)
    return {**stored, **{name: plain[letters] for name, letters in others if letters in plain}}


def _in_order(wanted: Mapping[str, Tensor], stored: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Return the file's entries under the network's names. A safetensors file has lost the order: it sorts names."""
    if path.suffix == ".safetensors" or len(stored) < len(wanted):
        raise _misfit(path, f"it has none of the network's {len(wanted)} entries, such as {next(iter(wanted))}")
    for name, other in zip(wanted, stored, strict=False):
        if _kind(name) != _kind(other) or wanted[name].shape != stored[other].shape:
            raise _misfit(
                path,
                f"names differ, and {other} {tuple(stored[other].shape)} is in the place of {name} "
                f"{tuple(wanted[name].shape)}",
            )
    return dict(zip(wanted, stored.values(), strict=False))


def _is_of_a_further_layer(name: str, network: nn.Module) -> bool:
    """Whether an entry that the network lacks belongs to a layer among its own, and so to a larger network.

    A removed head leaves an identity or nothing in its place.
    """
    parts = name.split(".")
    above = {".".join(parts[:depth]) for depth in range(1, len(parts))}
    removed = any(isinstance(layer, nn.Identity) for place, layer in network.named_modules() if place in above)
    return _kind(name) == "weight" and parts[0] in dict(network.named_children()) and not removed


def _kind(name: str) -> str:
    return name.rpartition(".")[2]


def _misfit(path: PurePosixPath | Path, problem: str) -> InputError:
    return InputError(f"{path}: does not fit the network: {problem}; set model to the network of these weights")
