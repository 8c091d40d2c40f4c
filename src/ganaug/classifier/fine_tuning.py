"""Classifiers that give a library's network a new head, and train the head, the last layers, or everything."""

from __future__ import annotations

import re
from abc import abstractmethod
from itertools import chain
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import Field, PositiveInt
from torch import nn

from ganaug.classifier.architectures import Classifier
from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.library_networks import Expected, FromLibrary
from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.core.weight_files import NONE


class Headless(NamedTuple):
    """A library's network without its head."""

    network: Any
    """Images → features (N, F), with random weights."""
    features: int
    """F."""
    expected: Expected


@settings
class FineTuned(FromLibrary, Classifier):
    """A library's network with a new linear head. Images are resized and normalised as the network's weights expect.

    Grey images become RGB.
    """

    backbone: ClassVar[str] = "backbone"
    input_size: PositiveInt | None = None
    """Height and width to which images are resized, in pixels; null: those of the network's pretraining. Smaller images
    save time, and cost some accuracy."""
    train: str = "all"
    """Layers to train: `head`, the linear head on features that never change (a linear probe); `last:2`, for example,
    the head and the last two groups of layers; or `all`."""
    backbone_learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Learning rate of everything but the head, as a fraction of the head's. The default is that of DeepLab (Chen et
    al., 2015). With random weights, use 1."""

    def __post_init__(self) -> None:
        """Raise InputError if `train` is unknown or freezes random layers."""
        if not re.fullmatch(r"head|all|last:[1-9][0-9]*", self.train):
            raise InputError(f"train: write head, all, or last:<n>, such as last:2 (given: {self.train!r})")
        if self.train != "all" and self.weights == NONE:
            raise InputError("train: frozen layers with random weights help little; set weights, or set train to all")

    @abstractmethod
    def headless(self) -> Headless:
        """Return the network. Raises InputError if the library lacks it, or if it does not take this input size."""

    @abstractmethod
    def groups(self, network: Any) -> list[list[str]]:
        """Return the names of the network's parameters in groups, from the input to the features."""

    def build(self, shape: tuple[int, int, int], classes: int) -> ImageClassifier:
        network, features, expected = self.headless()
        if self.train.startswith("last:"):
            self._train_only(int(self.train.removeprefix("last:")), network)
        return ImageClassifier(
            network,
            nn.Linear(features, classes),
            mean=expected.mean,
            std=expected.std,
            input_size=expected.size,
            rgb=self.sees_rgb,
            backbone_learning_rate=0.0 if self.train == "head" else self.backbone_learning_rate,
        )

    def _train_only(self, last: int, network: nn.Module) -> None:
        """Exclude all but the `last` groups of layers from training."""
        groups = self.groups(network)
        if last >= len(groups):
            raise InputError(
                f"train: {self.model} has {len(groups)} groups of layers; choose fewer, or set train to all"
            )
        trained = set(chain.from_iterable(groups[-last:]))
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(name in trained)

    def check(self) -> None:
        self.load_pretrained(self.build((3, 32, 32), 2))
