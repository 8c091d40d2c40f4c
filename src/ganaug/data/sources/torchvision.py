"""torchvision's data sets, read from a local folder or downloaded into it."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError, unknown
from ganaug.data.labels import class_labels
from ganaug.data.sources import SPLITS, Dataset, RawImages


@settings
class Torchvision(Dataset):
    """Any torchvision data set in which each image has one class, with its own splits if it has any."""

    dataset: str
    """Class in torchvision.datasets, such as MNIST, CIFAR10, SVHN or Flowers102; `prepare.path` is its root folder."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """More arguments of the class, such as `{split: letters}` for EMNIST."""

    @classmethod
    def recognise(cls, path: Path) -> dict[str, Any] | None:
        folders = {"MNIST": "MNIST/raw", "FashionMNIST": "FashionMNIST/raw", "CIFAR10": "cifar-10-batches-py"}
        return next(({"dataset": name} for name, folder in folders.items() if (path / folder).is_dir()), None)

    def title(self, path: Path) -> str:
        return self.dataset

    def load(self, path: Path) -> RawImages:
        import torchvision.datasets

        if self.dataset not in torchvision.datasets.__all__:
            raise InputError(
                f"prepare.source.dataset: {unknown('data set', self.dataset, torchvision.datasets.__all__)}"
            )
        parts = self._parts(getattr(torchvision.datasets, self.dataset), path)
        labels, classes = class_labels(np.concatenate([_targets(part) for part in parts.values()]), _classes(parts))
        return RawImages(
            images=_Images(list(parts.values())),
            labels=labels,
            classes=classes,
            names=[f"{self.dataset} image {index}" for index in range(len(labels))],
            splits=np.repeat(list(parts), [len(part) for part in parts.values()]) if len(parts) > 1 else None,
        )

    def _parts(self, factory: Any, path: Path) -> dict[str, Any]:
        """Open the data set's splits, by name; "train" alone if it has none."""
        accepted = inspect.signature(factory).parameters
        if "train" in accepted and "train" not in self.options:
            return {split: self._open(factory, path, train=split == "train") for split in ("train", "test")}
        if "split" not in accepted or "split" in self.options:
            return {"train": self._open(factory, path)}
        parts = {}
        for split, name in ((split, name) for split, names in SPLITS.items() for name in names):
            try:
                parts[split] = self._open(factory, path, split=name)
            except _UnknownSplitError:
                continue
        return parts

    def _open(self, factory: Any, path: Path, **part: Any) -> Any:
        home = path / getattr(factory, "base_folder", f"{self.dataset}/raw")
        accepted = inspect.signature(factory).parameters
        arguments = {**({"root": path} if "root" in accepted else {}), **part, **self.options}
        try:
            try:
                return factory(**arguments)
            except RuntimeError:  # raised by torchvision if the files are missing
                return factory(**arguments, **({"download": True} if "download" in accepted else {}))
        except TypeError as error:
            raise InputError(f"prepare.source.options: {error}; {self.dataset} takes {', '.join(accepted)}") from None
        except (OSError, RuntimeError) as error:
            raise InputError(
                f"{home}: {self.dataset} not found, and the download failed ({error}); put its files there or "
                f"change prepare.path"
            ) from None
        except (AssertionError, EOFError, IndexError, ValueError) as error:
            if "split" in part and repr(part["split"]) in str(error):
                raise _UnknownSplitError from None
            raise InputError(f"{home}: damaged files ({error!r}); delete the folder to download them again") from None


class _UnknownSplitError(Exception):
    """A data set has no split of that name."""


class _Images(Iterable[np.ndarray]):
    """The images of all parts, one after another, as uint8 (H, W, C)."""

    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[np.ndarray]:
        return chain.from_iterable(map(_images, self.parts))


def _images(part: Any) -> Iterator[np.ndarray]:
    data = np.asarray(part.data) if hasattr(part, "data") else np.empty(0)
    if data.dtype == np.uint8 and (data.ndim == 3 or data.shape[3:] == (3,)):  # in memory, like MNIST and CIFAR
        yield from data if data.ndim == 4 else data[..., None]
        return
    for index in range(len(part)):
        image = part[index][0]
        pixels = np.asarray(image if image.mode in ("L", "RGB") else image.convert("RGB"))
        yield pixels if pixels.ndim == 3 else pixels[..., None]


def _targets(part: Any) -> np.ndarray:
    for attribute in ("targets", "labels", "_labels"):
        if hasattr(part, attribute):
            return np.asarray(getattr(part, attribute))
    return np.array([part[index][1] for index in range(len(part))])


def _classes(parts: Mapping[str, Any]) -> list[str] | None:
    """Return the class names, if the data set has them."""
    classes = getattr(next(iter(parts.values())), "classes", None)
    return None if classes is None else [str(name) for name in classes]
