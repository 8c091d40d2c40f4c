"""A project folder with an empty MLflow store, for tests of what is logged."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganaug.core.config import ParamsFile
from ganaug.core.files import recreate_directory, write_json, write_rows
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.experiment.predictions import Predictions
from ganaug.report.runs.configuration import Configuration, read_configuration
from ganaug.report.store import Store
from ganaug.report.tracking import connect

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
    """Write all that is published of one replicate's GAN and two arms."""
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
    """Return the part of summary.json that is published."""
    metrics = {name: {"title": name, "better": "high", "in_points": True} for name in ("accuracy", "recall of é")}
    arm = {name: {"mean": 0.5, "per_replicate": [0.5]} for name in metrics}
    arm |= {"group": "baseline", "gan": [], "synthetic": 0.0, "synthetic_until": 1.0, "val_accuracy": 0.7}
    used = {"group": "augmented", "gan": ["images"], "synthetic": 0.5, "val_accuracy": 0.75}
    gains = {name: {"mean": 0.1, "low": -0.1, "high": 0.3} for name in metrics}
    verdict = {
        "answer": "helps",
        "sentence": "It helps.",
        "gain": 0.1,
        "low": -0.1,
        "high": 0.3,
        "confidence_level": 0.95,
    }
    compared = {"arm": "gan", "reference": "real", "metrics": {"accuracy": {"arm": 0.6, "reference": 0.5}}}
    compared |= {"arms": ["gan"], "references": ["real"]}
    return {
        "dataset": {"name": "x"},
        "replicates": [0],
        "metric": "accuracy",
        "metrics": metrics,
        "arms": {"real": arm, "gan": arm | used},
        "gains": {"gan": gains},
        "verdict": verdict | compared,
        "label_equivalent": {"sentence": "It is worth 3 labels.", "labels_per_class": 3.0, "low": 1.0, "high": None},
        "quality": {
            "figures": {"fid": {"synthetic": 4.0, "held_out": 0.5}, "kid": {"synthetic": None, "held_out": None}}
        },
        "spread": {},
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
