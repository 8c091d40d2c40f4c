"""When does GAN augmentation help? One recipe on several data sets, with five kinds of labelling.

    python bench/when_it_helps.py WORK [--data FOLDER] [--only DATASET[/REGIME]] [--replicates 5]

Each cell runs the project's own pipeline (`dvc repro`) in its own folder below WORK, all with the same recipe. An
interrupted bench continues where it stopped, and several may run side by side with different `--only`. Regimes:

* few: 20 labelled images per class
* more: 100 labelled images per class (hand signs: 50)
* imbalanced: 100 per class in the first half of the classes, 5 in the others (hand signs: 60 and 5)
* translated: as imbalanced, with other ways to fill up the short classes: images translated from other classes, and,
  without a GAN, SMOTE and M2m
* unlabelled: 10 labelled images per class; the GAN is also trained on the rest of the pool, without labels

The recipe: if all images have labels, a conditional GAN whose images are added to the real ones; if some have none, a
GAN whose discriminator learns classes from labelled and unlabelled images (`sgan`) and provides pseudo-labels, or is
the classifier itself.

Besides scikit-learn's digits, FOLDER may hold `MNIST/raw/` (the four idx files), `fashion_1813.npz` (the first 1,813
images of Fashion-MNIST), `sign_digits/` (one folder of photographs per class, from
github.com/ardamavi/Sign-Language-Digits-Dataset) and `cwru/` (the nine faults of the Case Western Reserve University's
bearings, drive end, 1,797 rpm, as `ball_007.npz` … `outer_021.npz`); missing data sets are skipped. Larger images are
resized to 16×16. Bearings are only in the regime `translated`, with 100 windows in four classes, and two (`bearings`)
or one (`bearings_1`) in the others; spectrograms have 32×32 pixels.

Prints one row per cell, from its results/summary.json. The reference is the best arm without the GAN that had the
same labels and the same unlabelled images; it and the arm with the GAN are chosen on validation.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from cells import DATA, PROJECT, Spec, params
from choice import chosen
from ruamel.yaml import YAML

from ganaug.core.paths import Paths
from ganaug.experiment.summary.metric_keys import interval_in
from ganaug.experiment.summary.reader import read_summary
from ganaug.experiment.summary.types import Summary
from ganaug.experiment.words.quantity import BALANCED_ACCURACY

COPIED = ("dvc.yaml", ".dvcignore", ".dvc/config", "pipeline", "src")


def run(folder: Path, content: Spec) -> Summary:
    """Run the pipeline in `folder` and return its summary."""
    repro(folder, content)
    return read_summary(Paths(folder).summary)


def repro(folder: Path, content: Spec, *stages: str) -> None:
    """Run the pipeline in `folder`, or some stages and what they need; finished stages do not run again."""
    for name in COPIED:
        source, target = PROJECT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(
                source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
            )
        else:
            shutil.copy(source, target)
    (folder / "data/raw").mkdir(parents=True, exist_ok=True)
    YAML().dump(content, folder / "params.yaml")
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str((folder / "src").resolve()),
    }
    with (folder / "log.txt").open("a", encoding="utf-8") as log:
        for command in (["dvc", "config", "--local", "core.no_scm", "true"], ["dvc", "repro", *stages]):
            subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, check=True)


def row(dataset: str, regime: str, summary: Summary) -> str:
    """Return a cell's row of the table."""
    verdict, seconds = summary["verdict"], summary["cost"]["seconds"]
    equivalent = summary.get("label_equivalent")
    accuracy = BALANCED_ACCURACY.interval(interval_in(summary["arms"][verdict["references"][0]], "balanced_accuracy"))
    gain = BALANCED_ACCURACY.interval(
        {"mean": verdict["gain"], "low": verdict["low"], "high": verdict["high"]}, signed=True
    )
    share = summary["arms"][verdict["arms"][0]]["synthetic"]
    arm = f"{verdict['arm']}, {share:g}" if share else verdict["arm"]
    labels = ""
    if equivalent is not None and equivalent["low"] is not None:
        labels = "{} [{}, {}]".format(*(_labels(equivalent[name]) for name in ("labels_per_class", "low", "high")))
    replicates, took = len(summary["replicates"]), 0.0 if seconds is None else seconds["gan"]
    return (
        f"| {dataset} | {regime} | {verdict['reference']} {accuracy} | {arm} | {gain} "
        f"| **{verdict['answer']}** | {100 * (verdict['minimum_detectable'] or 0):.1f} | {labels} "
        f"| {took / replicates:.0f} |"
    )


def _labels(count: float | None) -> str:
    return "more" if count is None else f"{count:.0f}"  # more than the largest number measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--data", type=Path, default=Path("data/raw"))
    parser.add_argument("--only", default="")
    parser.add_argument("--replicates", type=int, default=5)
    arguments = parser.parse_args()
    folder = arguments.data.resolve()
    cells = {f"{dataset}/{regime}": (dataset, regime) for dataset, data in DATA.items() for regime in data.regimes}
    print(
        "| data | regime | reference, % | arm, share | gain, points | verdict "
        "| detectable, points | label equivalent per class | GAN, s |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (dataset, regime) in chosen(cells, arguments.only).items():
        file = DATA[dataset].file
        if file is not None and not (folder / file).exists():
            print(f"{name}: {folder / file} not found, skipped", file=sys.stderr)
            continue
        summary = run(arguments.work / name, params(dataset, regime, folder, arguments.replicates))
        print(row(dataset, regime, summary), flush=True)


if __name__ == "__main__":
    main()
