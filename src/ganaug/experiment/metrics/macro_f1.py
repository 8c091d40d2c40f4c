"""Macro-F1: the mean F1 of the classes."""

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.metrics import Metric, Predicted
from ganaug.experiment.statistics.pseudo_values import pseudo_values


@settings
class MacroF1(Metric):
    """Mean over the classes of F1, the harmonic mean of recall and precision; 0 for a class that is never predicted."""

    @classmethod
    def words(cls) -> str:
        return "macro-F1"

    def __call__(self, predicted: Predicted) -> float:
        return float(_f1(predicted)[0].mean())

    def per_image(self, predicted: Predicted) -> np.ndarray:
        f1, total = _f1(predicted)
        right, loss = predicted.right, f1 / np.maximum(total, 1)
        gained = 2 * right / total[predicted.labels]
        influence = (gained - loss[predicted.labels] - loss[predicted.choices]) * (len(right) / len(f1))
        return pseudo_values(float(f1.mean()), influence, predicted.labels)


def _f1(predicted: Predicted) -> tuple[np.ndarray, np.ndarray]:
    """Return F1 = 2 hits / (images of the class + images predicted as it) of each class, and the denominator: (K,)."""
    count = len(predicted.classes)
    total = np.bincount(predicted.labels, minlength=count) + np.bincount(predicted.choices, minlength=count)
    hits = np.bincount(predicted.labels[predicted.right], minlength=count)
    return 2 * hits / np.maximum(total, 1), total
