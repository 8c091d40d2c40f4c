"""Train one replicate's ensemble, and save its predictions for images that it is not trained on."""

import numpy as np

from ganaug.classifier.ensemble_settings import TrainEnsemble
from ganaug.classifier.ensemble_training import train_ensemble
from ganaug.core.config import ParamsFile
from ganaug.core.files import recreate_directory
from ganaug.core.paths import Paths
from ganaug.core.progress import Progress
from ganaug.core.seeding import derive
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages


def main(paths: Paths, replicate: str) -> None:
    params = ParamsFile.load(paths.params)
    settings, seed = params.section("train_ensemble", TrainEnsemble), derive(params.seed, f"train_ensemble/{replicate}")
    train, val = LabelledImages.load(paths.train(replicate)), LabelledImages.load(paths.val)
    progress = Progress(f"train_ensemble@{replicate}", settings.members * settings.steps)
    ensemble = train_ensemble(settings, train, val, seed, progress.step)
    progress.close()
    ensemble.save(recreate_directory(paths.ensemble(replicate)))
    paths.ensemble_probabilities(replicate).parent.mkdir()
    for folder, file in (
        (paths.unlabelled(replicate), paths.ensemble_probabilities(replicate)),
        (paths.other_domain, paths.ensemble_probabilities_other_domain(replicate)),
    ):
        np.save(file, ensemble.probabilities(LabelledImages.load(folder).images).mean(axis=0))


if __name__ == "__main__":
    run(main)
