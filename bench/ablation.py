"""What do selection, soft labels and the share of synthetic images bring?

    python bench/ablation.py FOLDER [--pool 4] [--per-class 200]

FOLDER holds a finished run of the pipeline. From each replicate's generator one pool of candidates is made, and every
policy chooses from it; classifiers are then trained as the run's params.yaml says, with the transforms of its ensemble,
on synthetic images alone and on a quarter of them. Each is compared with `random`, which chooses as many of the same
candidates by chance: the gain is that of balanced accuracy on the test images, with the project's interval. With soft
labels, hard-but-right images are learned with the probabilities that the ensemble gives them.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ganaug.classification import TrainingSets, fit, predict
from ganaug.config import read, read_replicates, read_seed
from ganaug.ensemble import Ensemble
from ganaug.generation import draw
from ganaug.images import LabelledImages
from ganaug.plugins import available, build
from ganaug.results import ENSEMBLES, GANS, PREPARED
from ganaug.sampling import load_discriminator
from ganaug.sections.generate import Generate
from ganaug.sections.train_classifier import Arm, TrainClassifier
from ganaug.sections.train_ensemble import TrainEnsemble
from ganaug.seeding import derive, numpy_generator
from ganaug.selection import score_candidates, select
from ganaug.statistics import gain_in_recall
from ganaug.wording import interval_text

SHARES = (1.0, 0.25)
CONFIDENCE = 0.95


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pool", type=float, default=4.0)
    parser.add_argument("--per-class", type=int, default=200)
    arguments = parser.parse_args()
    os.chdir(arguments.folder)
    torch.set_num_threads(1)
    settings, transforms = read("train_classifier", TrainClassifier), read("train_ensemble", TrainEnsemble).transforms
    pool = replace(read("generate", Generate), per_class=arguments.per_class, pool=arguments.pool)
    val, test = LabelledImages.load(PREPARED / "val"), LabelledImages.load(PREPARED / "test")
    replicates = read_replicates()
    right: dict[tuple[str, float], list[np.ndarray]] = {}
    for replicate in replicates:
        seed, gan = derive(read_seed(), f"ablation/{replicate}"), GANS / str(replicate)
        train = LabelledImages.load(PREPARED / str(replicate) / "train")
        candidates, _ = draw(pool, gan, seed, f"replicate {replicate}")
        ensemble = Ensemble.load(ENSEMBLES / str(replicate))
        scores, probabilities = score_candidates(candidates, ensemble, load_discriminator(gan), train, val)
        for name in (*available("policies"), "hard_but_right, soft labels"):
            policy, randomness = build("policies", {"name": name.split(",")[0]}), numpy_generator(seed, "selection")
            chosen = select(scores, arguments.per_class, len(train.classes), policy, randomness, drop_copies=False).kept
            soft = probabilities[chosen] if "soft" in name else None
            sets = TrainingSets(train, val, candidates.subset(chosen), soft)
            for share in SHARES:
                arm = Arm(transforms=transforms, synthetic=share)
                model = fit(settings, arm, sets, derive(seed, "classifier")).model
                found = predict(model, test.images).argmax(1) == test.labels
                right.setdefault((name, share), []).append(found)
    print("| policy |", " | ".join(f"share {share:g}: accuracy % | gain over random, points" for share in SHARES), "|")
    print("|---" * (1 + 2 * len(SHARES)) + "|")
    labels = np.asarray(test.labels)
    for name in dict.fromkeys(name for name, _ in right):
        cells = []
        for share in SHARES:
            ours, control = np.array(right[name, share]), np.array(right["random", share])
            mean = gain_in_recall(ours, np.zeros_like(ours), labels).mean
            change = gain_in_recall(ours, control, labels).interval(CONFIDENCE)
            cells += [f"{100 * mean:.1f}", "" if name == "random" else interval_text(change.as_dict(), signed=True)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
