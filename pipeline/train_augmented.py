"""Train the classifiers of one arm with the GAN in one replicate, and save their predictions."""

from functools import partial

from ganaug.core.config import ParamsFile
from ganaug.core.files import read_json, recreate_directory
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.data import ReplicateData
from ganaug.experiment.arms.training import ArmTraining
from ganaug.gan.discriminator_classifier import load_discriminator_classifier


def main(paths: Paths, name: str, replicate: str) -> None:
    data = ReplicateData(paths, int(replicate), partial(load_discriminator_classifier, paths.gan(replicate)))
    training = ArmTraining.read(ParamsFile.load(paths.params), "augmented", name, data)
    share, test_images = read_json(paths.share(name))["synthetic"], LabelledImages.load(paths.test).images
    training.train(share, test_images, recreate_directory(paths.arm(name, replicate)))


if __name__ == "__main__":
    run(main)
