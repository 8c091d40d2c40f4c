"""Looks at a GAN several times while it trains: is it in good health, and when was its generator best?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from pytorch_lightning import Callback, LightningModule, Trainer

from ganaug.classifier.features import FeatureExtractor
from ganaug.core.seeding import torch_generator
from ganaug.data.images import LabelledImages, to_float
from ganaug.gan.callbacks import History
from ganaug.gan.conditioning import conditions
from ganaug.gan.health import diversity, mutual_distance, near_copies, verdicts
from ganaug.gan.module import LitGAN
from ganaug.gan.networks import Generator
from ganaug.gan.objectives import Critique
from ganaug.gan.sampling import image_seeds, sample

LOOKED_AT = 512
"""At most so many images of each kind are looked at, and at least so many fake ones."""


class Examination(Callback):
    """Measures health and quality at several moments, and keeps the generator of the best one.

    Quality is the distance of fake images and their classes from the validation images, in the features of a classifier
    trained on the real training images. The figures go into the rows of the history.
    """

    def __init__(
        self,
        generator: Generator,
        history: History,
        extractor: FeatureExtractor,
        sets: tuple[LabelledImages, LabelledImages],
        moments: Sequence[int],
    ) -> None:
        """Look at `generator`, the one that is to be used, after the steps in `moments`; 0 is before the first one.

        sets: training and validation images.
        """
        self.generator, self.history, self.extractor = generator, history, extractor
        self.train, self.val = (_some(images) for images in sets)
        self.moments = frozenset(moments)
        self.train_features, self.val_features = extractor(self.train.images), extractor(self.val.images)
        count = max(LOOKED_AT, len(self.val))
        self.labels = self.val.labels[np.arange(count) * len(self.val) // count]  # in the same proportions
        self.figures: dict[str, float] = {}
        self.per_class: dict[str, float] = {}
        self.best: dict[str, Any] = {}
        """step, weights, figures and per_class of the best generator so far."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Look before the first step, unless the run goes on from a checkpoint."""
        if not self.best:
            self._look(0, cast(LitGAN, pl_module))

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Look if the moment has come."""
        if batch_idx + 1 in self.moments:
            self._look(batch_idx + 1, cast(LitGAN, pl_module))

    def _look(self, step: int, gan: LitGAN) -> None:
        fakes = np.concatenate(list(sample(self.generator, self.labels, image_seeds(0, len(self.labels)), gan.device)))
        features = self.extractor(fakes)
        ratios = diversity(features, self.labels, self.val_features, self.val.labels)
        figures = {
            "diversity": float(np.mean(list(ratios.values()))) if ratios else 1.0,
            "near_copies": near_copies(features, self.train_features, self.val_features),
            "distance": mutual_distance(features, self.labels, self.val_features, self.val.labels),
        }
        self.figures = self._discriminator(gan, step) | figures
        self.per_class = {self.train.classes[label]: ratio for label, ratio in ratios.items()}
        self.history.latest |= self.figures
        if not self.best or figures["distance"] < self.best["figures"]["distance"]:
            weights = {name: value.clone() for name, value in self.generator.state_dict().items()}
            self.best = {"step": step, "weights": weights, "figures": figures, "per_class": self.per_class}

    @torch.no_grad()
    def _discriminator(self, gan: LitGAN, step: int) -> dict[str, float]:
        """Return what the discriminator says of training, validation and the current generator's images."""
        randomness = torch_generator(0, "examination", gan.device)
        gan.eval()
        said: dict[str, list[np.ndarray]] = {"train": [], "val": [], "fake": []}
        for name, images in (("train", self.train), ("val", self.val)):
            # batches as in training, the last one filled up: some discriminators compare the images of a batch
            size = gan.settings.batch_size
            for chosen in np.resize(np.arange(len(images)), (-(-len(images) // size), size)):
                labels = torch.from_numpy(images.labels[chosen]).to(gan.device)
                condition = conditions(labels, gan.classes, gan.class_strength(step))
                critic = gan.critic(condition, randomness)
                said[name].append(_numbers(critic(to_float(torch.from_numpy(images.images[chosen]).to(gan.device)))))
                if name == "val":
                    said["fake"].append(_numbers(critic(gan.sample(condition, randomness))))
        gan.train()
        counts = {"train": len(self.train), "val": len(self.val), "fake": len(self.val)}
        realness = {name: np.concatenate(parts)[: counts[name]] for name, parts in said.items()}
        absolute = gan.settings.objective.absolute
        level = 0.0 if absolute else float(realness["train"].mean() + realness["fake"].mean()) / 2
        train, val, fake = (verdicts(realness[name], level) for name in ("train", "val", "fake"))
        return {
            "p_real": train.probability,
            "p_fake": fake.probability,
            "accuracy_train": train.above,
            "accuracy_val": val.above,
            "accuracy_fake": 1 - fake.above,
        }

    def state_dict(self) -> dict[str, Any]:
        """Return the latest figures and the best generator, for the checkpoint."""
        return {"figures": self.figures, "per_class": self.per_class, "best": self.best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.figures, self.per_class, self.best = (state_dict[key] for key in ("figures", "per_class", "best"))


def _some(images: LabelledImages) -> LabelledImages:
    """Return at most LOOKED_AT images, evenly from the whole set."""
    return images.subset(np.unique(np.linspace(0, len(images) - 1, LOOKED_AT).round().astype(int)))


def _numbers(critique: Critique) -> np.ndarray:
    return critique.realness.float().cpu().numpy()
