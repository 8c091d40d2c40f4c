"""How generator and discriminator learn of the class.

A class reaches the networks as a condition: a row (K,) that is 1 at its class and 0 elsewhere, so that a layer which
embeds classes is a linear one. A row of zeros is "no class": what is left then is the unconditional network. Rows in
between are a class that counts less, which is how a schedule goes from unconditional to conditional.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from ganaug.gan.objectives import Critique

HeadName = Literal["projection", "auxiliary", "classifier", "none"]
Wrap = Callable[[nn.Module], nn.Module]


def conditions(labels: Tensor, classes: int, strength: float = 1.0) -> Tensor:
    """Return one row (classes,) of float32 for each of `labels` (N,): `strength` at its class. Labels < 0: all 0."""
    return strength * (labels[:, None] == torch.arange(classes, device=labels.device)).float()


class JoinLabel(nn.Module):
    """Joins an embedding of the class to z (Mirza and Osindero, Conditional GAN, 2014), if `joined`.

    The embedding starts at a tenth of the length of z: of equal length, it made DCGAN ignore z (docs/results).

    size: length of what comes out.
    """

    def __init__(self, z_dim: int, classes: int, *, joined: bool) -> None:
        super().__init__()
        self.embedding = nn.Linear(classes, z_dim, bias=False) if joined else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=0.1)
        self.size = 2 * z_dim if joined else z_dim

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        """Return (N, size) of z (N, z_dim) and condition (N, K)."""
        return z if self.embedding is None else torch.cat([z, self.embedding(condition)], dim=1)


class ConditionalBatchNorm(nn.Module):
    """Batch norm whose gain and bias belong to the class (de Vries et al., 2017); starts as plain batch norm."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Linear(classes, channels)
        self.bias = nn.Linear(classes, channels)
        for layer, start in ((self.gain, 1.0), (self.bias, 0.0)):
            nn.init.zeros_(layer.weight)
            nn.init.constant_(layer.bias, start)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Return (N, C, H, W) as it came."""
        gain, bias = self.gain(condition)[..., None, None], self.bias(condition)[..., None, None]
        return torch.addcmul(bias, self.norm(x), gain)


class _PlainBatchNorm(nn.BatchNorm2d):
    def forward(self, x: Tensor, _: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(x)


def batch_norm(channels: int, classes: int, *, conditional: bool) -> nn.Module:
    """Return a module ((N, C, H, W), condition) → (N, C, H, W)."""
    return ConditionalBatchNorm(channels, classes) if conditional else _PlainBatchNorm(channels)


class _Head(nn.Module):
    """The last layer of a discriminator: features (N, F), condition (N, K) → Critique."""

    def __init__(self, features: int, classes: int, wrap: Wrap) -> None:
        super().__init__()
        self.linear = wrap(nn.Linear(features, 1))

    def forward(self, features: Tensor, condition: Tensor) -> Critique:
        return Critique(self.linear(features).squeeze(1).float(), features)


class _Projection(_Head):
    """Realness has a part that belongs to the class: ⟨V y, h⟩ (Miyato and Koyama, 2018, eq. 8)."""

    def __init__(self, features: int, classes: int, wrap: Wrap) -> None:
        super().__init__(features, classes, wrap)
        embedding = nn.Linear(classes, features, bias=False)
        nn.init.normal_(embedding.weight, std=features**-0.5)
        self.embedding = wrap(embedding)

    def forward(self, features: Tensor, condition: Tensor) -> Critique:
        projection = (self.embedding(condition) * features).sum(dim=1)
        return Critique((self.linear(features).squeeze(1) + projection).float(), features)


class _Auxiliary(_Head):
    """Realness, and beside it the class (Odena et al., AC-GAN, 2017)."""

    def __init__(self, features: int, classes: int, wrap: Wrap) -> None:
        super().__init__(features, classes, wrap)
        self.classes = wrap(nn.Linear(features, classes))

    def forward(self, features: Tensor, condition: Tensor) -> Critique:
        return Critique(self.linear(features).squeeze(1).float(), features, self.classes(features).float())


class _Classifier(nn.Module):
    """A classifier with one class more, fake, of logit 0 (Salimans et al., 2016, section 5)."""

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
    """Return a module (features (N, F), condition (N, K)) → Critique; each of its layers goes through `wrap`."""
    return _HEADS[name](features, classes, wrap)
