"""Train the classifiers of one arm with further real images in one replicate, and save their predictions."""

from ganaug.core.config import ParamsFile
from ganaug.core.files import recreate_directory
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.data import ReplicateData
from ganaug.experiment.arms.training import ArmTraining


def main(paths: Paths, name: str, replicate: str) -> None:
    data = ReplicateData(paths, int(replicate))
    training = ArmTraining.read(ParamsFile.load(paths.params), "informed", name, data)
    training.train(0.0, LabelledImages.load(paths.test).images, recreate_directory(paths.arm(name, replicate)))


if __name__ == "__main__":
    run(main)
