"""Is an arm with synthetic images worse than the same arm without? For finished runs of the pipeline.

    python bench/no_harm.py FOLDER...

Printed: one row for each arm that may choose its share of synthetic images, including 0, and has a twin in
arms.baseline that differs only in the synthetic images. Its gain over the twin on test images comes with the project's
interval, not corrected for the number of rows; the gain on validation images is beside it, where the share was chosen
with other seeds.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from ganaug.core.config import ParamsFile
from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.experiment.comparison import ExperimentData
from ganaug.experiment.evaluate_settings import read_experiment
from ganaug.experiment.wording import interval_text
from ganaug.report.html import arm_scores


def rows(paths: Paths, place: str) -> list[str]:
    """Return the rows for one run; `place` is its name."""
    experiment = read_experiment(ParamsFile.load(paths.params))
    val, test = LabelledImages.load(paths.val), LabelledImages.load(paths.test)
    trains = {one: LabelledImages.load(paths.train(one)) for one in experiment.replicates}
    data = ExperimentData(test, trains, read_json(paths.data_card)["pool"])
    twins = {name: replace(arm, synthetic=0.0, synthetic_for="all") for name, arm in experiment.augmented.items()}
    found = []
    for twin, baseline in experiment.baseline.items():
        for name in (
            name for name, arm in twins.items() if arm == baseline and 0 in experiment.arms[name].synthetic_shares
        ):
            ours, others = (arm_scores(paths.arm(one), experiment, val, test) for one in (name, twin))
            gain = data.gain(ours, others).interval(experiment.evaluate.confidence_level)
            cells = (
                interval_text(gain.as_dict(), signed=True),
                f"{100 * (ours.val_balanced_accuracy - others.val_balanced_accuracy):+.1f}",
            )
            found.append(f"| {place} | {name} over {twin} | {ours.synthetic:g} | {' | '.join(cells)} |")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    print("| run | arm | share | gain on test, points | gain on validation, points |\n|---|---|---|---|---|")
    for folder in [folder.resolve() for folder in parser.parse_args().folders]:
        print(*rows(Paths(folder), "/".join(folder.parts[-2:])), sep="\n", flush=True)


if __name__ == "__main__":
    main()
