"""Train the conditional GAN of one replicate."""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from ganaug.core.config import read, read_seed
from ganaug.core.paths import ENSEMBLES, GANS, PREPARED, opinions
from ganaug.core.seeding import derive
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages

FIRST_DEVICE = os.environ.get("LOCAL_RANK", "0") == "0"
"""Lightning runs this script again for each further device."""
CODE = Path("code/train_gan.txt")


def main(replicate: str) -> None:
    command = [sys.executable, "-m", "ganaug.report.live", replicate]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True) if FIRST_DEVICE else None

    from ganaug.classifier.ensemble import Ensemble  # torch and Lightning load while that process loads mlflow
    from ganaug.gan.live import ProcessLogger
    from ganaug.gan.settings import TrainGan
    from ganaug.gan.training import Evaluators, GanRun, GanSets, train_gan

    with nullcontext() if process is None else ProcessLogger(process) as logger:
        folders = PREPARED / replicate / "train", PREPARED / "val", PREPARED / replicate / "unlabelled"
        sets = GanSets(*map(LabelledImages.load, folders))
        evaluators = Evaluators(Ensemble.load(ENSEMBLES / replicate).extractor, np.load(opinions(replicate)))
        gan_run = GanRun(
            title=f"train_gan@{replicate}",
            work=Path("checkpoints/gan") / replicate,
            loggers=() if logger is None else (logger,),
            code=CODE.read_text(encoding="utf-8") if CODE.exists() else "",
        )
        seed = derive(read_seed(), f"train_gan/{replicate}")
        train_gan(read("train_gan", TrainGan), sets, evaluators, seed, gan_run, GANS / replicate)


if __name__ == "__main__":
    run(main, record=FIRST_DEVICE)
