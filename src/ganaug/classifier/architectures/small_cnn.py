"""A small convolutional network: four 3×3 convolutions in two stages, global average pooling."""

from typing import Annotated, Self

from pydantic import Field, PositiveInt
from torch import nn

from ganaug.classifier.architectures import Classifier
from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.core.config import settings


@settings
class SmallCNN(Classifier):
    """Enough for characters and other simple images of up to about 32×32 pixels; trains in seconds."""

    channels: PositiveInt = 32
    """Channels of the first stage; the second has twice as many."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the pooled features that are dropped in training."""

    @classmethod
    def small(cls) -> Self:
        return cls(channels=8)

    def build(self, shape: tuple[int, int, int], classes: int) -> ImageClassifier:
        c = self.channels
        backbone = nn.Sequential(
            *_convolution(shape[0], c),
            *_convolution(c, c),
            nn.MaxPool2d(2),
            *_convolution(c, 2 * c),
            *_convolution(2 * c, 2 * c),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        return ImageClassifier(backbone, nn.Sequential(nn.Dropout(self.dropout), nn.Linear(2 * c, classes)))


def _convolution(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
