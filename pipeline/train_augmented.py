"""Train the classifiers of one arm with the GAN, and save their predictions."""

from functools import partial

from ganaug.core.config import ParamsFile
from ganaug.core.files import recreate_directory
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.experiment.arm_data import ReplicateData, arm_data
from ganaug.experiment.arm_settings import Arm, TrainClassifier
from ganaug.experiment.training import train_arm
from ganaug.gan.discriminator_classifier import load_discriminator_classifier


def main(paths: Paths, name: str) -> dict[str, float]:
    params = ParamsFile.load(paths.params)
    settings, arm = params.section("train_classifier", TrainClassifier), params.section(f"arms.augmented.{name}", Arm)
    replicates = {
        replicate: ReplicateData(paths, replicate, partial(load_discriminator_classifier, paths.gan(replicate)))
        for replicate in params.replicates
    }
    return train_arm(settings, arm, arm_data(paths, replicates), params.seed, recreate_directory(paths.arm(name)))


if __name__ == "__main__":
    run(main)
