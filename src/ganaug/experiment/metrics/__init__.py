"""PLUG-IN: metrics of a classifier's predictions, one per file; one of them decides the verdict."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError, unknown
from ganaug.core.plugins import name_of


class Predicted(NamedTuple):
    """What one classifier predicts for images whose classes are known."""

    probabilities: np.ndarray
    """(N, K) float64: of each class."""
    labels: np.ndarray
    """(N,) int64: true classes. Every class occurs in a test set, perhaps not in a validation set."""
    classes: tuple[str, ...]
    """K names."""

    @property
    def choices(self) -> np.ndarray:
        """(N,): the most probable class of each image."""
        return self.probabilities.argmax(1)

    @property
    def right(self) -> np.ndarray:
        """(N,) bool: whether it is the true class."""
        return self.choices == self.labels


@settings
class Metric(ABC):
    """A figure of a classifier's predictions, independent of the order of images.

    Paired intervals need to know how much each image contributes: `per_image`. If a metric does not say so, blocks of
    images are left out in turn (`experiment/statistics/gains.py`).
    """

    better: ClassVar[Literal["high", "low"]] = "high"
    """Which direction is better. A gain is positive where a classifier is better: a rise, or a reduction."""
    lowest: ClassVar[float] = 0.0
    highest: ClassVar[float] = 1.0
    """The range of values."""
    in_points: ClassVar[bool] = True
    """Whether it is shown in percent and its differences in points, as fractions are, or as plain numbers."""
    classes: ClassVar[Literal["all", "one", "either"]] = "all"
    """Whether it is a figure of all classes, of one, or of either, depending on `of_class`. Figures of all classes are
    reported in every run, figures of one for each class."""

    of_class: str | int | None = None
    """The name of the class, for a metric of one class."""

    def __post_init__(self) -> None:
        """Raise ValueError, which becomes an InputError, if a class is missing or not wanted."""
        if self.classes == "one" and self.of_class is None:
            raise ValueError("is a figure of one class; name it, such as of_class: faulty")
        if self.classes == "all" and self.of_class is not None:
            raise ValueError("is a figure of all classes; remove of_class")

    @property
    def key(self) -> str:
        """Return its name in summary.json and MLflow, such as "recall of faulty"."""
        name = str(name_of(type(self)))
        return name if self.of_class is None else f"{name} of {self.of_class}"

    @property
    def title(self) -> str:
        """Return its name in a sentence, such as "recall of class `faulty`"; Markdown."""
        name = self.words()
        return name if self.of_class is None else f"{name} of class `{self.of_class}`"

    @classmethod
    def words(cls) -> str:
        """Return its name without the class, in lower case, such as "balanced accuracy"."""
        return str(name_of(cls)).replace("_", " ")

    def label_in(self, classes: tuple[str, ...]) -> int | None:
        """Return the label of `of_class`; None for all classes. Raises InputError if there is no such class."""
        if self.of_class is None:
            return None
        name = str(self.of_class)
        if name not in classes:
            raise InputError(f"of_class: {unknown('class', name, classes)}")
        return classes.index(name)

    @abstractmethod
    def __call__(self, predicted: Predicted) -> float:
        """Return the metric of one classifier's predictions."""

    def strata(self, labels: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
        """Return the stratum of each image, (N,); -1 leaves an image out.

        The strata's means of `per_image` have the same weight in the metric, and the strata's sizes count as given. By
        default the classes, or for one class, that class and all others.
        """
        label = self.label_in(classes)
        return labels if label is None else (labels == label).astype(np.int64)

    def per_image(self, predicted: Predicted) -> np.ndarray | None:
        """Return a value for each image, (N,), or None, which leaves out blocks of images instead.

        The mean over strata of the strata's means is the metric. For a metric that is not a mean, these are
        pseudo-values: the metric plus each image's influence on it (`experiment/statistics/pseudo_values.py`). Values
        of images that are left out are not read.
        """
        return None

    @property
    def largest_gain(self) -> float:
        """The largest possible gain."""
        return self.highest - self.lowest

    def merit(self, value: float) -> float:
        """Return a number that is the larger, the better the value."""
        return value if self.better == "high" else -value


@settings
class MeanOverImages(Metric):
    """A metric that is the mean of a value of each image, so frequent classes count more."""

    def __call__(self, predicted: Predicted) -> float:
        return float(self.per_image(predicted).mean())

    def strata(self, labels: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
        return np.zeros_like(labels)

    @abstractmethod
    def per_image(self, predicted: Predicted) -> np.ndarray:
        """Return the value of each image, (N,)."""
