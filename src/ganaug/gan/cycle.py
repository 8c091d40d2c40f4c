"""Cycle consistency and identity: loss terms that image-to-image generators add to the objective's."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from ganaug.gan.networks import Generator, Source


def back_to_source(
    generator: Generator, z: Tensor, source: Source, starts: Mapping[str, tuple[float, Tensor]]
) -> dict[str, Tensor]:
    """Return λ E|G(x) − s| for each named weight λ and images x (N, C, H, W), unless λ is 0.

    G translates x to the class of the source image s. If x are translations of s, this is cycle consistency (Zhu et
    al., CycleGAN, 2017, eq. 2); if they are the source images themselves, it is the identity term (section 5.2).
    """
    return {
        name: weight * (generator(z, source.condition, images) - source.images).abs().mean()
        for name, (weight, images) in starts.items()
        if weight
    }
