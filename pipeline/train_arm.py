"""Train the classifiers of one arm, one a replicate, and let them predict."""

from ganaug.arms import train_arm
from ganaug.config import read, read_replicates, read_seed
from ganaug.files import fresh
from ganaug.results import ARMS
from ganaug.sections.train_classifier import Arm, TrainClassifier
from ganaug.stage import run


def main(group: str, name: str) -> dict[str, float]:
    settings, arm = read("train_classifier", TrainClassifier), read(f"arms.{group}.{name}", Arm)
    return train_arm(settings, arm, read_replicates(), read_seed(), fresh(ARMS / name))


if __name__ == "__main__":
    run(main)
