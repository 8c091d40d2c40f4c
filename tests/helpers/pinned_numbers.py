"""Short training runs with stored results, which show when a code change changes numbers.

    python tests/helpers/pinned_numbers.py

stores new results. Do so only if numbers are meant to change, and declare it in CHANGELOG.md.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from project import Project
from quick_ensemble import quick_evaluators
from sklearn.datasets import load_digits

from ganaug.classifier.training import fit
from ganaug.core.files import read_json, read_rows
from ganaug.core.plugins import from_data
from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.batches import TrainingSets, arm_batches
from ganaug.experiment.arms.settings import Arm, TrainClassifier
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.settings import TrainGan
from ganaug.gan.store import load_generator
from ganaug.gan.training import GanRun, GanSets, train_gan

STORED = Path(__file__).parents[1] / "pinned/numbers.json"
TINY_SUMMARY = Path(__file__).parents[1] / "pinned/tiny_summary.json"
CLASSES = tuple("0123456789")

GANS: dict[str, dict[str, Any]] = {
    "resnet, hinge": {
        "network": {"name": "resnet", "z_dim": 8, "channels": 8, "attention": 4},
        "objective": {"name": "hinge", "consistency": 1.0},
        "diffaugment": "characters",
    },
    "resnet, auxiliary, transitional": {
        "network": {"name": "resnet", "z_dim": 8, "channels": 8, "discriminator_conditioning": "auxiliary"},
        "objective": {"name": "non_saturating"},
        "class_weights": {"real": 1.0, "fake": 0.5, "generator": 0.1},
        "transition_start": 1,
        "transition_end": 3,
        "balanced": True,
    },
    "dcgan, semi-supervised": {
        "network": {"name": "dcgan", "z_dim": 8, "channels": 8, "discriminator_conditioning": "classifier"},
        "objective": {"name": "sgan"},
        "unlabelled": "unconditional",
    },
    "mlp, pseudo-labels": {
        "network": {"name": "mlp", "z_dim": 8, "hidden": 16, "noise": 0.1},
        "objective": {"name": "wasserstein_gp", "lecam": 0.1},
        "discriminator_steps": 2,
        "unlabelled": "pseudo_labels",
        "pseudo_label_threshold": 0.1,
    },
    "r3gan, relativistic": {
        "network": {"name": "r3gan", "z_dim": 8, "channels": 8},
        "objective": {"name": "relativistic"},
        "schedule": {"steps": 4, "learning_rates": 0.25, "penalties": 0.1, "second_beta": 0.99},
    },
    "stylegan2, lazy R1, ADA": {
        "network": {"name": "stylegan2", "z_dim": 8, "channels": 8},
        "objective": {"name": "non_saturating", "r1": 1.0, "penalty_every": 2},
        "diffaugment": "photographs",
        "ada_target": 0.6,
        "ada_images": 200,
    },
}
ARMS: dict[str, dict[str, Any]] = {
    "real": {},
    "classical": {"transforms": [{"name": "RandomAffine", "degrees": 10}]},
    "mixed": {"synthetic": 0.25, "pseudo_labels": 0.25, "mixing": {"name": "MixUp", "alpha": 0.2}},
    "synthetic for short classes": {"synthetic": 0.5, "synthetic_for": "short", "balanced": True},
}


def assert_close(found: Any, expected: Any, *, share: float = 0.02, place: str = "") -> None:
    """Compare two trees of figures and words.

    Processors round differently, and a few steps of training amplify that until single predictions change. share: how
    far apart numbers may be, absolutely or relatively.
    """
    if isinstance(expected, dict):
        assert list(found) == list(expected), place
        for name in expected:
            assert_close(found[name], expected[name], share=share, place=f"{place}/{name}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), place
        for number, (one, other) in enumerate(zip(found, expected, strict=True)):
            assert_close(one, other, share=share, place=f"{place}/{number}")
    elif isinstance(expected, float):
        assert abs(found - expected) <= share * max(1, abs(expected)), place
    else:
        assert found == expected, place


def digits(chosen: slice) -> LabelledImages:
    """Return some of scikit-learn's digits."""
    bunch = load_digits()
    images = np.round(bunch.images[chosen] * (255 / 16)).astype(np.uint8)[:, None]
    return LabelledImages(images, bunch.target[chosen].astype(np.int64), CLASSES, {"name": "digits"})


def sets() -> GanSets:
    """Return small, disjoint sets of images; the first is imbalanced."""
    return GanSets(digits(slice(0, 55)), digits(slice(100, 150)), digits(slice(200, 260)).without_labels())


def gan(changes: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Train a GAN for a few steps; return its first losses, its health and its images' brightness."""
    plain = {"steps": 4, "batch_size": 16, "learning_rate": 2e-3, "log_every": 1, "snapshots": 2, "examinations": 2}
    given = sets()
    train_gan(
        from_data(TrainGan, plain | dict(changes)),
        given,
        quick_evaluators(given),
        0,
        GanRun("gan", folder / "work"),
        folder / "gan",
    )
    generator, classes = load_generator(folder / "gan")
    labels = np.arange(len(classes), dtype=np.int64)
    images = np.concatenate(list(sample(generator, labels, image_seeds(0, len(labels))))).reshape(len(labels), -1)
    return {
        "history": read_rows(folder / "gan/history.csv"),
        "health": read_json(folder / "gan/health.json")["figures"],
        "mean of each image": images.mean(1).tolist(),
        "spread of each image": images.std(1).tolist(),
    }


def arm(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Train a classifier for a few steps; return its predictions for validation images along the way."""
    plain = {"classifier": {"name": "small_cnn", "channels": 8}, "steps": 20, "batch_size": 16, "evaluate_every": 5}
    train, val, *_ = sets()
    given = TrainingSets(train, synthetic=digits(slice(300, 350)), pseudo_labelled=digits(slice(400, 440)))
    settings: TrainClassifier = from_data(TrainClassifier, plain)
    batches = arm_batches(from_data(Arm, dict(changes)), given, settings, 0)
    return {"history": fit(settings, batches, val, 0).history}


def pinned_part(summary: Any) -> Any:
    """Return a run's summary without sentences, costs, and figures of single classes, which vary most."""
    if not isinstance(summary, dict):
        return summary
    left_out = {"sentence", "headline", "words", "seen", "remedy", "conditions", "cost", "recall", "confusion"}
    if CLASSES[0] in summary.get("precision", ()):  # the arms' precision, not the synthetic set's
        left_out.add("precision")
    return {name: pinned_part(value) for name, value in summary.items() if name not in left_out}


def tiny_summary() -> Any:
    """Run the whole pipeline at tiny size, in a minute, and return the part of its summary that is stored."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.repro()
        return pinned_part(read_json(project.folder / "results/summary.json"))


def measured() -> dict[str, Any]:
    """Return the figures of all short training runs."""
    figures: dict[str, Any] = {}
    for name, changes in GANS.items():
        with tempfile.TemporaryDirectory() as folder:
            figures[f"gan: {name}"] = gan(changes, Path(folder))
    return figures | {f"arm: {name}": arm(changes) for name, changes in ARMS.items()}


if __name__ == "__main__":
    torch.set_num_threads(1)
    for path, figures in ((STORED, measured()), (TINY_SUMMARY, tiny_summary())):
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
