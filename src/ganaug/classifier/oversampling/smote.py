"""SMOTE: points between neighbouring images of a class (Chawla et al., 2002), by imbalanced-learn."""

import numpy as np
from pydantic import PositiveInt

from ganaug.classifier.oversampling import FitClassifier, Oversampler, deficits
from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.core.extras import require
from ganaug.data.images import LabelledImages


@settings
class Smote(Oversampler):
    """Mixtures of two images of a class that are close to each other, pixel by pixel."""

    neighbours: PositiveInt = 5
    """Nearest images of the class to mix an image with; fewer if the class has not as many. SMOTE: 5."""

    def __post_init__(self) -> None:
        """Raise InputError if imbalanced-learn is not installed."""
        require("imblearn", "imbalanced")

    def __call__(self, train: LabelledImages, fit: FitClassifier, seed: int) -> LabelledImages:
        from imblearn.over_sampling import SMOTE  # takes a second to import

        counts, missing = train.counts, deficits(train)
        short = {name: count for name, count in counts.items() if 0 < count < max(counts.values())}
        alone = [name for name, count in short.items() if count == 1]
        if alone:
            raise InputError(f"smote: class '{alone[0]}' has one image, and there is nothing to mix it with; give more")
        pixels = np.asarray(train.images).reshape(len(train), -1).astype(np.float32)
        if not short:
            return train.subset([])
        made = SMOTE(
            sampling_strategy="not majority",
            k_neighbors=min(self.neighbours, *(count - 1 for count in short.values())),
            random_state=seed % 2**32,
        )
        images, labels = made.fit_resample(pixels, train.labels)
        new = slice(len(train), None)
        levels = np.round(images[new]).astype(np.uint8).reshape(-1, *train.shape)
        assert len(levels) == missing[[count > 0 for count in counts.values()]].sum()
        return LabelledImages(levels, labels[new].astype(np.int64), train.classes, {"name": "smote"})
