"""Train the conditional GAN of one replicate."""

from pathlib import Path

import numpy as np

from ganaug.core.config import read, read_seed
from ganaug.core.paths import ENSEMBLES, GANS, PREPARED, opinions
from ganaug.core.seeding import derive
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.report.live import live_gan


def main(replicate: str) -> None:
    with live_gan(int(replicate)) as listener:
        from ganaug.classifier.ensemble import Ensemble  # torch and Lightning load while the listener starts
        from ganaug.gan.settings import TrainGan
        from ganaug.gan.training import Evaluators, GanRun, GanSets, train_gan

        folders = PREPARED / replicate / "train", PREPARED / "val", PREPARED / replicate / "unlabelled"
        sets = GanSets(*map(LabelledImages.load, folders))
        judges = Evaluators(Ensemble.load(ENSEMBLES / replicate).extractor, np.load(opinions(replicate)))
        place = GanRun(f"train_gan@{replicate}", Path("checkpoints/gan") / replicate, listener)
        seed = derive(read_seed(), f"train_gan/{replicate}")
        train_gan(read("train_gan", TrainGan), sets, judges, seed, place, GANS / replicate)


if __name__ == "__main__":
    run(main)
