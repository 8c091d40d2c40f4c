"""Does an arm with synthetic images do worse than the same arm without? For finished runs of the pipeline.

    python bench/no_harm.py FOLDER...

Printed: one row for each arm whose share of synthetic images was chosen from several, 0 among them, and which has a
twin in arms.baseline that differs by the synthetic images alone; its gain over the twin on test, with the project's
interval, not corrected for the number of rows, and on validation, where the share was chosen with other seeds.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path

from ganaug.core.files import read_json
from ganaug.core.paths import ARMS, PREPARED
from ganaug.data.images import LabelledImages
from ganaug.experiment.comparison import Data
from ganaug.experiment.evaluate_settings import read_experiment
from ganaug.experiment.wording import interval_text
from ganaug.report.html import arm_scores


def rows(place: str) -> list[str]:
    """Return the rows of the run in the current folder, which is called `place`."""
    experiment = read_experiment()
    val, test = LabelledImages.load(PREPARED / "val"), LabelledImages.load(PREPARED / "test")
    trains = {one: LabelledImages.load(PREPARED / str(one) / "train") for one in experiment.replicates}
    data = Data(test, trains, read_json(PREPARED / "card.json")["pool"])
    twins = {name: replace(arm, synthetic=0.0, synthetic_for="all") for name, arm in experiment.augmented.items()}
    found = []
    for twin, baseline in experiment.baseline.items():
        for name in (
            name for name, arm in twins.items() if arm == baseline and 0 in experiment.arms[name].synthetic_shares
        ):
            ours, others = (arm_scores(ARMS / one, experiment, val, test) for one in (name, twin))
            gain = data.gain(ours, others).interval(experiment.evaluate.confidence)
            cells = interval_text(gain.as_dict(), signed=True), f"{100 * (ours.mean_val - others.mean_val):+.1f}"
            found.append(f"| {place} | {name} over {twin} | {ours.synthetic:g} | {' | '.join(cells)} |")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    print("| run | arm | share | gain on test, points | on validation |\n|---|---|---|---|---|")
    for folder in [folder.resolve() for folder in parser.parse_args().folders]:
        os.chdir(folder)
        print(*rows("/".join(folder.parts[-2:])), sep="\n", flush=True)


if __name__ == "__main__":
    main()
