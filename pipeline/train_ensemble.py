"""Train one replicate's ensemble, and let it say what it takes the images without labels for."""

import numpy as np

from ganaug.config import read, read_seed
from ganaug.ensemble import train_ensemble
from ganaug.files import fresh
from ganaug.images import LabelledImages
from ganaug.progress import Progress
from ganaug.results import ENSEMBLES, PREPARED, opinions
from ganaug.sections.train_ensemble import TrainEnsemble
from ganaug.seeding import derive
from ganaug.stage import run


def main(replicate: str) -> None:
    settings, seed = read("train_ensemble", TrainEnsemble), derive(read_seed(), f"train_ensemble/{replicate}")
    folders = PREPARED / replicate / "train", PREPARED / "val", PREPARED / replicate / "unlabelled"
    train, val, unlabelled = map(LabelledImages.load, folders)
    progress = Progress(f"train_ensemble@{replicate}", settings.members * settings.steps)
    ensemble = train_ensemble(settings, train, val, seed, progress.step)
    progress.close()
    folder = fresh(ENSEMBLES / replicate)
    ensemble.save(folder)
    np.save(opinions(replicate), ensemble.probabilities(unlabelled.images).mean(axis=0))


if __name__ == "__main__":
    run(main)
