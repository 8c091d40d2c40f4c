"""PLUG-IN: metrics of a classifier's predictions, one file each; one of them decides the verdict."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError, unknown
from ganaug.core.plugins import name_of


class Predicted(NamedTuple):
    """The predictions of one classifier for images whose classes are known."""

    probabilities: np.ndarray
    """(N, K) float64: probability of each class."""
    labels: np.ndarray
    """(N,) int64: true classes. Every class occurs in a test set, but perhaps not in a validation set."""
    classes: tuple[str, ...]
    """K names."""

    @property
    def choices(self) -> np.ndarray:
        """(N,): the most probable class of each image."""
        return self.probabilities.argmax(1)

    @property
    def right(self) -> np.ndarray:
        """(N,) bool: whether the most probable class is the true class."""
        return self.choices == self.labels


@settings
class Metric(ABC):
    """A figure of a classifier's predictions, independent of the order of images.

    Paired intervals need each image's contribution: `per_image`. If a metric does not define it, blocks of images are
    left out in turn (`experiment/statistics/jackknife.py`).
    """

    better: ClassVar[Literal["high", "low"]] = "high"
    """Which values are better. A better classifier always has a positive gain: a rise if "high", a fall if "low"."""
    lowest: ClassVar[float] = 0.0
    highest: ClassVar[float] = 1.0
    """The range of values."""
    in_points: ClassVar[bool] = True
    """True: shown in percent, with differences in points, as is usual for fractions. False: shown as plain numbers."""
    classes: ClassVar[Literal["all", "one", "either"]] = "all"
    """`all`: a metric of all classes, reported in every run. `one`: a per-class metric, which needs `of_class` and is
    reported for each class. `either`: a per-class metric if `of_class` is set, otherwise a metric of all classes."""

    of_class: str | int | None = None
    """Name of the class, for a per-class metric."""

    def __post_init__(self) -> None:
        """Raise ValueError, which becomes an InputError, if `of_class` is missing or does not apply."""
        if self.classes == "one" and self.of_class is None:
            raise ValueError("is a per-class metric; name a class, such as of_class: faulty")
        if self.classes == "all" and self.of_class is not None:
            raise ValueError("is a metric of all classes; remove of_class")

    @property
    def key(self) -> str:
        """Return the metric's name in summary.json and MLflow, such as "recall of faulty"."""
        name = str(name_of(type(self)))
        return name if self.of_class is None else f"{name} of {self.of_class}"

    @property
    def title(self) -> str:
        """Return the metric's name in a sentence, such as "recall of class `faulty`"; Markdown."""
        name = self.words()
        return name if self.of_class is None else f"{name} of class `{self.of_class}`"

    @classmethod
    def words(cls) -> str:
        """Return the metric's name without the class, in lower case, such as "balanced accuracy"."""
        return str(name_of(cls)).replace("_", " ")

    def label_in(self, classes: tuple[str, ...]) -> int | None:
        """Return the label of `of_class`, or None for all classes. Raises InputError if there is no such class."""
        if self.of_class is None:
            return None
        name = str(self.of_class)
        if name not in classes:
            raise InputError(f"of_class: {unknown('class', name, classes)}")
        return classes.index(name)

    @abstractmethod
    def __call__(self, predicted: Predicted) -> float:
        """Return the metric's value for one classifier's predictions."""

    def strata(self, labels: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
        """Return the stratum of each image, (N,); -1 leaves an image out.

        The means of `per_image` in all strata have the same weight in the metric, and the sizes of the strata count as
        fixed. By default, each class is a stratum; for a metric of one class, that class and all others are two strata.
        """
        label = self.label_in(classes)
        return labels if label is None else (labels == label).astype(np.int64)

    def per_image(self, predicted: Predicted) -> np.ndarray | None:
        """Return a value for each image, (N,), or None: blocks of images are then left out instead.

        The mean over strata of the values' means is the metric. If the metric is not a mean, the values are
        pseudo-values: the metric plus each image's influence on it (`experiment/statistics/pseudo_values.py`). Values
        of images that `strata` leaves out are ignored.
        """
        return None

    @property
    def largest_gain(self) -> float:
        """The largest possible gain."""
        return self.highest - self.lowest

    def merit(self, value: float) -> float:
        """Return a number that is larger for a better value."""
        return value if self.better == "high" else -value


@settings
class MeanOverImages(Metric):
    """A metric that is the mean of one value per image, so frequent classes count more."""

    def __call__(self, predicted: Predicted) -> float:
        return float(self.per_image(predicted).mean())

    def strata(self, labels: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
        return np.zeros_like(labels)

    @abstractmethod
    def per_image(self, predicted: Predicted) -> np.ndarray:
        """Return the value of each image, (N,)."""
