"""Trains one classifier and keeps its best state."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import cos, inf, isfinite, pi
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from ganaug.classifier.frozen import feature_batches, validation_on_features
from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.prediction import validate
from ganaug.classifier.settings import Training
from ganaug.core.device import device
from ganaug.core.errors import InputError
from ganaug.core.seeding import derive
from ganaug.data.images import LabelledImages


class TrainingBatches(Protocol):
    """Batches to train on, such as `data.transforms.AugmentedBatches`."""

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return images (N, C, H, W) in [-1, 1] and targets of batch `step`, counted from 0.

        Targets are labels (N,), or class probabilities (N, K).
        """


@dataclass(frozen=True)
class Fitted:
    """A trained classifier in its best state, the step of that state, and the history of its training.

    history: rows of step, loss (mean over the steps since the last row), val_balanced_accuracy and val_loss.
    """

    model: ImageClassifier
    step: int
    history: list[dict[str, float]]

    @property
    def val_balanced_accuracy(self) -> float:
        """Balanced accuracy of the best state on the validation images."""
        return next(row["val_balanced_accuracy"] for row in self.history if row["step"] == self.step)


def fit(
    settings: Training,
    batches: TrainingBatches,
    val: LabelledImages,
    seed: int,
    on_step: Callable[[int], None] = lambda _: None,
) -> Fitted:
    """Train for `settings.steps` steps and return the state with the best validation balanced accuracy.

    The classifier is built for the size and classes of `val`. Ties go to the lower validation loss, then to the earlier
    step. on_step: called after each step with the number of steps done.

    `seed` determines the initial weights, unless they are pretrained, and the draws of layers such as dropout from
    torch's global generator, which is restored afterwards. `batches` alone determine the content of batches.

    Raises InputError if training diverges.
    """
    with torch.random.fork_rng():
        torch.manual_seed(derive(seed, "weights"))
        model = settings.classifier.build(val.shape, len(val.classes))
        settings.classifier.load_pretrained(model)
        model = model.to(device()).to(memory_format=torch.channels_last)
        torch.manual_seed(derive(seed, "layers"))
        return _fit(model, settings, batches, val, on_step)


def _fit(
    model: ImageClassifier,
    settings: Training,
    batches: TrainingBatches,
    val: LabelledImages,
    on_step: Callable[[int], None],
) -> Fitted:
    model_device = torch.device(device())
    optimizer = torch.optim.AdamW(
        model.parameter_groups(settings.learning_rate),
        lr=settings.learning_rate,
        weight_decay=settings.weight_decay,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, partial(learning_rate_factor, steps=settings.steps))
    best, best_step, best_state = (-1.0, -inf), 0, model.state_dict()
    history: list[dict[str, float]] = []
    losses: list[Tensor] = []
    features = feature_batches(model, batches, settings.steps)
    trained, batches = (model, batches) if features is None else (model.head, features)
    validated = validation_on_features(model, val) if model.frozen else partial(validate, model, val)
    model.train()
    for step in range(1, settings.steps + 1):
        inputs, targets = batches[step - 1]
        layout = torch.channels_last if inputs.ndim == 4 else torch.preserve_format  # features have no layout
        loss = cross_entropy(trained(inputs.to(model_device, memory_format=layout)), targets.to(model_device))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        losses.append(loss.detach())
        if step % settings.evaluate_every == 0 or step == settings.steps:
            row = {"step": float(step), "loss": torch.stack(losses).mean().item(), **validated()}
            losses.clear()
            if not isfinite(row["loss"] + row["val_loss"]):
                raise InputError(f"classifier diverged before step {step}; lower its learning_rate")
            history.append(row)
            score = row["val_balanced_accuracy"], -row["val_loss"]
            if score > best:
                best, best_step, best_state = score, step, copy.deepcopy(model.state_dict())
        on_step(step)
    model.load_state_dict(best_state)
    return Fitted(model.eval(), best_step, history)


def learning_rate_factor(step: int, steps: int) -> float:
    """Return the learning rate in step `step` (counted from 0) of `steps`, as a fraction of its peak.

    It rises linearly over the first tenth of the steps, then falls to 0 along a half cosine.
    """
    rise = max(1, steps // 10)
    return (step + 1) / rise if step < rise else (1 + cos(pi * (step - rise + 1) / (steps - rise + 1))) / 2
