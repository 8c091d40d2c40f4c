"""Any network of timm, the library of PyTorch image models (Wightman, 2019), pretrained or not."""

import re
from itertools import chain
from typing import Annotated, ClassVar, Self

from pydantic import Field, PositiveInt
from torch import nn

from ganaug.classifier.architectures import Classifier
from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.timm_networks import FromTimm, create
from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.core.extras import require
from ganaug.core.weight_files import NONE


@settings
class Timm(FromTimm, Classifier):
    """A network of timm's with a new linear head. Images are resized and normalised as the network's weights expect.

    Grey images become RGB; an alpha channel is dropped.
    """

    backbone: ClassVar[str] = "backbone"
    model: str
    """Name of the network in timm, such as `tf_efficientnet_lite0`; `timm.list_models()` lists them."""
    weights: str = NONE
    """Where the initial weights are: `none`, a file (safetensors, or a state dict of PyTorch's), or
    `pip:<package>/<file>`, a file of an installed package. Nothing is downloaded."""
    input_size: PositiveInt | None = None
    """Height and width to which images are resized, in pixels; null: those of the network's pretraining. Smaller images
    take less time, and some accuracy."""
    train: str = "all"
    """What is trained: `head`, the linear head on features that never change (a linear probe); `last:2`, for example,
    the head and the last two groups of layers, as timm groups them; or `all`."""
    backbone_learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Learning rate of everything but the head, as a fraction of the head's. A tenth: DeepLab (Chen et al., 2015). From
    random weights, use 1."""

    def __post_init__(self) -> None:
        """Raise InputError if timm is not installed, or if `train` is unknown or leaves random layers as they are."""
        require("timm", "pretrained")
        if not re.fullmatch(r"head|all|last:[1-9][0-9]*", self.train):
            raise InputError(f"train: write head, all, or last:<n>, such as last:2 (given: {self.train!r})")
        if self.train != "all" and self.weights == NONE:
            raise InputError("train: random layers that stay as they are help little; set weights, or set train to all")

    @classmethod
    def small(cls) -> Self:
        return cls(model="test_efficientnet", input_size=32, backbone_learning_rate=1.0)

    def build(self, shape: tuple[int, int, int], classes: int) -> ImageClassifier:
        network, expected = create(self.model)
        height, width = expected.size
        size = (self.input_size or height, self.input_size or width)
        if network.pretrained_cfg.get("fixed_input_size") and size != (height, width):
            raise InputError(f"input_size: {self.model} takes {height}×{width} pixels only; set this to null")
        if self.train.startswith("last:"):
            self._freeze_all_but(int(self.train.removeprefix("last:")), network)
        return ImageClassifier(
            network,
            nn.Linear(network.head_hidden_size, classes),
            mean=expected.mean,
            std=expected.std,
            input_size=size,
            rgb=True,
            backbone_learning_rate=0.0 if self.train == "head" else self.backbone_learning_rate,
        )

    def _freeze_all_but(self, last: int, network: nn.Module) -> None:
        """Exclude all but the `last` groups of layers from training."""
        from timm.models import group_parameters

        matcher = getattr(network, "group_matcher", None)
        groups = list(group_parameters(network, matcher(coarse=True)).values()) if matcher else []
        if last >= len(groups):
            raise InputError(f"train: {self.model} has {len(groups)} groups of layers; take fewer, or set this to all")
        parameters = dict(network.named_parameters())
        for name in chain.from_iterable(groups[:-last]):
            parameters[name].requires_grad_(False)

    def check(self) -> None:
        self.load_pretrained(self.build((3, 32, 32), 2))
