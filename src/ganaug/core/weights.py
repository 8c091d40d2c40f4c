"""Saves and loads trained networks: weights as safetensors, and a JSON spec of the plug-in that builds the network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from ganaug.core.errors import InputError
from ganaug.core.files import write_json
from ganaug.core.plugins import build, describe


@dataclass(frozen=True)
class ModelSpec:
    """Everything needed to rebuild a network, except its weights.

    plugin: the plug-in that builds it. image_shape: channels, height, width. classes: their names, in label order.
    further, attributes: names of the entries that follow the classes in a GAN's condition: further classes, from
    another domain, and attributes that describe images. describer: spec of the plug-in that turns a text into these
    attributes.
    """

    plugin: Any
    image_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    further: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    describer: dict[str, Any] | None = None

    @property
    def condition_size(self) -> int:
        """Length of a GAN's condition vector."""
        return len(self.classes) + len(self.further) + len(self.attributes)

    def save(self, path: Path, **more: Any) -> None:
        """Write the spec as JSON, followed by the JSON-able entries `more`."""
        spec = {"plugin": describe(self.plugin), "image_shape": list(self.image_shape), "classes": list(self.classes)}
        optional = {"further": list(self.further), "attributes": list(self.attributes), "describer": self.describer}
        write_json(path, spec | {key: value for key, value in optional.items() if value} | more)

    @classmethod
    def load(cls, path: Path, package: str) -> Self:
        """Read what `save` wrote; `package` is the plug-in's, such as "gan.networks". Use inside `readable`."""
        spec = json.loads(path.read_text(encoding="utf-8"))
        channels, height, width = spec["image_shape"]
        classes, further, attributes = (tuple(spec.get(key, ())) for key in ("classes", "further", "attributes"))
        built, describer = build(package, spec["plugin"]), spec.get("describer")
        return cls(built, (channels, height, width), classes, further, attributes, describer)


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Within this context, no parameter of `network` gets gradients; afterwards, they get gradients as before."""
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trained:
            parameter.requires_grad_(True)


def save_weights(path: Path, network: nn.Module, without: str | None = None) -> None:
    """Write parameters and buffers as safetensors. without: prefix of names to leave out."""
    state = network.state_dict().items()
    kept = {name: value for name, value in state if without is None or not name.startswith(without)}
    save_file({name: value.detach().cpu().contiguous() for name, value in kept.items()}, path)


def load_weights(path: Path, network: nn.Module, rest: Path | None = None) -> None:
    """Read parameters and buffers into `network`. rest: file with those that `path` lacks. Use inside `readable`."""
    network.load_state_dict((load_file(rest) if rest else {}) | load_file(path))


@contextmanager
def readable(folder: Path, content: str, command: str) -> Iterator[None]:
    """Turn a failure to read `folder` into an InputError with a remedy.

    content: what the folder should hold, such as "ensemble". command: what creates it, such as "dvc repro".
    """
    try:
        yield
    except (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise InputError(f"{folder}: not a readable {content} ({error}); run `{command}` to create it") from None
