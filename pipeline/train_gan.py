"""Train the conditional GAN of one replicate."""

from pathlib import Path

import numpy as np

from ganaug.config import read, read_seed
from ganaug.images import LabelledImages
from ganaug.live import live_gan
from ganaug.results import ENSEMBLES, GANS, PREPARED, opinions
from ganaug.seeding import derive
from ganaug.stage import run


def main(replicate: str) -> None:
    with live_gan(int(replicate)) as listener:
        from ganaug.ensemble import Ensemble  # torch and Lightning load while the listener starts
        from ganaug.gan_training import GanRun, GanSets, Judges, train_gan
        from ganaug.sections.train_gan import TrainGan

        folders = PREPARED / replicate / "train", PREPARED / "val", PREPARED / replicate / "unlabelled"
        sets = GanSets(*map(LabelledImages.load, folders))
        judges = Judges(Ensemble.load(ENSEMBLES / replicate).extractor, np.load(opinions(replicate)))
        place = GanRun(f"train_gan@{replicate}", Path("checkpoints/gan") / replicate, listener)
        seed = derive(read_seed(), f"train_gan/{replicate}")
        train_gan(read("train_gan", TrainGan), sets, judges, seed, place, GANS / replicate)


if __name__ == "__main__":
    run(main)
