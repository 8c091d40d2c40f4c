"""Divides the images of one discriminator update by purpose, and among devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ganaug.data.images import to_float
from ganaug.gan.conditioning import mismatched
from ganaug.gan.networks import Network
from ganaug.gan.real_batches import RealBatch


class Batch(NamedTuple):
    """One device's share of the images of one discriminator update.

    Images are floats (N, C, H, W) in [-1, 1], channels last. Labels are (N,); below 0 means unlabelled.
    """

    real: Tensor
    labels: Tensor
    fake_labels: Tensor
    """(N,): classes of the fake images, none of them unlabelled."""
    class_images: Tensor
    """(M, C, H, W): real images that only train the class head; M may be 0."""
    class_labels: Tensor
    attributes: Tensor | None
    """(N, D): attributes of the real images and of the fake images; None if there are none."""
    sources: Tensor | None
    """(N, C, H, W): the images that fakes are translated from; None if the generator starts from noise."""
    source_labels: Tensor | None
    """(N,): the classes of the source images."""
    other_labels: Tensor | None
    """(N,): for mismatched pairs, another image's class instead of each image's own; None: no mismatched pairs."""
    other_attributes: Tensor | None
    """(N, D): attributes of these other images; None if there are none."""


@dataclass(frozen=True)
class Division:
    """Purposes of a batch's images. Labelled images of the domain to classify come first."""

    network: Network
    labelled: int
    """Number of images, at the start, from the labelled training set."""
    class_only: int
    """Number of images, at the start, that only train the class head. If they were also the discriminator's examples of
    real images, it would memorise the few labelled images, which recur again and again."""
    other_domain: bool
    """Whether the last images are of another domain."""

    def share(self, batch: RealBatch, rank: int, devices: int) -> Batch:
        """Return the share of the device `rank`, one of `devices`."""
        pixels, labels, attributes, sources, source_labels = batch
        images, layout = to_float(pixels), torch.channels_last
        fake_labels = self.fill_missing_labels(labels)
        class_only = slice(rank, self.class_only, devices)
        rest = slice(self.class_only + rank, None, devices)
        # another domain comes first among the sources, so the sources of class-only images come last
        first = 0 if self.other_domain else self.class_only
        translated = slice(first + rank, first + len(images) - self.class_only, devices)
        others = self._others(fake_labels, attributes)
        others = None if others is None else others[rank::devices]
        return Batch(
            self.network.views(images[rest].contiguous(memory_format=layout)),
            labels[rest],
            fake_labels[rest],
            images[class_only].contiguous(memory_format=layout),
            labels[class_only],
            None if attributes is None else attributes[rest],
            None if sources is None else to_float(sources[translated]).contiguous(memory_format=layout),
            None if source_labels is None else source_labels[translated],
            None if others is None else fake_labels[others],
            None if others is None or attributes is None else attributes[others],
        )

    def fill_missing_labels(self, labels: Tensor) -> Tensor:
        """Replace missing labels in `labels` (N,) with those of the batch's labelled images, in turn."""
        indices = torch.arange(len(labels), device=labels.device) % self.labelled
        return torch.where(labels < 0, labels[indices], labels)

    def _others(self, labels: Tensor, attributes: Tensor | None) -> Tensor | None:
        """Return the indices of the images whose conditions the real images get in mismatched pairs.

        They are chosen from the whole batch, so that the number of devices does not change what is trained. labels:
        none may be missing, as an unlabelled image cannot be mismatched. Returns None if the network uses no mismatched
        pairs.
        """
        if not self.network.mismatched or self.network.discriminator_conditioning == "none":
            return None
        start = self.class_only
        return start + mismatched(labels[start:], None if attributes is None else attributes[start:])
