"""torchvision's data sets of small images, read from a local folder or downloaded into it."""

from pathlib import Path
from typing import Any, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.data.sources import Dataset, RawImages


@settings
class Torchvision(Dataset):
    """A torchvision data set with its own test set."""

    dataset: Literal["MNIST", "FashionMNIST", "KMNIST", "CIFAR10"]
    """Class in torchvision.datasets; `prepare.path` is its root folder."""

    def title(self, path: Path) -> str:
        return self.dataset

    def load(self, path: Path) -> RawImages:
        import torchvision.datasets

        factory = getattr(torchvision.datasets, self.dataset)
        parts = [self._open(factory, path, train) for train in (True, False)]
        images = np.concatenate([np.asarray(part.data) for part in parts])
        labels = np.concatenate([np.asarray(part.targets) for part in parts]).astype(np.int64)
        return RawImages(
            images=images if images.ndim == 4 else images[..., None],
            labels=labels,
            classes=tuple(parts[0].classes),
            names=[f"{self.dataset} image {index}" for index in range(len(images))],
            test=np.repeat([False, True], [len(part) for part in parts]),
        )

    def _open(self, factory: Any, path: Path, train: bool) -> Any:
        home = path / getattr(factory, "base_folder", f"{self.dataset}/raw")
        try:
            try:
                return factory(path, train=train)
            except RuntimeError:  # raised by torchvision if the files are missing
                return factory(path, train=train, download=True)
        except (OSError, RuntimeError) as error:
            raise InputError(
                f"{home}: {self.dataset} not found, and the download failed ({error}); put its files there or "
                f"change prepare.path"
            ) from None
        except (AssertionError, EOFError, IndexError, ValueError) as error:
            raise InputError(f"{home}: damaged files ({error!r}); delete the folder to download them again") from None
