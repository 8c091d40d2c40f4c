"""Train one classifier on one arm's mixture of real and synthetic images, and let it predict."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import cos, inf, isfinite, pi

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ganaug.batches import Batches
from ganaug.errors import InputError
from ganaug.evaluation import balanced_accuracy
from ganaug.images import LabelledImages, to_float
from ganaug.sections.train_classifier import Arm, TrainClassifier
from ganaug.seeding import derive
from ganaug.transforms import apply, build_transform

PREDICTED_TOGETHER = 512


@dataclass(frozen=True)
class Fitted:
    """A trained classifier in its best state, when that was, and the looks at validation on the way.

    history: rows of step, loss (mean over the steps since the last look), val_balanced_accuracy and val_loss.
    """

    model: nn.Module
    step: int
    history: list[dict[str, float]]


@dataclass(frozen=True)
class TrainingSets:
    """What one classifier may learn from. synthetic is None where the arm uses none."""

    train: LabelledImages
    val: LabelledImages
    synthetic: LabelledImages | None = None


def fit(
    settings: TrainClassifier, arm: Arm, sets: TrainingSets, seed: int, on_step: Callable[[int], None] = lambda _: None
) -> Fitted:
    """Train for `settings.steps` steps and return the state with the best validation balanced accuracy.

    The same seed gives the same initial weights and the same order of real images in every arm, whatever else is in a
    batch: differences between arms are paired. Ties go to the lower validation loss, then to the earlier step.

    Raises InputError if training diverges.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with torch.random.fork_rng():  # torchvision's transforms know only the global generator
        torch.manual_seed(derive(seed, "weights"))
        model = settings.classifier.build(sets.train.shape, len(sets.train.classes))
        model = model.to(device).to(memory_format=torch.channels_last)
        torch.manual_seed(derive(seed, "transforms"))
        return _fit(model, device, settings, _Mixture(settings, arm, sets, seed), sets.val, on_step)


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
                raise InputError(f"classifier diverged before step {step}; lower train_classifier.learning_rate")
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


class _Mixture:
    """Batches with the arm's share of synthetic images, transformed, in [-1, 1]."""

    def __init__(self, settings: TrainClassifier, arm: Arm, sets: TrainingSets, seed: int) -> None:
        share = round(arm.synthetic * settings.batch_size)
        mixed = 0 < arm.synthetic < 1  # then there is at least one image of each kind
        self.fakes = min(max(share, 1), settings.batch_size - 1) if mixed else share
        self.reals = settings.batch_size - self.fakes
        self.transform = build_transform(arm.transforms)
        self.real = sets.train, Batches(len(sets.train), settings.batch_size, derive(seed, "real"))
        if sets.synthetic is not None:
            self.synthetic = sets.synthetic, Batches(len(sets.synthetic), self.fakes, derive(seed, "synthetic"))

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        parts = [(self.real, self.reals)] if self.reals else []
        if self.fakes:
            parts.append((self.synthetic, self.fakes))
        chosen = [(source, np.sort(batches[step][:count])) for (source, batches), count in parts]
        images = np.concatenate([source.images[indices] for source, indices in chosen])
        labels = np.concatenate([source.labels[indices] for source, indices in chosen])
        return to_float(apply(self.transform, torch.from_numpy(images))), torch.from_numpy(labels)


def predict(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return class probabilities (N, K), float32, of uint8 `images` (N, C, H, W)."""
    return _logits(model, images).softmax(1).cpu().numpy()


@torch.inference_mode()
def _logits(model: nn.Module, images: np.ndarray) -> Tensor:
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    parts = [
        model(to_float(torch.from_numpy(np.array(images[start : start + PREDICTED_TOGETHER])).to(device)))
        for start in range(0, len(images), PREDICTED_TOGETHER)
    ]
    model.train(training)
    return torch.cat(parts)


def look(model: nn.Module, val: LabelledImages) -> dict[str, float]:
    """Return val_balanced_accuracy and val_loss (mean cross-entropy)."""
    logits = _logits(model, val.images).cpu()
    labels = torch.from_numpy(np.array(val.labels))
    return {
        "val_balanced_accuracy": balanced_accuracy(logits.argmax(1).numpy(), val.labels),
        "val_loss": cross_entropy(logits, labels).item(),
    }
