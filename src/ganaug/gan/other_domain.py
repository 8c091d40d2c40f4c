"""Treats images of another domain as further classes of a GAN, so that it learns from them or translates them.

StarGAN (Choi et al., 2018) treats all differences between images as classes of one generator. Here, the classes of the
domain to classify come first, then those of the other domain: one per class if all its images have labels, otherwise a
single class.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from torch import Tensor, nn
from torch.nn.functional import pad

from ganaug.data.images import LabelledImages
from ganaug.gan.objectives import Critique


def as_further_classes(images: LabelledImages) -> LabelledImages:
    """Return images of another domain with labels and class names that follow those of the target domain."""
    count = len(images.classes)
    if (images.labels >= 0).all():
        names = tuple(f"{name}, other domain" for name in images.classes)
        return replace(images, labels=images.labels + count, classes=(*images.classes, *names))
    return replace(images, labels=np.full_like(images.labels, count), classes=(*images.classes, "other domain"))


class TargetDomain(nn.Module):
    """Limits a discriminator that was trained with a larger condition to the first K classes.

    images (N, C, H, W), condition (N, K) or full-size → Critique with class logits (N, K), if there are any.
    """

    def __init__(self, discriminator: nn.Module, classes: int, size: int) -> None:
        """size: length of the condition that it was trained with."""
        super().__init__()
        self.discriminator, self.classes, self.size = discriminator, classes, size

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        critique: Critique = self.discriminator(images, pad(condition, (0, self.size - condition.shape[1])))
        logits = critique.class_logits
        return critique if logits is None else critique._replace(class_logits=logits[:, : self.classes])
