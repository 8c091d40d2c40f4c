"""Looks at a GAN several times while it trains: is it in good health, and when was its generator best?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from torch import Tensor

from ganaug.conditioning import conditions
from ganaug.features import FeatureExtractor
from ganaug.gan import LitGAN
from ganaug.health import diversity, mutual_distance, near_copies, verdicts
from ganaug.images import LabelledImages, to_float
from ganaug.monitoring import History
from ganaug.networks import Generator
from ganaug.sampling import image_seeds, sample
from ganaug.seeding import torch_generator

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
        self.labels = np.resize(self.val.labels, max(LOOKED_AT, len(self.val)))
        self.figures: dict[str, float] = {}
        self.per_class: dict[str, float] = {}
        self.best: dict[str, Any] = {}
        """step, distance and weights of the best generator so far."""

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
        distance = mutual_distance(features, self.labels, self.val_features, self.val.labels)
        self.figures = self._discriminator(gan) | {
            "diversity": float(np.mean(list(ratios.values()))) if ratios else 1.0,
            "near_copies": near_copies(features, self.train_features, self.val_features),
            "distance": distance,
        }
        self.per_class = {self.train.classes[label]: ratio for label, ratio in ratios.items()}
        self.history.latest |= self.figures
        if not self.best or distance < self.best["distance"]:
            weights = {name: value.clone() for name, value in self.generator.state_dict().items()}
            self.best = {"step": step, "distance": distance, "weights": weights}

    @torch.no_grad()
    def _discriminator(self, gan: LitGAN) -> dict[str, float]:
        """Return what the discriminator says of training, validation and the current generator's images."""
        randomness = torch_generator(0, "examination", gan.device)
        gan.eval()
        said = {}
        for name, images in (("train", self.train), ("val", self.val)):
            condition = conditions(torch.from_numpy(np.array(images.labels)).to(gan.device), gan.classes)
            real = to_float(torch.from_numpy(np.array(images.images)).to(gan.device))
            said[name] = _numbers(gan.critic(condition, randomness)(real).realness)
            if name == "val":
                said["fake"] = _numbers(gan.critic(condition, randomness)(gan.sample(condition, randomness)).realness)
        gan.train()
        absolute = gan.settings.objective.absolute
        level = 0.0 if absolute else float(said["train"].mean() + said["fake"].mean()) / 2
        train, val, fake = (verdicts(said[name], level) for name in ("train", "val", "fake"))
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


def _numbers(realness: Tensor) -> np.ndarray:
    return realness.float().cpu().numpy()
