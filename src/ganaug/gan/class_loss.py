"""The loss of the discriminator's class head."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from ganaug.data.images import UNLABELLED
from ganaug.gan.objectives import Critique


def class_loss(
    name: str, critique: Critique, labels: Tensor, weight: float, strength: float, labelled: Tensor | None = None
) -> dict[str, Tensor]:
    """Return the cross-entropy of the discriminator's class head as a named term; nothing if there is no class head.

    labels: (N,); images with a label below 0 are left out. labelled: the number of images to average over; by default
    that of the labelled ones, at least 1.
    """
    if critique.class_logits is None or not weight:
        return {}
    count = (labels >= 0).sum().clamp(min=1) if labelled is None else labelled
    loss = cross_entropy(critique.class_logits, labels, ignore_index=UNLABELLED, reduction="sum") / count
    return {name: strength * weight * loss}


def together(one: Critique, other: Critique) -> Critique:
    """Return the class logits of two critiques, one after the other."""
    if one.class_logits is None or other.class_logits is None:
        return one
    return one._replace(class_logits=torch.cat([one.class_logits, other.class_logits]))
