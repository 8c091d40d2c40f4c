"""A project folder with an empty MLflow store, for tests of logging."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganaug.core.config import ParamsFile
from ganaug.core.files import recreate_directory, write_json, write_rows
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.predictions import Predictions
from ganaug.experiment.statistics.estimate import Estimate
from ganaug.experiment.statistics.spread import Spread
from ganaug.report.mlflow.runs.configuration import Configuration, read_configuration
from ganaug.report.mlflow.store import Store
from ganaug.report.mlflow.tracking import connect

TINY = Path(__file__).parents[1] / "tiny_params.yaml"


def project(folder: Path) -> Paths:
    """Make a project folder with parameters and a prepared test set."""
    paths = Paths(folder)
    shutil.copy(TINY, paths.params)
    labelled("x").save(paths.test)
    return paths


def labelled(source: str) -> LabelledImages:
    return LabelledImages(np.zeros((2, 1, 8, 8), np.uint8), np.array([0, 1]), ("a", "b"), {"name": source})


def results(paths: Paths) -> None:
    """Write everything that is published about one replicate's GAN and two arms."""
    for folder in (paths.gan(0), paths.arm("real", 0), paths.arm("gan", 0)):
        write_rows(recreate_directory(folder) / "history.csv", rows(1, 2))
    write_json(paths.gan(0) / "health.json", {"findings": [], "figures": {"accuracy_train": 0.5}, "step_used": 1})
    write_json(paths.gan(0) / "training.json", {"settings": {"steps": 2, "objective": {"name": "hinge", "r1": 0.0}}})
    for step in (0, 1):
        (paths.gan(0) / "grids").mkdir(exist_ok=True)
        Image.new("L", (16, 16), 100 * step).save(paths.gan(0) / f"grids/00000{step}.png")
    for folder, kind, plugin in (
        (paths.gan(0), "generator", "resnet"),
        (paths.arm("real", 0), "classifier", "small_cnn"),
        (paths.arm("gan", 0), "classifier", "small_cnn"),
    ):
        write_json(
            folder / f"{kind}.json", {"plugin": {"name": plugin}, "image_shape": [1, 8, 8], "classes": ["a", "b"]}
        )
        (folder / f"{kind}.safetensors").write_bytes(b"weights of " + str(folder.relative_to(paths.root)).encode())
    for arm in ("real", "gan"):
        Predictions(*[np.full((1, 2, 2), 0.5, np.float32)] * 2).save(paths.arm(arm, 0))
    labelled("x").save(paths.other_domain)
    labelled("x").save(paths.val)
    labelled("x").save(paths.train(0))
    labelled("x").save(paths.synthetic(0))
    write_json(recreate_directory(paths.synthetic_report(0)) / "selection.json", {"near_copies_kept": 1})
    paths.stage_seconds("").parent.mkdir(parents=True)
    for stage in ("train_gan@0", "train_baseline@real@0", "train_augmented@gan@0"):
        write_json(paths.stage_seconds(stage), {"seconds": 7.5})
    write_json(paths.summary, summary())
    write_json(paths.metrics, {"balanced_accuracy": {"gan": 0.5}})
    write_json(paths.seconds, {"prepare": {"seconds": 2.0}, "train_gan": {"0": {"seconds": 7.5, "jobs": 3}}})
    write_json(paths.data_card, {})
    paths.report.write_text("report")
    (recreate_directory(paths.plots) / "arms.png").write_bytes(b"png")


def summary() -> dict[str, Any]:
    """Return a complete summary.json; MLflow shows a part of it."""
    metrics = {name: {"title": name, "better": "high", "in_points": True} for name in ("accuracy", "recall of é")}
    arm = {name: {"mean": 0.5, "low": None, "high": None, "per_replicate": [0.5]} for name in metrics}
    arm |= {"group": "baseline", "words": "images", "trained_on": "labels", "gan": [], "tried": {}, "confusion": []}
    arm |= {"synthetic": 0.0, "synthetic_until": 1.0, "val_accuracy": 0.7}
    used = {"group": "augmented", "gan": ["images"], "synthetic": 0.5, "val_accuracy": 0.75}
    gain = {"mean": 0.1, "low": -0.1, "high": 0.3, "per_replicate": [0.1]}
    gains = {"reference": "real", "answer": "undecided", "alone": gain | {"answer": "helps"}}
    verdict = {
        "headline": "Yes.",
        "sentence": "It helps.",
        "answer": "helps",
        "gain": 0.1,
        "low": -0.1,
        "high": 0.3,
        "difference": {"mean": 0.1, "low": -0.1, "high": 0.3},
        "minimum_detectable": 0.2,
        "replicates_needed": None,
        "confidence_level": 0.95,
    }
    compared = {"arm": "gan", "reference": "real", "arms": ["gan"], "references": ["real"]}
    compared |= {"metrics": {key: {"arm": 0.6, "reference": 0.5, "gain": gain} for key in metrics}}
    facts = {"better": "low", "ideal": 0.0, "sees": "features", "train": None}
    figures = {"fid": {"synthetic": 4.0, "held_out": 0.5}, "kid": {"synthetic": None, "held_out": None}}
    return {
        "dataset": {
            "name": "x",
            "classes": ["a", "b"],
            "image_shape": [1, 8, 8],
            "train_per_class": {"a": 1, "b": 1},
            "test_size": 2,
            "test_groups": 2,
        },
        "replicates": [0],
        "overlap": 0.0,
        "findings": {"0": []},
        "confidence_level": 0.95,
        "smallest_gain": 0.005,
        "metric": "accuracy",
        "metrics": metrics,
        "reference": "real",
        "arms": {"real": arm, "gan": arm | used},
        "gains": {"gan": gains | dict.fromkeys(metrics, gain)},
        "verdict": verdict | compared,
        "spread": Spread(Estimate(0.1, (0.1,), None, 0.0), 1, None).as_dict(),
        "label_equivalent": {"sentence": "It is worth 3 labels.", "labels_per_class": 3.0, "low": 1.0, "high": None},
        "quality": {"features": "ensemble", "figures": {name: facts | found for name, found in figures.items()}},
        "neighbour": {"balanced_accuracy": 0.5, "val_balanced_accuracy": 0.5},
        "doubts": {},
        "left_to_gain": {
            "metric": "accuracy",
            "baselines": {"real": 0.7},
            "neighbour": 0.5,
            "left": 0.3,
            "worth_trying": True,
            "sentence": "Much is left to gain.",
        },
        "conditions": [],
        "cost": {"jobs": 3, "seconds": {"gan": 7.5, "arm": 1.0, "reference": 1.0, "per_point": 0.75}, "joules": None},
    }


def configuration(paths: Paths) -> Configuration:
    return read_configuration(ParamsFile.load(paths.params), paths)


def store(paths: Paths) -> Store:
    return connect(configuration(paths), paths)


def rows(*steps: int) -> list[dict[str, float]]:
    """Return rows of a GAN's history."""
    return [{"step": step, "images": 16.0 * step, "d_real": 1.0 / step} for step in steps]


def logged(found: Store, run: str, name: str = "discriminator/d_real") -> list[int]:
    """Return the steps of one of a run's curves."""
    return [metric.step for metric in found.client.get_metric_history(run, name)]
