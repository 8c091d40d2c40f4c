"""ResNet-18 (He et al., Deep Residual Learning, 2016), trained from scratch."""

from torch import nn

from ganaug.classifier.architectures import Classifier
from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.core.config import settings

SMALL = 64
"""Images whose shorter side has at most this many pixels are not downsampled by the stem."""


@settings
class ResNet18(Classifier):
    """torchvision's ResNet-18; small images get the stem of the CIFAR variant: 3×3, stride 1, no max-pooling."""

    def build(self, shape: tuple[int, int, int], classes: int) -> ImageClassifier:
        from torchvision.models import resnet18

        model = resnet18(num_classes=classes)
        if min(shape[1:]) <= SMALL:
            model.conv1 = nn.Conv2d(shape[0], 64, 3, padding=1, bias=False)
            model.maxpool = nn.Identity()
        else:
            model.conv1 = nn.Conv2d(shape[0], 64, 7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(model.conv1.weight, mode="fan_out", nonlinearity="relu")
        head, model.fc = model.fc, nn.Identity()
        return ImageClassifier(model, head)
