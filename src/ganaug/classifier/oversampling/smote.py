"""SMOTE: points between neighbouring images of a class (Chawla et al., 2002), by imbalanced-learn."""

import numpy as np
from pydantic import PositiveInt

from ganaug.classifier.oversampling import FitClassifier, Oversampler
from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.core.extras import require
from ganaug.core.seeding import derive
from ganaug.data.images import LabelledImages


@settings
class Smote(Oversampler):
    """Mixtures of two images of a class that are close to each other, pixel by pixel."""

    neighbours: PositiveInt = 5
    """Nearest images of the class to mix an image with; fewer if a class has too few. SMOTE: 5."""

    def __post_init__(self) -> None:
        """Raise InputError if imbalanced-learn is not installed."""
        require("imblearn", "imbalanced")

    def __call__(self, train: LabelledImages, fit: FitClassifier, seed: int) -> LabelledImages:
        from imblearn.over_sampling import SMOTE  # takes a second to import

        pixels = np.asarray(train.images).reshape(len(train), -1).astype(np.float32)
        images, labels = [pixels[:0]], [train.labels[:0]]
        most = max(train.counts.values())
        for label, (name, count) in enumerate(train.counts.items()):
            if count in (0, most):
                continue
            if count == 1:
                raise InputError(f"smote: class '{name}' has one image, and none to mix it with; add images of it")
            smote = SMOTE(
                sampling_strategy={label: most},
                k_neighbors=min(self.neighbours, count - 1),
                random_state=derive(seed, f"class/{label}") % 2**32,
            )
            resampled, classes = smote.fit_resample(pixels, train.labels)
            images.append(resampled[len(train) :])
            labels.append(classes[len(train) :].astype(np.int64))
        levels = np.concatenate(images).round().astype(np.uint8).reshape(-1, *train.shape)
        return LabelledImages(levels, np.concatenate(labels), train.classes, {"name": "smote"})
