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

    labels: (N,); images with a label below 0 are ignored. labelled: the number of images to average over; by default
    the number of labelled images, at least 1.
    """
    if critique.class_logits is None or not weight:
        return {}
    count = (labels >= 0).sum().clamp(min=1) if labelled is None else labelled
    loss = cross_entropy(critique.class_logits, labels, ignore_index=UNLABELLED, reduction="sum") / count
    return {name: strength * weight * loss}


def together(first: Critique, second: Critique) -> Critique:
    """Return `first` with the class logits of both critiques, if both have some."""
    if first.class_logits is None or second.class_logits is None:
        return first
    return first._replace(class_logits=torch.cat([first.class_logits, second.class_logits]))
