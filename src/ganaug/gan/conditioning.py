"""Class conditioning of generator and discriminator.

Networks receive the class as a condition: a one-hot row (K,), so that a class embedding is a linear layer. The classes
may be followed by those of another domain, or by attributes that describe the image. A row of zeros means "no class"
and makes the network unconditional. Values in between weaken the conditioning; transitional training uses them to move
from unconditional to conditional.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from ganaug.gan.objectives import Critique

HeadName = Literal["projection", "auxiliary", "classifier", "none"]
Wrap = Callable[[nn.Module], nn.Module]


def conditions(labels: Tensor, size: int, strength: float = 1.0, attributes: Tensor | None = None) -> Tensor:
    """Return conditions (N, size), float32, for `labels` (N,): `strength` at the class, all 0 if the label is < 0.

    strength: in [0, 1]. attributes: (N, D), which take the last D places, times `strength`; None: 0 there.
    """
    classes = strength * (labels[:, None] == torch.arange(size, device=labels.device)).float()
    if attributes is None or attributes.shape[1] == 0:
        return classes
    return torch.cat([classes[:, : size - attributes.shape[1]], strength * attributes], dim=1)


def mismatched(labels: Tensor, attributes: Tensor | None = None) -> Tensor:
    """Return for each image the index, (N,) int64, of the next image, cyclically, whose condition is wrong for it.

    That image has another class or, if both have attributes, other attributes: an image without a description has
    attributes 0, which contradict nothing. If there is no such image, it is the next image with another description, or
    else the next that differs at all; if all are equal, the image itself.

    labels: (N,). attributes: (N, D); None: nothing is described.
    """
    places = torch.arange(len(labels), device=labels.device)
    distance = (places - places[:, None]) % len(labels)
    different = contradicts = labels[:, None] != labels  # N, N
    described = torch.zeros_like(labels, dtype=torch.bool)
    if attributes is not None:
        described = (attributes != 0).any(dim=1)
        other = (attributes[:, None] != attributes).any(dim=2)
        contradicts = different | other & described & described[:, None]
        different = different | other
    wrong = contradicts.int() + (contradicts | different & described).int() + different.int()  # 3 to 0
    return (distance - wrong * len(labels)).argmin(dim=1)


class JoinLabel(nn.Module):
    """Concatenates an embedding of the class to z, if `joined` (Mirza and Osindero, Conditional GAN, 2014).

    The embedding starts at a tenth of the length of z: if both have the same length, DCGAN ignores z (docs/results).

    size: number of output features.
    """

    def __init__(self, z_dim: int, classes: int, *, joined: bool) -> None:
        super().__init__()
        self.embedding = nn.Linear(classes, z_dim, bias=False) if joined else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=0.1)
        self.size = 2 * z_dim if joined else z_dim

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        """(N, z_dim), (N, K) → (N, size)."""
        return z if self.embedding is None else torch.cat([z, self.embedding(condition)], dim=1)


class ConditionalBatchNorm(nn.Module):
    """Batch norm with a gain and bias per class (de Vries et al., 2017); starts as plain batch norm."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Linear(classes, channels)
        self.bias = nn.Linear(classes, channels)
        for layer, start in ((self.gain, 1.0), (self.bias, 0.0)):
            nn.init.zeros_(layer.weight)
            nn.init.constant_(layer.bias, start)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(N, C, H, W), (N, K) → (N, C, H, W)."""
        gain, bias = self.gain(condition)[..., None, None], self.bias(condition)[..., None, None]
        return torch.addcmul(bias, self.norm(x), gain)


class _UnconditionalBatchNorm(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor, _: Tensor) -> Tensor:
        return self.norm(x)


def batch_norm(channels: int, classes: int, *, conditional: bool) -> nn.Module:
    """Return a batch norm layer: features (N, C, H, W), condition (N, K) → (N, C, H, W)."""
    return ConditionalBatchNorm(channels, classes) if conditional else _UnconditionalBatchNorm(channels)


class _Head(nn.Module):
    """The last layer of a discriminator: features (N, F), condition (N, K), ignored → Critique."""

    def __init__(self, features: int, classes: int, wrap: Wrap) -> None:
        super().__init__()
        self.linear = wrap(nn.Linear(features, 1))

    def forward(self, features: Tensor, condition: Tensor) -> Critique:
        return Critique(self.linear(features).squeeze(1).float(), features)


class _Projection(_Head):
    """Adds a class-dependent term to realness: ⟨V y, h⟩ (Miyato and Koyama, 2018, eq. 8)."""

    def __init__(self, features: int, classes: int, wrap: Wrap) -> None:
        super().__init__(features, classes, wrap)
        embedding = nn.Linear(classes, features, bias=False)
        nn.init.normal_(embedding.weight, std=features**-0.5)
        self.embedding = wrap(embedding)

    def forward(self, features: Tensor, condition: Tensor) -> Critique:
        projection = (self.embedding(condition) * features).sum(dim=1)
        return Critique((self.linear(features).squeeze(1) + projection).float(), features)


class _Auxiliary(_Head):
    """Predicts realness and, separately, the class (Odena et al., AC-GAN, 2017)."""

    def __init__(self, features: int, classes: int, wrap: Wrap) -> None:
        super().__init__(features, classes, wrap)
        self.classes = wrap(nn.Linear(features, classes))

    def forward(self, features: Tensor, condition: Tensor) -> Critique:
        return Critique(self.linear(features).squeeze(1).float(), features, self.classes(features).float())


class _Classifier(nn.Module):
    """A classifier with one more class, fake, whose logit is fixed at 0 (Salimans et al., 2016, section 5)."""

    def __init__(self, features: int, classes: int, wrap: Wrap) -> None:
        super().__init__()
        self.classes = wrap(nn.Linear(features, classes))

    def forward(self, features: Tensor, condition: Tensor) -> Critique:
        logits = self.classes(features).float()
        return Critique(logits.logsumexp(dim=1), features, logits)


_HEADS: Mapping[HeadName, type[nn.Module]] = {
    "projection": _Projection,
    "auxiliary": _Auxiliary,
    "classifier": _Classifier,
    "none": _Head,
}


def head(name: HeadName, features: int, classes: int, wrap: Wrap = lambda layer: layer) -> nn.Module:
    """Return a head, features (N, F), condition (N, K) → Critique, with `wrap` applied to each of its layers."""
    return _HEADS[name](features, classes, wrap)


def rate_patches(head: nn.Module, features: Tensor, condition: Tensor) -> Critique:
    """Apply a head to each of the P = H·W positions of features (N, F, H, W); condition: (N, K).

    Realness is (N, P), each from one patch of the image; features and class logits are means over the patches.
    """
    patches = features.flatten(2).transpose(1, 2)
    count = patches.shape[1]
    rated: Critique = head(patches.flatten(0, 1), condition.repeat_interleave(count, dim=0))
    logits = rated.class_logits
    return Critique(
        rated.realness.view(-1, count),
        patches.mean(dim=1),
        None if logits is None else logits.view(-1, count, logits.shape[1]).mean(dim=1),
    )
