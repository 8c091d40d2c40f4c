"""Train the conditional GAN of one replicate."""

from pathlib import Path

from ganaug.config import read, read_seed
from ganaug.gan_training import GanRun, train_gan
from ganaug.images import LabelledImages
from ganaug.results import GANS, PREPARED
from ganaug.sections.train_gan import TrainGan
from ganaug.seeding import derive
from ganaug.stage import run
from ganaug.tracking import live_gan


def main(replicate: str) -> None:
    settings = read("train_gan", TrainGan)
    train = LabelledImages.load(PREPARED / replicate / "train")
    with live_gan(int(replicate)) as listener:
        place = GanRun(f"train_gan@{replicate}", Path("checkpoints/gan") / replicate, listener)
        train_gan(settings, train, derive(read_seed(), f"train_gan/{replicate}"), place, GANS / replicate)


if __name__ == "__main__":
    run(main)
