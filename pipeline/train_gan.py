"""Train the conditional GAN of one replicate."""

import os
import subprocess
import sys
from contextlib import nullcontext

import numpy as np

from ganaug.core.config import ParamsFile
from ganaug.core.files import existing
from ganaug.core.paths import Paths
from ganaug.core.seeding import derive
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages

FIRST_DEVICE = os.environ.get("LOCAL_RANK", "0") == "0"
"""Lightning runs this script again for each further device."""


def main(paths: Paths, replicate: str) -> None:
    command = [sys.executable, "-m", "ganaug.report.mlflow.live", replicate]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True) if FIRST_DEVICE else None

    from ganaug.classifier.ensemble import Ensemble  # torch and Lightning load while that process loads mlflow
    from ganaug.gan.live import ProcessLogger
    from ganaug.gan.settings import TrainGan
    from ganaug.gan.training import Evaluators, GanRun, GanSets, train_gan

    with nullcontext() if process is None else ProcessLogger(process) as logger:
        params, code = ParamsFile.load(paths.params), paths.code("train_gan")
        folders = paths.train(replicate), paths.val, paths.unlabelled(replicate), paths.other_domain
        sets = GanSets(*map(LabelledImages.load, folders))
        probabilities = np.load(paths.ensemble_probabilities(replicate))
        evaluators = Evaluators(Ensemble.load(paths.ensemble(replicate)).extractor, probabilities)
        gan_run = GanRun(
            title=f"train_gan@{replicate}",
            work=paths.gan_checkpoint(replicate),
            loggers=() if logger is None else (logger,),
            code=code.read_text(encoding="utf-8") if code.exists() else "",
        )
        precision = existing(paths.precision).read_text(encoding="utf-8").strip()
        settings = params.section("train_gan", TrainGan).with_precision(precision)
        seed = derive(params.seed, f"train_gan/{replicate}")
        train_gan(settings, sets, evaluators, seed, gan_run, paths.gan(replicate))


if __name__ == "__main__":
    run(main, record=FIRST_DEVICE)
