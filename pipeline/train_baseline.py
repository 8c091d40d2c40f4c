"""Train the classifiers of one arm without the GAN, and save their predictions."""

from ganaug.core.config import ParamsFile
from ganaug.core.files import recreate_directory
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.experiment.arm_data import ReplicateData, arm_data
from ganaug.experiment.arm_settings import Arm, TrainClassifier
from ganaug.experiment.training import train_arm


def main(paths: Paths, name: str) -> dict[str, float]:
    params = ParamsFile.load(paths.params)
    settings, arm = params.section("train_classifier", TrainClassifier), params.section(f"arms.baseline.{name}", Arm)
    data = arm_data(paths, {replicate: ReplicateData(paths, replicate) for replicate in params.replicates})
    return train_arm(settings, arm, data, params.seed, recreate_directory(paths.arm(name)))


if __name__ == "__main__":
    run(main)
