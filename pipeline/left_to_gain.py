"""Show how much room for improvement the baselines leave on validation images, before any GAN is trained."""

from pathlib import Path

import numpy as np

from ganaug.core.config import ParamsFile
from ganaug.core.files import write_json
from ganaug.core.messages import note
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.experiment.left_to_gain import left_to_gain
from ganaug.experiment.statistics.measured import Measured


def main(paths: Paths) -> None:
    params = ParamsFile.load(paths.params)
    evaluate, val = params.section("evaluate", Evaluate), LabelledImages.load(paths.val)
    arms = {name: params.section(f"arms.baseline.{name}", Arm) for name in params.value("arms.baseline")}

    def measured(*files: Path) -> Measured:
        return Measured.of(np.stack([np.load(file) for file in files]), val)

    baselines = {
        name: measured(*(paths.baseline(name, replicate) for replicate in params.replicates))
        for name, arm in arms.items()
        if arm.labels == "limited"  # other arms know more than the GAN
    }
    neighbour = measured(*(paths.neighbour(replicate) / "val.npy" for replicate in params.replicates))
    result = left_to_gain(evaluate.metric, evaluate.smallest_gain, baselines, neighbour)
    write_json(paths.left_to_gain, result)
    note(result["sentence"])


if __name__ == "__main__":
    run(main, record=False)
