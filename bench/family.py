"""Train every network with every objective that suits it on MNIST, and measure the quality of the images.

    python bench/family.py ROOT [--per-class 1000] [--steps 2000] [--only NETWORK[/OBJECTIVE]] [--work FOLDER]

ROOT is the folder in which torchvision keeps MNIST. Each GAN is trained as in the pipeline, keeping the generator that
is best on validation; an interrupted run resumes where it stopped. Prints for each GAN, for as many synthetic images
as there are real training images:

* CAS: accuracy on MNIST's 10,000 test images of a classifier trained on synthetic images only (Ravuri and Vinyals,
  Classification Accuracy Score, 2019). The first row shows the same classifier trained on the real images.
* FID, KID, precision and recall against the test images, in the features of a classifier trained on the real training
  images (Heusel et al., 2017; Bińkowski et al., 2018; Kynkäänniemi et al., 2019, with 3 neighbours). Not comparable
  with values in Inception's features.
* Modes: number of classes for which that classifier assigns more than half of the images to the class they were
  generated for.
* Spread: mean distance between images of a class, relative to that of the test images, for the least varied class.
"""

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from choice import chosen
from pytorch_lightning.loggers import Logger

from ganaug.classifier.features import FeatureExtractor
from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.prediction import predict
from ganaug.classifier.training import fit as fit_classifier
from ganaug.core.plugins import build, from_data
from ganaug.data.images import LabelledImages
from ganaug.data.sources.torchvision import Torchvision
from ganaug.experiment.arms.batches import TrainingSets, arm_batches
from ganaug.experiment.arms.settings import Arm, TrainClassifier
from ganaug.gan.health_measures import diversity
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.settings import TrainGan
from ganaug.gan.store import load_generator
from ganaug.gan.training import Evaluators, GanRun, GanSets, train_gan
from ganaug.synthesis.metrics import Compared
from ganaug.synthesis.metrics.fid import Fid
from ganaug.synthesis.metrics.kid import Kid
from ganaug.synthesis.metrics.precision import Precision
from ganaug.synthesis.metrics.recall import Recall

MEASURED = 3000
"""Synthetic images, and test images, from which FID, KID, precision, recall and spread are computed."""
SPECTRAL = {"learning_rate": 1e-3, "discriminator_learning_rate": 1e-3, "betas": [0.0, 0.9]}
DCGAN = {"learning_rate": 2e-4, "discriminator_learning_rate": 2e-4, "betas": [0.5, 0.999]}
STYLE = {"learning_rate": 2.5e-3, "discriminator_learning_rate": 2.5e-3, "betas": [0.0, 0.99]}
R3 = {"learning_rate": 5e-4, "discriminator_learning_rate": 5e-4, "betas": [0.0, 0.99]}
RELATIVISTIC = {"name": "relativistic", "r1": 0.05, "r2": 0.05}
ANNEALED = {"learning_rates": 0.1, "penalties": 0.1, "second_beta": 0.99}
"""A schedule over all steps, with which images of digits come closer to the validation images than with any constant
γ."""
Spec = dict[str, Any]
FAMILY: list[tuple[Spec, Spec, Spec]] = [  # network, objective and the training settings for them
    ({"name": "dcgan", "channels": 32}, {"name": "minimax"}, DCGAN),
    ({"name": "dcgan", "channels": 32}, {"name": "non_saturating"}, DCGAN),
    ({"name": "dcgan", "channels": 32}, {"name": "least_squares"}, DCGAN),
    ({"name": "resnet", "channels": 24}, {"name": "hinge"}, SPECTRAL),
    ({"name": "resnet", "channels": 24}, {"name": "non_saturating"}, SPECTRAL),
    ({"name": "resnet", "channels": 24}, {"name": "wasserstein_gp"}, SPECTRAL),
    ({"name": "resnet", "channels": 24}, RELATIVISTIC, SPECTRAL | {"schedule": ANNEALED}),
    ({"name": "stylegan2", "channels": 16}, {"name": "non_saturating", "r1": 1.0, "penalty_every": 16}, STYLE),
    ({"name": "r3gan", "channels": 16}, RELATIVISTIC, R3 | {"schedule": ANNEALED}),
    ({"name": "mlp", "hidden": 512, "batch_norm": True}, {"name": "non_saturating"}, DCGAN),
]


class Clock(Logger):
    """Times the training steps alone: from the first to the last row of the history."""

    name, version = "clock", 0

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[float, float]] = []

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        self.rows.append((step or 0, time.perf_counter()))

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """Ignore them."""

    @property
    def per_1000(self) -> float:
        """Seconds per 1,000 steps."""
        (first, start), (last, end) = self.rows[0], self.rows[-1]
        return 1000 * (end - start) / max(last - first, 1)


def mnist(root: Path, per_class: int) -> tuple[GanSets, LabelledImages]:
    """Return training images, 100 validation images per class, and the test set."""
    raw = Torchvision(dataset="MNIST").load(root)
    images = np.moveaxis(np.stack([np.asarray(image) for image in raw.images]), 3, 1)
    whole = LabelledImages(images, raw.labels, raw.classes)
    pool, test = (whole.subset(np.flatnonzero((raw.splits == "test") == is_test)) for is_test in (False, True))
    order = np.random.default_rng(0).permutation(len(pool))
    by_class = [order[pool.labels[order] == label] for label in range(10)]
    val = pool.subset(np.concatenate([indices[:100] for indices in by_class]))
    labelled = pool.subset(np.concatenate([indices[100 : 100 + per_class] for indices in by_class]))
    return GanSets(labelled, val, labelled.subset([])), test


def classifier(train: LabelledImages, val: LabelledImages, *, steps: int, evaluate_every: int) -> ImageClassifier:
    settings = TrainClassifier(
        classifier=build("classifier.architectures", {"name": "small_cnn"}),
        steps=steps,
        learning_rate=2e-3,
        evaluate_every=evaluate_every,
    )
    return fit_classifier(settings, arm_batches(Arm(), TrainingSets(train), settings, 0), val, 0).model


def accuracy(train: LabelledImages, val: LabelledImages, test: LabelledImages) -> float:
    model = classifier(train, val, steps=1000, evaluate_every=100)
    return float((predict(model, test.images).argmax(1) == test.labels).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--per-class", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--only", default="")
    parser.add_argument("--work", type=Path, default=Path("checkpoints/family"))
    parser.add_argument("--precision", default="32-true")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    pairs = chosen({f"{each[0]['name']}/{each[1]['name']}": each for each in FAMILY}, arguments.only)
    sets, test = mnist(arguments.root, arguments.per_class)
    # one classifier trained on all training images: near-copies are not measured here, so cross-fitting is not needed
    extractor = FeatureExtractor((classifier(sets.train, sets.val, steps=200, evaluate_every=50),))
    evaluators = Evaluators(extractor, np.zeros((0, 10), np.float32))
    held_out = test.subset(np.random.default_rng(0).permutation(len(test))[:MEASURED])
    real_features = extractor(held_out.images)

    print("| network | objective | CAS % | FID | KID ×1000 | precision | recall | modes | spread | s per 1,000 steps |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    print(f"| real images | | {100 * accuracy(sets.train, sets.val, test):.2f} | | | | | | | |", flush=True)
    for name, (network, objective, options) in pairs.items():
        settings: TrainGan = from_data(
            TrainGan,
            {
                "network": network,
                "objective": objective,
                "steps": arguments.steps,
                "diffaugment": "characters",
                "trainer": {"precision": arguments.precision},
                "ema_half_life": 10_000,
                "log_every": 100,
                **options,
                "schedule": {**options["schedule"], "steps": arguments.steps} if "schedule" in options else {},
            },
        )
        folder, clock = arguments.work / name, Clock()
        if not (folder / "seconds.json").exists():
            train_gan(settings, sets, evaluators, 0, GanRun(name, arguments.work / f"{name}.work", (clock,)), folder)
            (folder / "seconds.json").write_text(json.dumps(clock.per_1000), encoding="utf-8")
        seconds = json.loads((folder / "seconds.json").read_text(encoding="utf-8"))
        generator, classes = load_generator(folder)
        labels = np.repeat(np.arange(10, dtype=np.int64), arguments.per_class)
        fakes = np.concatenate(list(sample(generator, labels, image_seeds(0, len(labels)))))
        synthetic = LabelledImages(fakes, labels, classes)
        some = np.random.default_rng(0).permutation(len(labels))[:MEASURED]
        features = extractor(fakes[some])
        no_train = real_features[:0], held_out.labels[:0]
        compared = Compared(features, labels[some], *no_train, real_features, held_out.labels)
        correct = predict(extractor.models[0], fakes).argmax(1) == labels
        modes = sum(correct[labels == label].mean() > 0.5 for label in range(10))
        spread = min(diversity(features, labels[some], real_features, held_out.labels).values())
        print(
            f"| {network['name']} | {objective['name']} | {100 * accuracy(synthetic, sets.val, test):.2f} "
            f"| {Fid()(compared):.2f} | {1000 * Kid()(compared):.1f} "
            f"| {Precision()(compared):.2f} | {Recall()(compared):.2f} | {modes} | {spread:.2f} | {seconds:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
