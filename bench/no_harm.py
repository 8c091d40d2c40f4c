"""In finished runs of the pipeline, is an arm with synthetic images worse than the same arm without?

    python bench/no_harm.py FOLDER...

Prints one row for each arm that chooses its share of synthetic images, which may be 0, and has a twin in
arms.baseline that differs only in the synthetic images. Its gain over the twin on test images has the project's
interval, not corrected for the number of rows. Next to it is the gain on validation images, on which the share was
chosen, with other seeds.
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
from ganaug.experiment.quantity import Quantity
from ganaug.experiment.records import arm_scores


def rows(paths: Paths, run: str) -> list[str]:
    """Return the table's rows for one run, called `run`."""
    experiment = read_experiment(ParamsFile.load(paths.params))
    val, test = LabelledImages.load(paths.val), LabelledImages.load(paths.test)
    train_sets = {replicate: LabelledImages.load(paths.train(replicate)) for replicate in experiment.replicates}
    data = ExperimentData(test, train_sets, read_json(paths.data_card)["pool"])
    without = {name: replace(arm, synthetic=0.0, synthetic_for="all") for name, arm in experiment.augmented.items()}
    metric, lines = experiment.evaluate.metric, []
    quantity = Quantity.of(metric)
    for twin, baseline in {**experiment.baseline, **experiment.informed}.items():
        for name in (
            name for name, arm in without.items() if arm == baseline and 0 in experiment.arms[name].synthetic_shares
        ):
            arm, reference = (arm_scores(key, experiment, val, test, paths) for key in (name, twin))
            gain = data.gain(arm, reference, metric).interval(experiment.evaluate.confidence_level)
            on_val = metric.merit(arm.val.mean(metric)) - metric.merit(reference.val.mean(metric))
            cells = quantity.interval(gain.as_dict(), signed=True), quantity.number(on_val, signed=True)
            lines.append(f"| {run} | {name} over {twin} | {arm.synthetic:g} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    print("| run | arm | share | gain on test | gain on validation |\n|---|---|---|---|---|")
    for folder in [folder.resolve() for folder in parser.parse_args().folders]:
        print(*rows(Paths(folder), "/".join(folder.parts[-2:])), sep="\n", flush=True)


if __name__ == "__main__":
    main()
