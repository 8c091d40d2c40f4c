"""Train the classifiers of one arm without the GAN, and save their predictions."""

from ganaug.core.config import read, read_replicates, read_seed
from ganaug.core.files import recreate_directory
from ganaug.core.paths import ARMS, PREPARED, opinions
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.experiment.arm_data import ArmData, ReplicateData
from ganaug.experiment.arm_settings import Arm, TrainClassifier
from ganaug.experiment.training import train_arm


def main(name: str) -> dict[str, float]:
    settings, arm = read("train_classifier", TrainClassifier), read(f"arms.baseline.{name}", Arm)
    replicates = {
        replicate: ReplicateData(PREPARED / str(replicate), PREPARED / "pool", opinions(replicate))
        for replicate in read_replicates()
    }
    val, test = LabelledImages.load(PREPARED / "val"), LabelledImages.load(PREPARED / "test")
    data = ArmData(replicates, val, test.images)
    return train_arm(settings, arm, data, read_seed(), recreate_directory(ARMS / name))


if __name__ == "__main__":
    run(main)
