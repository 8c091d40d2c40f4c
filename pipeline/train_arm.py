"""Train the classifiers of one arm, one a replicate, and let them predict."""

from ganaug.core.config import read, read_replicates, read_seed
from ganaug.core.files import recreate_directory
from ganaug.core.paths import ARMS
from ganaug.core.stage import run
from ganaug.experiment.arm_settings import Arm, TrainClassifier
from ganaug.experiment.training import train_arm


def main(group: str, name: str) -> dict[str, float]:
    settings, arm = read("train_classifier", TrainClassifier), read(f"arms.{group}.{name}", Arm)
    return train_arm(settings, arm, read_replicates(), read_seed(), recreate_directory(ARMS / name))


if __name__ == "__main__":
    run(main)
