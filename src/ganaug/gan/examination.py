"""Evaluates a GAN's health and quality several times during training, and keeps the best generator."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from torch import Tensor

from ganaug.classifier.features import FeatureExtractor
from ganaug.core.finding import Finding
from ganaug.core.forward import forward
from ganaug.core.seeding import torch_generator
from ganaug.data.images import UNLABELLED, LabelledImages, to_float
from ganaug.gan.callbacks import History
from ganaug.gan.conditioning import conditions
from ganaug.gan.draws import same_images
from ganaug.gan.health import distance_findings
from ganaug.gan.health_measures import diversity, mutual_distance, near_copies, source_effect, summarise_realness
from ganaug.gan.module import LitGAN
from ganaug.gan.networks import Generator
from ganaug.gan.sampling import RealImages, image_seeds, sample

MAX_IMAGES = 512
"""Maximum number of images used of each real set, and minimum number of fake images."""


class Measurements(NamedTuple):
    """Result of one examination."""

    step: int
    discriminator: dict[str, float]
    """p_real, p_fake, accuracy_train, accuracy_val and accuracy_fake."""
    generator: dict[str, float]
    """diversity, near_copies and distance; for a generator that translates also source_class and, if it has noise,
    source_effect."""
    per_class: dict[str, float]
    """Diversity by class name."""

    @property
    def figures(self) -> dict[str, float]:
        """All figures of the two networks."""
        return self.discriminator | self.generator


class Examination(Callback):
    """Measures health and quality after several steps, and keeps the weights of the best generator.

    Quality is the distance of labelled fake images from the validation images, in the features of classifiers trained
    on the real training images. The figures become columns of the history. With several devices, the first one measures
    and broadcasts the result.
    """

    def __init__(
        self,
        generator: Generator,
        history: History,
        extractor: FeatureExtractor,
        real: RealImages,
        val: LabelledImages,
        steps: Sequence[int],
    ) -> None:
        """Examine the averaged `generator` before the first step and after each of `steps`.

        extractor: the classifiers whose features are compared. real: its training images. val: validation images.
        """
        self.generator, self.history, self.extractor = generator, history, extractor
        self.train, self.val = (_spread_sample(images) for images in (real.train, val))
        self.steps = frozenset(steps)
        self.train_features, self.val_features = extractor(self.train.images), extractor(self.val.images)
        count = max(MAX_IMAGES, len(self.val))
        shown = self.val.subset(np.arange(count) * len(self.val) // count)  # in the same proportions
        self.labels, self.attributes = shown.labels, shown.attributes
        self.sources = real.examined_sources(generator, self.labels)
        self.sources_for_val = real.examined_sources(generator, self.val.labels)
        self.source_images = None if self.sources is None else self.sources.images
        self.latest: Measurements | None = None
        self.best: Measurements | None = None
        self.best_weights: dict[str, Tensor] = {}
        """Weights of the generator that `best` describes."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Examine before the first step, unless the run resumes from a checkpoint."""
        if self.best is None:
            self._examine(0, trainer, cast(LitGAN, pl_module))

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Examine if an examination is due."""
        if batch_idx + 1 in self.steps:
            self._examine(batch_idx + 1, trainer, cast(LitGAN, pl_module))

    def distance_findings(self, measured: Measurements) -> list[Finding]:
        """Return findings about the distance of the generator that `measured` describes."""
        of_training_images = mutual_distance(self.train_features, self.train.labels, self.val_features, self.val.labels)
        improving = self.best is not None and self.latest is not None and self.best.step == self.latest.step
        return distance_findings(measured.generator["distance"], of_training_images, improving=improving)

    def _examine(self, step: int, trainer: Trainer, gan: LitGAN) -> None:
        measured = self._measure(step, gan) if trainer.is_global_zero else None
        self.latest = latest = cast(Measurements, trainer.strategy.broadcast(measured))
        self.history.latest |= latest.figures
        if self.best is None or latest.generator["distance"] < self.best.generator["distance"]:
            self.best = latest
            self.best_weights = {name: value.clone() for name, value in self.generator.state_dict().items()}

    def _measure(self, step: int, gan: LitGAN) -> Measurements:
        seeds = image_seeds(0, len(self.labels))
        chunks = sample(
            self.generator, self.labels, seeds, gan.device, sources=self.source_images, attributes=self.attributes
        )
        fakes = np.concatenate(list(chunks))
        features = self.extractor(fakes)
        ratios = diversity(features, self.labels, self.val_features, self.val.labels)
        figures = {
            "diversity": float(np.mean(list(ratios.values()))) if ratios else 1.0,
            "near_copies": near_copies(features, self.train_features, self.val_features),
            "distance": mutual_distance(features, self.labels, self.val_features, self.val.labels),
            **self._measure_translation(gan, fakes, seeds),
        }
        per_class = {self.train.classes[label]: ratio for label, ratio in ratios.items()}
        return Measurements(step, self._measure_discriminator(gan, step), figures, per_class)

    def _measure_translation(self, gan: LitGAN, fakes: np.ndarray, seeds: np.ndarray) -> dict[str, float]:
        """Return how much `fakes` (N, C, H, W), made from `seeds` (N,), keep of their sources; {} without sources."""
        if self.sources is None:
            return {}
        figures = {}
        translated = (self.sources.labels != self.labels) & (self.sources.labels != UNLABELLED)
        if translated.any():
            taken_for = self.extractor.probabilities(fakes[translated]).argmax(1)
            figures["source_class"] = float((taken_for == self.sources.labels[translated]).mean())
        if self.generator.z_dim == 0:  # without noise, only the source varies
            return figures
        others = self.sources.images[_next_of_class(self.labels)]
        again = np.concatenate(list(sample(self.generator, self.labels, seeds, gan.device, sources=others)))
        pixels, pixels_again = (images.reshape(len(images), -1).astype(np.float32) for images in (fakes, again))
        figures["source_effect"] = source_effect(pixels, pixels_again, self.labels)
        return figures

    def _measure_discriminator(self, gan: LitGAN, step: int) -> dict[str, float]:
        """Return how well the discriminator distinguishes real images (training, validation) from fake ones."""
        realness = self._realness(gan, step)
        absolute = gan.settings.objective.absolute
        threshold = 0.0 if absolute else float(realness["train"].mean() + realness["fake"].mean()) / 2
        train, val, fake = (summarise_realness(realness[name], threshold) for name in ("train", "val", "fake"))
        return {
            "p_real": train.probability,
            "p_fake": fake.probability,
            "accuracy_train": train.share_above,
            "accuracy_val": val.share_above,
            "accuracy_fake": 1 - fake.share_above,
        }

    @same_images()
    def _realness(self, gan: LitGAN, step: int) -> dict[str, np.ndarray]:
        """Return the discriminator's realness of `train` (N,), `val` (M,) and as many `fake` images (M,)."""
        randomness = torch_generator(0, "examination", gan.device)
        strength, z_dim = gan.class_strength(step), gan.settings.network.z_dim

        def rate(images: Tensor, labels: Tensor, attributes: Tensor) -> Tensor:
            critic = gan.critic(conditions(labels, gan.condition_size, strength, attributes), randomness)
            return critic(to_float(images)).realness

        def rate_real_and_fake(images: Tensor, labels: Tensor, attributes: Tensor, *sources: Tensor) -> Tensor:
            condition = conditions(labels, gan.condition_size, strength, attributes)
            critic = gan.critic(condition, randomness)
            real = critic(to_float(images)).realness
            z = torch.randn(len(labels), z_dim, generator=randomness, device=gan.device)
            fake = critic(gan.generator(z, condition, *map(to_float, sources))).realness
            return torch.stack([real, fake], dim=1)

        sources = self.sources_for_val
        # batches as in training, the last one padded: some discriminators compare the images within a batch
        run = partial(forward, size=gan.settings.batch_size, device=gan.device, fill=True)
        gan.eval()
        train = run(rate, self.train.images, self.train.labels, self.train.described)
        inputs = self.val.images, self.val.labels, self.val.described, *([] if sources is None else [sources.images])
        real, fake = run(rate_real_and_fake, *inputs).unbind(1)
        gan.train()
        return {name: rated.float().numpy() for name, rated in (("train", train), ("val", real), ("fake", fake))}

    def state_dict(self) -> dict[str, Any]:
        """Return the latest and best results and the best weights, for the checkpoint."""
        latest, best = (None if measured is None else measured._asdict() for measured in (self.latest, self.best))
        return {"latest": latest, "best": best, "best_weights": self.best_weights}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the results from a checkpoint."""
        self.latest, self.best = (
            None if state_dict[name] is None else Measurements(**state_dict[name]) for name in ("latest", "best")
        )
        self.best_weights = state_dict["best_weights"]


def _next_of_class(labels: np.ndarray) -> np.ndarray:
    """Return the index of the next equal label for each of `labels` (N,), cyclically."""
    following = np.zeros(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        following[places] = np.roll(places, -1)
    return following


def _spread_sample(images: LabelledImages) -> LabelledImages:
    """Return at most MAX_IMAGES images, evenly spread over the whole set."""
    return images.subset(np.unique(np.linspace(0, len(images) - 1, MAX_IMAGES).round().astype(int)))
