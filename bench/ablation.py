"""What do GAN training, selection and soft labels contribute to the accuracy of classifiers?

    python bench/ablation.py FOLDER [--candidates-per-image 4] [--per-class 200] [--only training|selection]

FOLDER holds a finished run of the pipeline. Prints two tables. Each variant trains two kinds of classifiers: on
synthetic images only, and like the run's best augmented arm, with the share of synthetic images that it chose, or the
smallest above 0 if it chose none. The gain is in balanced accuracy on the test images, with the project's interval, not
corrected for the number of rows.

* Selection: each replicate's generator makes one set of candidates, from which every policy selects. Compared with
  `random`. With soft labels, the images that `hard_but_right` selects are learned with the ensemble's probabilities.
* Training: GANs that each differ from the run's in one setting, with the same seeds and without selection. Compared
  with a GAN of the run's settings. Trained GANs stay in FOLDER/checkpoints/ablation, where an interrupted bench finds
  them.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganaug.classifier.ensemble import Ensemble
from ganaug.classifier.prediction import predict
from ganaug.classifier.training import fit
from ganaug.core.config import ParamsFile
from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.core.plugins import available, build, from_data
from ganaug.core.seeding import derive, numpy_generator
from ganaug.data.images import LabelledImages
from ganaug.experiment.arm_batches import TrainingSets, arm_batches
from ganaug.experiment.arm_settings import Arm, TrainClassifier
from ganaug.experiment.comparison import ExperimentData
from ganaug.experiment.quantity import BALANCED_ACCURACY
from ganaug.experiment.results import read_summary
from ganaug.experiment.statistics import estimate_gain
from ganaug.gan.settings import TrainGan
from ganaug.gan.store import load_discriminator
from ganaug.gan.training import Evaluators, GanRun, GanSets, train_gan
from ganaug.synthesis.generate import draw
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.selection import score_candidates, select

CONFIDENCE_LEVEL = 0.95
WORK = Path("checkpoints/ablation")
AS_RUN = "as in the run"


def arms(params: ParamsFile, paths: Paths) -> dict[str, Arm]:
    """Return the arms whose accuracy measures how useful a synthetic set is."""
    summary = read_summary(paths.summary)
    name = summary["verdict"]["arms"][0]
    arm = params.section(f"arms.augmented.{name}", Arm)
    if arm.pseudo_labels or max(arm.synthetic_shares) == 0:
        raise SystemExit(
            f"{name} is the best arm, but this bench needs one that is trained on labelled and synthetic images only; "
            f"give the folder of another run"
        )
    share = summary["arms"][name]["synthetic"] or min(filter(None, arm.synthetic_shares))
    return {
        "synthetic only": Arm(transforms=arm.transforms, synthetic=1.0),
        f"{name}, share {share:g}": replace(arm, synthetic=share),
    }


def trainings(run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the settings that each variant changes in the run's section train_gan, `run`."""
    return {
        AS_RUN: {},
        "half of the steps": {"steps": run["steps"] // 2},
        "twice the steps": {"steps": run["steps"] * 2},
        "no DiffAugment": {"diffaugment": []},
        "the last generator, not the best": {"keep": "last"},
        "relativistic, γ 0.05": {"objective": {"name": "relativistic", "r1": 0.05, "r2": 0.05}},
    }


class Replicate:
    """The data and models that all variants of one replicate share."""

    def __init__(self, number: int, settings: Generate, params: ParamsFile, paths: Paths) -> None:
        self.number, self.settings, self.params, self.paths = number, settings, params, paths
        self.seed = derive(params.seed, f"ablation/{number}")
        folders = paths.train(number), paths.val, paths.unlabelled(number), paths.other_domain
        self.sets = GanSets(*map(LabelledImages.load, folders))
        self.ensemble = Ensemble.load(paths.ensemble(number))

    def candidates(self, gan: Path) -> LabelledImages:
        return draw(self.settings, gan, self.sets.train, self.seed, f"replicate {self.number}").images

    def selections(self) -> Iterator[tuple[str, LabelledImages, np.ndarray | None]]:
        """Yield a name, a synthetic set and its soft labels."""
        gan, train = self.paths.gan(self.number), self.sets.train
        candidates = self.candidates(gan)
        scores, probabilities = score_candidates(
            candidates, self.ensemble, load_discriminator(gan)[0], train, self.sets.val
        )
        for name in (*available("synthesis.policies"), "hard_but_right, soft labels"):
            policy = build("synthesis.policies", {"name": name.split(",")[0]})
            wanted, randomness = self.settings.requested(train.counts.values()), numpy_generator(self.seed, "selection")
            chosen = select(scores, wanted, len(train.classes), policy, randomness, drop_copies=False).kept
            yield name, candidates.subset(chosen), probabilities[chosen] if "soft" in name else None

    def trainings(self) -> Iterator[tuple[str, LabelledImages, None]]:
        """Yield a name and a synthetic set."""
        evaluators = Evaluators(self.ensemble.extractor, np.load(self.paths.ensemble_probabilities(self.number)))
        run = self.params.content["train_gan"]
        for name, changes in trainings(run).items():
            folder = self.paths.root / WORK / name.replace(" ", "_") / str(self.number)
            if not folder.exists():
                settings: TrainGan = from_data(TrainGan, run | changes)
                gan_run = GanRun(f"{name}, replicate {self.number}", folder.with_suffix(".work"))
                train_gan(settings, self.sets, evaluators, derive(self.seed, "gan"), gan_run, folder)
            yield name, self.candidates(folder), None


def table(
    variants: Callable[[Replicate], Iterator[tuple[str, LabelledImages, np.ndarray | None]]],
    replicates: list[Replicate],
    control: str,
) -> None:
    """Print one row per variant, each compared with `control`."""
    params, paths = replicates[0].params, replicates[0].paths
    settings, kinds = params.section("train_classifier", TrainClassifier), arms(params, paths)
    test = LabelledImages.load(paths.test)
    train_sets = {replicate.number: replicate.sets.train for replicate in replicates}
    overlap = ExperimentData(test, train_sets, read_json(paths.data_card)["pool"]).overlap
    correct: dict[tuple[str, str], list[np.ndarray]] = {}  # by variant and kind, one (S, N) bool per replicate
    for replicate in replicates:
        for name, synthetic, soft in variants(replicate):
            for kind, arm in kinds.items():
                sets, val = TrainingSets(replicate.sets.train, synthetic, soft), replicate.sets.val
                seeds = [derive(replicate.seed, f"classifier/{number}") for number in range(settings.seeds)]
                batches = [arm_batches(arm, sets, settings, seed) for seed in seeds]
                pairs = zip(batches, seeds, strict=True)
                models = [fit(settings, arm_batch, val, seed).model for arm_batch, seed in pairs]
                predicted = np.stack([predict(model, test.images).argmax(1) for model in models])
                correct.setdefault((name, kind), []).append(predicted == test.labels)
    headings = (f"{kind}: accuracy % | gain over {control}, points" for kind in kinds)
    print("| variant |", " | ".join(headings), "|")
    print("|---" * (1 + 2 * len(kinds)) + "|")
    labels = np.asarray(test.labels)
    for name in dict.fromkeys(name for name, _ in correct):
        cells = []
        for kind in kinds:
            variant, reference = (np.array(correct[key, kind]) for key in (name, control))
            mean = estimate_gain(variant, np.zeros_like(variant), labels).mean
            gain = estimate_gain(variant, reference, labels, groups=test.groups, overlap=overlap).interval(
                CONFIDENCE_LEVEL
            )
            cells += [
                f"{100 * mean:.1f}",
                "" if name == control else BALANCED_ACCURACY.interval(gain.as_dict(), signed=True),
            ]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--candidates-per-image", type=float, default=4.0)
    parser.add_argument("--per-class", type=int, default=200)
    parser.add_argument("--only", choices=("training", "selection"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    paths = Paths(arguments.folder)
    params = ParamsFile.load(paths.params)
    settings = replace(params.section("generate", Generate), per_class=arguments.per_class)

    def replicates(settings: Generate) -> list[Replicate]:
        return [Replicate(number, settings, params, paths) for number in params.replicates]

    if arguments.only != "training":
        with_surplus = replace(settings, candidates_per_image=arguments.candidates_per_image)
        table(Replicate.selections, replicates(with_surplus), "random")
    if arguments.only != "selection":
        unselected = replace(settings, candidates_per_image=1.0, policy=build("synthesis.policies", {"name": "none"}))
        table(Replicate.trainings, replicates(unselected), AS_RUN)


if __name__ == "__main__":
    main()
