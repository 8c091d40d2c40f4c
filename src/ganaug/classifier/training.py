"""Train one classifier on one arm's mixture of real and synthetic images, and let it predict."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import cos, inf, isfinite, pi
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from ganaug.classifier.prediction import look
from ganaug.core.device import device
from ganaug.core.errors import InputError
from ganaug.core.seeding import derive
from ganaug.data.batches import Batches, ClassBatches
from ganaug.data.images import LabelledImages, to_float
from ganaug.data.transforms import apply, build_mixing, build_transform
from ganaug.experiment.arm_settings import Arm, TrainClassifier


@dataclass(frozen=True)
class Fitted:
    """A trained classifier in its best state, when that was, and the looks at validation on the way.

    history: rows of step, loss (mean over the steps since the last look), val_balanced_accuracy and val_loss.
    """

    model: nn.Module
    step: int
    history: list[dict[str, float]]

    @property
    def val_balanced_accuracy(self) -> float:
        """Of the best state."""
        return next(row["val_balanced_accuracy"] for row in self.history if row["step"] == self.step)


@dataclass(frozen=True)
class TrainingSets:
    """What one classifier may learn from; None is what its arm does not use."""

    train: LabelledImages
    val: LabelledImages
    synthetic: LabelledImages | None = None
    soft: np.ndarray | None = None
    """Class probabilities (N, K), float32, of the synthetic images, to learn instead of their labels."""
    pseudo: LabelledImages | None = None
    """Images of the pool with pseudo-labels."""


def fit(
    settings: TrainClassifier, arm: Arm, sets: TrainingSets, seed: int, on_step: Callable[[int], None] = lambda _: None
) -> Fitted:
    """Train for `settings.steps` steps and return the state with the best validation balanced accuracy.

    `arm` has one share of synthetic images.

    The same seed gives the same initial weights in every arm, and the same order of real images in every arm that has
    the same ones and is as `balanced`, whatever else is in a batch: differences between arms are paired. Ties go to the
    lower validation loss, then to the earlier step.

    Raises InputError if training diverges.
    """
    place = torch.device(device())
    with torch.random.fork_rng():  # torchvision's transforms know only the global generator
        torch.manual_seed(derive(seed, "weights"))
        model = settings.classifier.build(sets.train.shape, len(sets.train.classes))
        model = model.to(place).to(memory_format=torch.channels_last)
        torch.manual_seed(derive(seed, "transforms"))
        return _fit(model, place, settings, _Mixture(settings, arm, sets, seed), sets.val, on_step)


def _fit(
    model: nn.Module,
    device: torch.device,
    settings: TrainClassifier,
    mixture: _Mixture,
    val: LabelledImages,
    on_step: Callable[[int], None],
) -> Fitted:
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, partial(rate, steps=settings.steps))
    best, best_step, best_state = (-1.0, -inf), 0, model.state_dict()
    history: list[dict[str, float]] = []
    losses: list[Tensor] = []
    model.train()
    for step in range(1, settings.steps + 1):
        images, labels = mixture[step - 1]
        loss = cross_entropy(model(images.to(device, memory_format=torch.channels_last)), labels.to(device))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        losses.append(loss.detach())
        if step % settings.evaluate_every == 0 or step == settings.steps:
            row = {"step": float(step), "loss": torch.stack(losses).mean().item(), **look(model, val)}
            losses.clear()
            if not isfinite(row["loss"] + row["val_loss"]):
                raise InputError(f"classifier diverged before step {step}; lower its learning_rate")
            history.append(row)
            figure = row["val_balanced_accuracy"], -row["val_loss"]
            if figure > best:
                best, best_step, best_state = figure, step, copy.deepcopy(model.state_dict())
        on_step(step)
    model.load_state_dict(best_state)
    return Fitted(model.eval(), best_step, history)


def rate(step: int, steps: int) -> float:
    """Return the share of the largest learning rate in step `step`, from 0 on, of `steps`.

    It rises in a straight line over the first tenth of the steps and then falls to 0 along a half cosine.
    """
    rise = max(1, steps // 10)
    return (step + 1) / rise if step < rise else (1 + cos(pi * (step - rise + 1) / (steps - rise + 1))) / 2


class _Part(NamedTuple):
    """Where some images of each batch come from."""

    images: np.ndarray
    targets: np.ndarray
    batches: Batches | ClassBatches
    size: int


class _Mixture:
    """Batches of an arm: real, pseudo-labelled and synthetic images, transformed, mixed, in [-1, 1]; and targets.

    Targets are labels (N,), or probabilities (N, K) where some are.
    """

    def __init__(self, settings: TrainClassifier, arm: Arm, sets: TrainingSets, seed: int) -> None:
        (share,) = arm.shares
        self.classes = len(sets.train.classes)
        self.transform, self.mixing = build_transform(arm.transforms), build_mixing(arm.mixing, self.classes)
        reals, pseudo, fakes = _sizes(arm.pseudo_labels, share, settings.batch_size)
        self.parts = []
        if reals:
            # batches of full size, cut: the same real images come in the same order in all arms
            batches: Batches | ClassBatches = Batches(len(sets.train), settings.batch_size, derive(seed, "real"))
            if arm.balanced:
                batches = ClassBatches.even(sets.train, settings.batch_size, derive(seed, "real"))
            self.parts.append(_Part(sets.train.images, sets.train.labels, batches, reals))
        for size, given, kind in ((fakes, sets.synthetic, "synthetic"), (pseudo, sets.pseudo, "pseudo-labelled")):
            if size and given is None:
                raise ValueError(f"the arm wants {kind} images, and there are none among its sets")
        if fakes and sets.synthetic is not None:
            batches = Batches(len(sets.synthetic), fakes, derive(seed, "synthetic"))
            if arm.synthetic_for == "short":
                batches = ClassBatches(
                    sets.synthetic.labels, _missing(sets.train, sets.synthetic), fakes, derive(seed, "synthetic")
                )
            targets = sets.synthetic.labels if sets.soft is None else sets.soft
            self.parts.append(_Part(sets.synthetic.images, targets, batches, fakes))
        if pseudo and sets.pseudo is not None:
            batches = Batches(len(sets.pseudo), pseudo, derive(seed, "pseudo"))
            self.parts.append(_Part(sets.pseudo.images, sets.pseudo.labels, batches, pseudo))
        self.soft = any(part.targets.ndim > 1 for part in self.parts)

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        chosen = [(part, np.sort(part.batches[step][: part.size])) for part in self.parts]
        images = to_float(
            apply(self.transform, torch.from_numpy(np.concatenate([part.images[indices] for part, indices in chosen])))
        )
        each = [torch.from_numpy(part.targets[indices]) for part, indices in chosen]
        targets = torch.cat([self._probabilities(one) for one in each] if self.soft else each)
        return self.mixing(images, targets) if self.mixing else (images, targets)

    def _probabilities(self, targets: Tensor) -> Tensor:
        return (one_hot(targets, self.classes) if targets.ndim == 1 else targets).float()


def _sizes(pseudo: float, synthetic: float, batch_size: int) -> list[int]:
    """Return how many images of a batch are real, pseudo-labelled and synthetic: at least one of each that has a share.

    What rounding leaves over goes to the largest; only of a batch of two with three kinds, one stays away.
    """
    shares = np.array([1 - pseudo - synthetic, pseudo, synthetic]).round(9)
    sizes = np.maximum(np.round(shares * batch_size), shares > 0).astype(int)
    sizes[shares.argmax()] += batch_size - sizes.sum()
    return sizes.tolist()


def _missing(train: LabelledImages, synthetic: LabelledImages) -> np.ndarray:
    """Return (K,): how many images each class has fewer than the largest; 0 where there are no synthetic ones.

    Raises InputError if that leaves no class.
    """
    counts = np.array(list(train.counts.values()))
    missing = (counts.max() - counts) * (np.array(list(synthetic.counts.values())) > 0)
    if not missing.any():
        raise InputError(
            "synthetic_for: short: there are no synthetic images of a class that has fewer labelled ones than the "
            "largest: data/synthetic/<replicate>/CARD.md says what was refused; take generate.policy none or a larger "
            "pool, train_gan.balanced: true, or `synthetic_for: all`"
        )
    return missing.astype(np.float64)
