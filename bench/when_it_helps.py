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
images of Fashion-MNIST) and `sign_digits/` (one folder of photographs per class, from
github.com/ardamavi/Sign-Language-Digits-Dataset); missing data sets are skipped. Larger images are resized to 16×16.

Prints one row per cell, from its results/summary.json. The reference is the best arm without the GAN that had the
same labels and the same unlabelled images; it and the arm with the GAN are chosen on validation.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from choice import chosen
from ruamel.yaml import YAML

from ganaug.experiment.wording import interval_text

PROJECT = Path(__file__).parents[1]
COPIED = ("dvc.yaml", ".dvcignore", ".dvc/config", "pipeline", "src")
Spec = dict[str, Any]
AFFINE: Spec = {"name": "RandomAffine", "translate": [0.1, 0.1], "scale": [0.9, 1.1], "interpolation": "bilinear"}
CHARACTERS: list[Spec] = [{**AFFINE, "degrees": 10}]
PHOTOGRAPHS: list[Spec] = [*CHARACTERS, {"name": "ColorJitter", "brightness": 0.3, "contrast": 0.3}]
CLOTHES: list[Spec] = [{**AFFINE, "degrees": 5}, {"name": "RandomHorizontalFlip"}]
REGIMES = ("few", "more", "imbalanced", "translated", "unlabelled")
DATASETS: dict[str, tuple[str | None, Spec, list[Spec], Any]] = {  # file, prepare, transforms, diffaugment
    "digits": (None, {"source": {"name": "digits"}, "test": 0.3, "val": 0.1}, CHARACTERS, "characters"),
    "mnist": (
        "MNIST",
        {"source": {"name": "torchvision", "dataset": "MNIST"}, "size": 16, "test": None, "val": 20},
        CHARACTERS,
        "characters",
    ),
    "fashion": (
        "fashion_1813.npz",
        {"source": {"name": "npz"}, "size": 16, "test": 0.3, "val": 0.1},
        CLOTHES,
        ["affine", "flip"],
    ),
    "signs": (
        "sign_digits",
        {"source": {"name": "folder"}, "size": 16, "test": 0.2, "val": 0.1},
        PHOTOGRAPHS,
        ["affine", "color"],
    ),
}
LABELLED = {"few": 20, "more": 100, "unlabelled": 10}
FEWER: dict[str, tuple[int, int, int]] = {"signs": (50, 60, 5)}
"""Labels per class for data sets with fewer than 100 images per class: in the regime `more`, and in the larger and
smaller classes of the regime `imbalanced`."""
SHARES = [0, 0.25, 0.5]
MORE_LABELS: dict[str, list[Any]] = {"few": [40], "more": ["all"], "unlabelled": [20, 50]}
"""Labels per class of the arms that measure the label equivalent; in the regime `imbalanced`, as many as the largest
class has; none in `translated`."""


def prepare(dataset: str, regime: str, data: Path) -> Spec:
    """Return section `prepare` of a cell."""
    file, spec, _, _ = DATASETS[dataset]
    more, many, short = FEWER.get(dataset, (100, 100, 5))
    labelled: Any = {**LABELLED, "more": more}.get(regime)
    if labelled is None:
        names = class_names(dataset)
        labelled = {name: many if index < len(names) // 2 else short for index, name in enumerate(names)}
    path = "data/raw" if file is None else str(data if dataset == "mnist" else data / file)
    return {"size": None, "channels": None, **spec, "path": path, "labelled_per_class": labelled}


def class_names(dataset: str) -> list[str]:
    """Return the class names of a data set, as its source calls them."""
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    return [f"{digit} - {name}" for digit, name in enumerate(names)] if dataset == "mnist" else list("0123456789")


def arms(regime: str, transforms: list[Spec], labels: list[Any]) -> Spec:
    """Return section `arms` of a cell. labels: labels per class of the arms that measure the label equivalent."""
    classical: Spec = {"transforms": transforms}
    mixing: Spec = {"mixing": {"name": "MixUp", "alpha": 0.2}}
    baseline: Spec = {"classical": classical, "mixup": classical | mixing}
    informed: Spec = {}
    augmented: Spec = {
        "gan_classical": classical | {"synthetic": SHARES},
        "gan_mixup": classical | mixing | {"synthetic": SHARES},
    }
    if regime in ("imbalanced", "translated"):
        baseline |= {
            "balanced": classical | {"balanced": True},
            "mixup_balanced": classical | mixing | {"balanced": True},
        }
        if regime == "translated":
            for name in ("smote", "m2m"):
                filled = classical | {"balanced": True, "oversampling": {"name": name}}
                baseline |= {name: filled, f"{name}_mixup": filled | mixing}
        minority = {"balanced": True, "synthetic_for": "short", "synthetic": SHARES}
        augmented = {"gan_minority": classical | minority, "gan_minority_mixup": classical | mixing | minority}
    elif regime == "unlabelled":
        pseudo = {"pseudo_labels": 0.5}
        taught, taught_by_both = (pseudo | {"teacher": teacher} for teacher in ("discriminator", "both"))
        informed = {
            "pseudo_label": classical | pseudo,
            "pseudo_label_all": classical | pseudo | {"pseudo_label_threshold": 0.0},
            "pseudo_mixup": classical | mixing | pseudo,
        }
        augmented = {
            "discriminator": {"discriminator": True},
            "taught": classical | taught,
            "taught_by_both": classical | taught_by_both,
            "taught_by_both_mixup": classical | mixing | taught_by_both,
        }
    for name in ("balanced", "mixup_balanced") if "balanced" in baseline else ("classical", "mixup"):
        baseline |= {f"{name}_{more}": baseline[name] | {"labels": more} for more in labels}
    return {"baseline": baseline, "informed": informed, "augmented": augmented}


def params(dataset: str, regime: str, data: Path, replicates: int) -> Spec:
    """Return the whole params.yaml of a cell: the project's own, with this cell's changes."""
    recipe: Spec = YAML(typ="safe").load(PROJECT / "params.yaml")
    _, _, transforms, diffaugment = DATASETS[dataset]
    recipe["replicates"] = list(range(replicates))
    recipe["prepare"] = prepare(dataset, regime, data)
    recipe["train_ensemble"] |= {"members": 5, "steps": 400, "transforms": transforms}
    gan = {"unlabelled": SEMI_SUPERVISED, "translated": TRANSLATOR}.get(regime, SUPERVISED)
    recipe["train_gan"] |= gan | {"diffaugment": diffaugment, "balanced": regime in ("imbalanced", "translated")}
    recipe["generate"] |= SELECTION
    if regime == "translated":  # each image is translated into each other class once
        recipe["generate"] |= {"per_class": 130 if dataset in FEWER else 200, "candidates_per_image": 2.0}
    recipe["train_classifier"] |= {"steps": 400, "seeds": 3}
    labelled = recipe["prepare"]["labelled_per_class"]
    more = [] if regime == "translated" else MORE_LABELS.get(regime) or [max(labelled.values())]
    recipe["arms"] = arms(regime, transforms, more)
    return recipe


SUPERVISED: Spec = {
    "steps": 1000,
    "learning_rate": 1e-3,
    "discriminator_learning_rate": 1e-3,
    "trainer": {"precision": "bf16-mixed"},
    "ema_half_life": 5000,
    "batch_size": 32,
}
SEMI_SUPERVISED: Spec = {
    "network": {
        "name": "dcgan",
        "channels": 64,
        "generator_conditioning": "none",
        "discriminator_conditioning": "classifier",
    },
    "objective": {"name": "sgan"},
    "unlabelled": "unconditional",
    "class_weights": {"real": 2, "generator": 0},
    "steps": 4000,
    "learning_rate": 3e-4,
    "discriminator_learning_rate": 3e-4,
    "betas": [0.5, 0.999],
    "trainer": {"precision": "bf16-mixed"},
    "ema_half_life": 20000,
    "batch_size": 128,
}
TRANSLATOR: Spec = {
    "network": {"name": "stargan", "identity": 2.0},
    "objective": {"name": "hinge"},
    "class_weights": {"generator": 1.0},
    "steps": 1500,
    "learning_rate": 2e-4,
    "discriminator_learning_rate": 2e-4,
    "betas": [0.5, 0.999],
    "trainer": {"precision": "32-true"},
    "ema_half_life": 5000,
    "batch_size": 32,
}
SELECTION: Spec = {"per_class": 200, "candidates_per_image": 3.0, "policy": {"name": "hard_but_right"}}


def run(folder: Path, content: Spec) -> Spec:
    """Run the pipeline in `folder` and return its summary."""
    repro(folder, content)
    summary: Spec = json.loads((folder / "results/summary.json").read_text(encoding="utf-8"))
    return summary


def repro(folder: Path, content: Spec, *stages: str) -> None:
    """Run the pipeline in `folder`, or some stages and what they need; what is done already is not done again."""
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


def row(dataset: str, regime: str, summary: Spec) -> str:
    """Return a cell's row of the table."""
    verdict, seconds = summary["verdict"], summary["cost"]["seconds"]
    equivalent = summary.get("label_equivalent", {})
    accuracy = interval_text(summary["arms"][verdict["references"][0]]["balanced_accuracy"])
    gain = interval_text({**verdict, "mean": verdict["gain"]}, signed=True)
    share = summary["arms"][verdict["arms"][0]]["synthetic"]
    arm = f"{verdict['arm']}, {share:g}" if share else verdict["arm"]
    labels = ""
    if equivalent.get("low") is not None:
        labels = "{} [{}, {}]".format(*(_labels(equivalent[name]) for name in ("labels_per_class", "low", "high")))
    replicates = len(summary["replicates"])
    return (
        f"| {dataset} | {regime} | {verdict['reference']} {accuracy} | {arm} | {gain} "
        f"| **{verdict['answer']}** | {100 * (verdict['minimum_detectable'] or 0):.1f} | {labels} "
        f"| {seconds['gan'] / replicates:.0f} |"
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
    data = arguments.data.resolve()
    cells = chosen(
        {f"{dataset}/{regime}": (dataset, regime) for dataset in DATASETS for regime in REGIMES}, arguments.only
    )
    print(
        "| data | regime | reference, % | arm, share | gain, points | verdict "
        "| detectable, points | label equivalent per class | GAN, s |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (dataset, regime) in cells.items():
        file = DATASETS[dataset][0]
        if file is not None and not (data / file).exists():
            print(f"{name}: {data / file} not found, skipped", file=sys.stderr)
            continue
        summary = run(arguments.work / name, params(dataset, regime, data, arguments.replicates))
        print(row(dataset, regime, summary), flush=True)


if __name__ == "__main__":
    main()
