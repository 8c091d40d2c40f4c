"""Batches of real images for the discriminator, on the device; each depends on the update's number only."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ganaug.core.seeding import derive
from ganaug.data.batches import Batches, DeviceBatches, MixedBatches, Part, index_batches
from ganaug.data.images import LabelledImages
from ganaug.gan.settings import TrainGan


class RealBatch(NamedTuple):
    """The real images of one update, for all devices together."""

    pixels: Tensor
    """(B, C, H, W), uint8: labelled images of the domain to classify, then unlabelled images, then another domain's."""
    labels: Tensor
    """(B,); below 0 means unlabelled."""
    attributes: Tensor | None = None
    """(B, D), float32: attributes of the images; None if there are none."""
    sources: Tensor | None = None
    """(B, C, H, W), uint8: the images to translate; None if the generator starts from noise."""
    source_labels: Tensor | None = None
    """(B,): classes of the source images."""


class RealBatches(Protocol):
    """A source of real batches."""

    def __getitem__(self, update: int) -> RealBatch:
        """Return the batch of a discriminator update, counted from 0."""


class TrainingImages(NamedTuple):
    """The images that a GAN is trained on; each additional set makes up a fixed share of each batch."""

    train: LabelledImages
    extra: LabelledImages | None = None
    """Unlabelled or pseudo-labelled images."""
    other_domain: LabelledImages | None = None
    """Images of further classes, all labelled."""

    def labelled_per_batch(self, settings: TrainGan) -> int:
        """Return the number of images of `train` in each batch."""
        _, extra, other = self
        return settings.labelled_per_batch(unlabelled=extra is not None, other_domain=other is not None)

    def batches(self, settings: TrainGan, seed: int, device: torch.device, *, translates: bool) -> RealBatches:
        """Return the batches, with all images copied to `device`: a data loader is too slow for small sets.

        translates: whether batches include images to translate.
        """
        return _OnDevice(self, settings, seed, device, translates=translates)


class _OnDevice:
    def __init__(
        self, images: TrainingImages, settings: TrainGan, seed: int, device: torch.device, *, translates: bool
    ) -> None:
        self.seed, self.device = seed, device
        train, extra, other = images
        size = images.labelled_per_batch(settings)
        labelled = index_batches(train, size, derive(seed, "batches"), balanced=settings.balanced)
        parts = [Part.on_device(train, labelled, size, device)]
        if extra is not None:
            parts.append(self._part(extra, settings.unlabelled_per_batch, "more"))
        if other is not None:
            parts.append(self._part(other, settings.other_domain_per_batch, "other_domain"))
        self.real = MixedBatches(*parts)
        self.attributes: MixedBatches | None = None
        if train.attributes is not None:
            sets = [each for each in images if each is not None]
            vectors = (torch.from_numpy(each.described).to(device) for each in sets)
            described = (part._replace(images=rows) for part, rows in zip(parts, vectors, strict=True))
            self.attributes = MixedBatches(*described)
        self.sources: MixedBatches | None = None
        if translates:
            # another domain's images come first here and last in the batch: each domain is translated into the other
            most = settings.batch_size - settings.other_domain_per_batch
            others = [parts[-1]._replace(size=min(parts[-1].size, most))] if other is not None else []
            rest = settings.batch_size - sum(part.size for part in others)
            shuffled = [self._shuffled(part, "other_domain_sources") for part in others]
            self.sources = MixedBatches(*shuffled, self._shuffled(parts[0]._replace(size=rest), "sources"))

    def _part(self, images: LabelledImages, size: int, purpose: str) -> Part:
        """Return a part that iterates over `images` in its own order, which is seeded by `purpose`."""
        return Part.on_device(images, Batches(len(images), size, derive(self.seed, purpose)), size, self.device)

    def _shuffled(self, part: Part, purpose: str) -> Part:
        """Return `part` in another order, seeded by `purpose`, that covers all of its images."""
        batches = Batches(len(part.images), part.size, derive(self.seed, purpose))
        return part._replace(batches=DeviceBatches(batches, self.device))

    def __getitem__(self, update: int) -> RealBatch:
        sources = (None, None) if self.sources is None else self.sources[update]
        attributes = None if self.attributes is None else self.attributes[update][0]
        return RealBatch(*self.real[update], attributes, *sources)
