"""Choose one arm's share of synthetic images, the same for all replicates."""

import numpy as np

from ganaug.core.config import ParamsFile
from ganaug.core.files import recreate_directory, write_json
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.arms.shares import choose_share
from ganaug.experiment.evaluate_settings import Evaluate


def main(paths: Paths, name: str) -> None:
    params = ParamsFile.load(paths.params)
    arm, metric = params.section(f"arms.augmented.{name}", Arm), params.section("evaluate", Evaluate).metric
    trials = [np.load(paths.trial(name, replicate)) for replicate in params.replicates]
    choice = choose_share(arm.synthetic_shares, metric, trials, LabelledImages.load(paths.val))
    recreate_directory(paths.shares(name))
    write_json(paths.share(name), {"synthetic": choice.share})  # nothing else: arms train again if this file changes
    means = {str(share): round(mean, 6) for share, mean in choice.means.items()}
    write_json(paths.tried(name), {f"val_{metric.key}": means})


if __name__ == "__main__":
    run(main)
