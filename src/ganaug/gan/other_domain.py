"""Images of another domain as further classes of a GAN, so that it learns from them and a translator translates them.

StarGAN (Choi et al., 2018) treats whatever images differ in as classes of one generator. Here, the classes to classify
come first, and those of the other domain follow: one for each class if all images have labels, else one for them all.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from torch import Tensor, nn
from torch.nn.functional import pad

from ganaug.data.images import LabelledImages
from ganaug.gan.objectives import Critique


def as_further_classes(images: LabelledImages) -> LabelledImages:
    """Return images of another domain with labels, and class names, that follow those of the target domain."""
    known = len(images.classes)
    if (images.labels >= 0).all():
        names = tuple(f"{name}, other domain" for name in images.classes)
        return replace(images, labels=images.labels + known, classes=(*images.classes, *names))
    return replace(images, labels=np.full_like(images.labels, known), classes=(*images.classes, "other domain"))


class TargetDomain(nn.Module):
    """A discriminator that was trained with a larger condition, for the first K classes.

    images (N, C, H, W), condition (N, K) or whole → Critique with class logits (N, K), if there are any.
    """

    def __init__(self, discriminator: nn.Module, classes: int, size: int) -> None:
        """size: that of the condition with which it was trained."""
        super().__init__()
        self.discriminator, self.classes, self.size = discriminator, classes, size

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        critique: Critique = self.discriminator(images, pad(condition, (0, self.size - condition.shape[1])))
        logits = critique.class_logits
        return critique if logits is None else critique._replace(class_logits=logits[:, : self.classes])
