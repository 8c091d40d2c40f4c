"""M2m, major-to-minor translation by a classifier's gradients instead of a GAN (Kim et al., 2020)."""

from typing import Annotated, Self

import numpy as np
import torch
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from torch import Tensor
from torch.nn.functional import cross_entropy

from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.oversampling import FitClassifier, Oversampler, deficits
from ganaug.core.config import settings
from ganaug.core.device import device
from ganaug.core.seeding import derive, numpy_generator, torch_generator
from ganaug.data.images import LabelledImages, to_float, to_uint8
from ganaug.data.source_images import source_weights

CHUNK = 256
"""Images translated together."""


@settings
class M2m(Oversampler):
    """Images of more common classes, changed in small steps until a classifier takes them for the rare class.

    If the classifier rejects an image, a real image of the rare class is repeated instead.

    Differences from the paper: the images are made once before training, not in each batch; so the second classifier,
    which should forget the source's class, is not the classifier in training. The first classifier is also trained with
    all classes equally often: otherwise it would never predict a class of five images.
    """

    iterations: PositiveInt = 10
    """Steps of gradient descent on the image."""
    step: PositiveFloat = 0.5
    """Euclidean length of a step, for pixels from 0 to 1. M2m: 0.1 for photographs; on 8×8 digits, 0.1 gets 12 of 225
    images accepted, and 0.5 gets 44."""
    noise: NonNegativeFloat = 0.5
    """Euclidean length of the noise that is added at the start."""
    forget: NonNegativeFloat = 0.5
    """Weight λ of the second classifier's logit of the source's class."""
    confidence: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """Confidence γ of the first classifier in the new class, below which an image is rejected. M2m: 0.9 or 0.99."""
    beta: Annotated[float, Field(gt=0, lt=1)] = 0.99
    """β: an image is kept with probability 1 − β^(difference in the numbers of images of both classes). M2m: 0.999, for
    classes of thousands of images."""

    @classmethod
    def small(cls) -> Self:
        return cls(step=1.0, confidence=0.0, beta=0.5)

    def __call__(self, train: LabelledImages, fit: FitClassifier, seed: int) -> LabelledImages:
        missing = deficits(train)
        if not missing.any():
            return train.subset([])
        first, second = (fit(derive(seed, name)) for name in ("first", "second"))
        parts = [train.subset([])]
        for label in np.flatnonzero(missing).tolist():
            randomness = numpy_generator(seed, f"class/{label}")
            weights = source_weights("common", train.labels, label, self.beta)
            sources = randomness.choice(len(train), missing[label], p=weights / weights.sum())
            before = len(parts)
            for start in range(0, len(sources), CHUNK):
                chunk = train.subset(sources[start : start + CHUNK])
                parts.append(self._translated(chunk, label, missing, (first, second), derive(seed, f"{label}/{start}")))
            real = np.flatnonzero(train.labels == label)
            if len(real):  # a real image replaces a rejected one, as in the paper
                rejected = missing[label] - sum(map(len, parts[before:]))
                parts.append(train.subset(randomness.choice(real, rejected)))
        images = np.concatenate([np.asarray(part.images) for part in parts])
        labels = np.concatenate([part.labels for part in parts])
        return LabelledImages(images, labels, train.classes, {"name": "m2m"})

    def _translated(
        self,
        sources: LabelledImages,
        label: int,
        missing: np.ndarray,
        classifiers: tuple[ImageClassifier, ImageClassifier],
        seed: int,
    ) -> LabelledImages:
        """Return the translations of `sources` into class `label` that are accepted."""
        randomness = torch_generator(seed, "noise", "cpu")
        first, second = (classifier.to(device()).eval() for classifier in classifiers)
        pixels = (to_float(torch.from_numpy(np.array(sources.images))) + 1) / 2
        noise = torch.randn(pixels.shape, generator=randomness)
        pixels = (pixels + self.noise * _unit(noise)).clamp(0, 1).to(device())
        wanted = torch.full((len(pixels),), label, device=device())
        source_labels = torch.from_numpy(sources.labels).to(device())
        for _ in range(self.iterations):
            pixels.requires_grad_()
            images = 2 * pixels - 1
            source_logits = second(images).gather(1, source_labels[:, None])
            loss = cross_entropy(first(images), wanted, reduction="sum") + self.forget * source_logits.sum()
            (gradient,) = torch.autograd.grad(loss, pixels)
            pixels = (pixels.detach() - self.step * _unit(gradient)).clamp(0, 1)
        translated = to_uint8(2 * pixels - 1).cpu()
        with torch.no_grad():
            confidence = first(to_float(translated).to(device())).softmax(1)[:, label].cpu().numpy()
        kept = 1 - self.beta ** (missing[label] - missing[sources.labels]).clip(0)
        accepted = (confidence >= self.confidence) & (torch.rand(len(kept), generator=randomness).numpy() < kept)
        labels = np.full(int(accepted.sum()), label, dtype=np.int64)
        return LabelledImages(translated.numpy()[accepted], labels, sources.classes)


def _unit(vectors: Tensor) -> Tensor:
    """Scale each image of `vectors` (N, C, H, W) to length 1."""
    return vectors / vectors.flatten(1).norm(dim=1).clamp(min=1e-12).view(-1, 1, 1, 1)
