"""Try each share of synthetic images that one arm may have, in one replicate."""

import numpy as np

from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.experiment.arms.predictions import NOTHING_TRIED
from ganaug.experiment.arms.settings import Arm


def main(paths: Paths, name: str, replicate: str) -> None:
    params, trial = ParamsFile.load(paths.params), paths.trial(name, replicate)
    arm = params.section(f"arms.augmented.{name}", Arm)
    trial.parent.mkdir(parents=True, exist_ok=True)
    if len(arm.synthetic_shares) == 1:  # most arms have nothing to try, so this comes before torch is imported
        np.save(trial, NOTHING_TRIED)
        return

    from functools import partial

    from ganaug.experiment.arms.data import ReplicateData
    from ganaug.experiment.arms.training import ArmTraining
    from ganaug.gan.discriminator_classifier import load_discriminator_classifier

    data = ReplicateData(paths, int(replicate), partial(load_discriminator_classifier, paths.gan(replicate)))
    np.save(trial, ArmTraining.read(params, "augmented", name, data).try_shares())


if __name__ == "__main__":
    run(main)
