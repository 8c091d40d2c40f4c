"""One arm of the experiment: its classifiers, one a replicate."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from safetensors.torch import save_file

from ganaug.classification import TrainingSets, fit, predict
from ganaug.images import LabelledImages
from ganaug.progress import Progress
from ganaug.results import PREPARED, SYNTHETIC, Predictions, write_rows
from ganaug.sections.train_classifier import Arm, TrainClassifier
from ganaug.seeding import derive


def train_arm(
    settings: TrainClassifier, arm: Arm, replicates: Sequence[int], seed: int, output: Path
) -> dict[str, float]:
    """Train and save classifier.safetensors, history.csv, val.npy and test.npy in `output`/<replicate>.

    A replicate's seed is the same in every arm. Of the test set only the images are used, and only after training.
    Returns the seconds that each replicate took.
    """
    val, test = LabelledImages.load(PREPARED / "val"), LabelledImages.load(PREPARED / "test")
    progress = Progress(output.name, len(replicates) * settings.steps)
    seconds = {}
    for number, replicate in enumerate(replicates):
        began = time.monotonic()
        sets = TrainingSets(
            train=LabelledImages.load(PREPARED / str(replicate) / "train"),
            val=val,
            synthetic=LabelledImages.load(SYNTHETIC / str(replicate)) if arm.synthetic else None,
        )
        fitted = fit(
            settings, arm, sets, derive(seed, f"classifier/{replicate}"), progress.shifted(number * settings.steps)
        )
        folder = output / str(replicate)
        Predictions(val=predict(fitted.model, val.images), test=predict(fitted.model, test.images)).save(folder)
        write_rows(folder / "history.csv", fitted.history)
        weights = {name: value.cpu().contiguous() for name, value in fitted.model.state_dict().items()}
        save_file(weights, folder / "classifier.safetensors")
        seconds[str(replicate)] = round(time.monotonic() - began, 2)
    progress.close()
    return seconds
