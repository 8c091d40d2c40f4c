"""scikit-learn's handwritten digits: 1,797 grey 8×8 images in 10 classes, no download needed."""

from pathlib import Path

import numpy as np

from ganaug.core.config import settings
from ganaug.data.appearance import Words
from ganaug.data.sources import Dataset, RawImages


@settings
class Digits(Dataset):
    """Test set of UCI's Optical Recognition of Handwritten Digits (Alpaydin and Kaynak, 1998)."""

    words: bool = False
    """Whether to describe each image by two words that are computed from it: thin, medium or thick; and left, upright
    or right. Each word describes a third of a class, as if chosen by a person who has seen all its digits."""

    def title(self, path: Path) -> str:
        return "digits"

    def load(self, path: Path) -> RawImages:
        from sklearn.datasets import load_digits

        bunch = load_digits()
        images = np.round(bunch.images * (255 / 16)).astype(np.uint8)[..., None]  # stored as 0 … 16
        planes = images.transpose(0, 3, 1, 2)
        return RawImages(
            images=images,
            labels=bunch.target.astype(np.int64),
            classes=tuple(str(name) for name in bunch.target_names),
            descriptions=Words(planes, bunch.target)(planes, bunch.target) if self.words else None,
            names=[f"digit {index}" for index in range(len(images))],
        )
