"""torchvision's data sets of small images, by name: used from a local folder, else downloaded into it."""

from pathlib import Path
from typing import Literal

import numpy as np

from ganaug.config import settings
from ganaug.datasets import Dataset, RawImages
from ganaug.errors import InputError


@settings
class Torchvision(Dataset):
    """A data set of torchvision, with the test set that belongs to it."""

    dataset: Literal["MNIST", "FashionMNIST", "KMNIST", "CIFAR10"]
    """Name of the class in torchvision.datasets; `prepare.path` is its root folder."""

    def load(self, path: Path) -> RawImages:
        import torchvision.datasets

        factory = getattr(torchvision.datasets, self.dataset)
        parts = []
        for train in (True, False):
            try:
                parts.append(factory(path, train=train))
            except RuntimeError:  # torchvision's word for files that are not there or not whole
                parts.append(self._download(factory, path, train))
        images = np.concatenate([np.asarray(part.data) for part in parts])
        labels = np.concatenate([np.asarray(part.targets) for part in parts]).astype(np.int64)
        return RawImages(
            images=images if images.ndim == 4 else images[..., None],
            labels=labels,
            classes=tuple(parts[0].classes),
            names=[f"{self.dataset} image {index}" for index in range(len(images))],
            test=np.repeat([False, True], [len(part) for part in parts]),
        )

    def _download(self, factory: type, path: Path, train: bool):  # type: ignore[no-untyped-def]
        try:
            return factory(path, train=train, download=True)
        except (OSError, RuntimeError) as error:
            raise InputError(
                f"{path}: {self.dataset} is not there and could not be downloaded ({error}); put its files where "
                f"torchvision looks for them, such as {path}/{self.dataset}/raw/, or name another prepare.path"
            ) from None
