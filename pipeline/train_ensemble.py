"""Train one replicate's ensemble, and save its predictions for the unlabelled images."""

import numpy as np

from ganaug.classifier.ensemble_training import train_ensemble
from ganaug.classifier.settings import TrainEnsemble
from ganaug.core.config import read, read_seed
from ganaug.core.files import recreate_directory
from ganaug.core.paths import ENSEMBLES, PREPARED, opinions
from ganaug.core.progress import Progress
from ganaug.core.seeding import derive
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages


def main(replicate: str) -> None:
    settings, seed = read("train_ensemble", TrainEnsemble), derive(read_seed(), f"train_ensemble/{replicate}")
    folders = PREPARED / replicate / "train", PREPARED / "val", PREPARED / replicate / "unlabelled"
    train, val, unlabelled = map(LabelledImages.load, folders)
    progress = Progress(f"train_ensemble@{replicate}", settings.members * settings.steps)
    ensemble = train_ensemble(settings, train, val, seed, progress.step)
    progress.close()
    folder = recreate_directory(ENSEMBLES / replicate)
    ensemble.save(folder)
    np.save(opinions(replicate), ensemble.probabilities(unlabelled.images).mean(axis=0))


if __name__ == "__main__":
    run(main)
