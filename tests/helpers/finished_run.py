"""The files of a finished experiment, without any training, and its report."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganaug.core.config import ParamsFile
from ganaug.core.files import write_json, write_rows
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.predictions import Predictions
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.evaluate_settings import Evaluate, Experiment, TrainedOn
from ganaug.experiment.evaluation import evaluate
from ganaug.report.page_and_plots import write_report
from ganaug.report.panels import PANELS

MEASURES = {name: 0.5 for names in PANELS.values() for name in names}
HEALTH: dict[str, Any] = {"step_used": 6, "findings": [], "figures": MEASURES}
TRAINING: dict[str, Any] = {"settings": {}}
FIGURE = {"better": "low", "ideal": 0.0, "sees": "features", "synthetic": 0.25, "train": None, "held_out": 0.125}
QUALITY: dict[str, Any] = {"features": "ensemble", "figures": {"intra_class_fid": FIGURE}}
LEFT: dict[str, Any] = {
    "metric": "balanced_accuracy",
    "baselines": {"real": 0.9},
    "neighbour": 0.8,
    "left": 0.1,
    "worth_trying": True,
    "sentence": "Without a GAN, `real` reaches 90.0%, so about 10.0 points are left to gain.",
}
SELECTION: dict[str, Any] = {
    "candidates": [4, 4],
    "near_copies": [1, 0],
    "rejected": [0, 0],
    "rejected_as_copies": [0, 0],
}
OTHER_DOMAIN: dict[str, Any] = {"images": 0, "labelled": {}}
TAKEN = {"train_ensemble": 4.0, "train_gan": 10.0, "generate": 1.0, "measure": 5.0}
Images = Callable[..., LabelledImages]


def evaluate_run(
    folder: Path,
    images: Images,
    right: Mapping[str, Sequence[int]],
    baseline: dict[str, Arm],
    augmented: dict[str, Arm],
    *,
    share: float = 0.5,
    idle: Sequence[str] = (),
    informed: Mapping[str, Arm] = {},
    sizes: tuple[int, int, int] = (6, 20, 8),
    **settings: Any,
) -> tuple[dict[str, Any], str]:
    """Write the files of an experiment, evaluate it, and return summary and report.

    images: makes (count, seed=…) labelled images. right: how many test images each arm gets right, per replicate.
    idle: arms that get no validation image right; the other arms, and the nearest neighbour, get all of them right.
    sizes: of the validation, test and training sets.
    """
    paths, params = Paths(folder), ParamsFile(folder / "params.yaml", {"seed": 0})
    val, test = images(sizes[0], seed=1), images(sizes[1], seed=2)
    classes = len(val.classes)
    replicates = tuple(range(len(next(iter(right.values())))))
    val.save(paths.val)
    test.save(paths.test)
    test.subset([]).save(paths.other_domain)
    write_json(paths.data_card, _card(val, test, replicates))
    paths.stage_seconds("").parent.mkdir(parents=True)
    write_json(paths.stage_seconds("prepare"), {"seconds": 3.0})
    for one in replicates:
        images(sizes[2], seed=one).save(paths.train(one))
        images(sizes[2], seed=9).save(paths.synthetic(one))
        _write_replicate(one, paths, val, test)
    for group, arms in (("baseline", baseline), ("informed", informed), ("augmented", augmented)):
        for name in arms:
            for one, found in zip(replicates, right[name], strict=True):
                write_json(paths.stage_seconds(f"train_{group}@{name}@{one}"), {"seconds": 1.0})
                wrong = np.arange(len(test)) >= found
                predicted = (val.labels + (name in idle)) % classes, (test.labels + wrong) % classes
                Predictions(*(np.eye(classes)[labels][None] for labels in predicted)).save(paths.arm(name, one))
                rows = [{"step": step, "val_balanced_accuracy": 1.0} for step in (4.0, 6.0)]
                write_rows(paths.arm(name, one) / "history.csv", rows)
    how = Evaluate(confidence_level=0.5, **settings)
    for name, arm in augmented.items():
        paths.shares(name).mkdir(parents=True)
        write_json(paths.share(name), {"synthetic": share if max(arm.synthetic_shares) else 0.0})
        write_json(paths.tried(name), {f"val_{how.metric.key}": {"0.0": 0.9, "0.5": 0.8}})
        write_json(paths.stage_seconds(f"choose_share@{name}"), {"seconds": 7.0})
        for one in replicates:
            write_json(paths.stage_seconds(f"try_shares@{name}@{one}"), {"seconds": 3.0})
    write_json(paths.left_to_gain, LEFT)
    experiment = Experiment(replicates, baseline, augmented, how, TrainedOn.LABELS, dict(informed))
    write_report(evaluate(experiment, paths), params, paths)
    summary = json.loads(paths.summary.read_text(encoding="utf-8"))
    return summary, paths.report.read_text(encoding="utf-8")


def _card(val: LabelledImages, test: LabelledImages, replicates: Sequence[int]) -> dict[str, Any]:
    pool = dict.fromkeys(val.classes, 50)
    return {
        "source": {"name": "x", "checksum": "5ba7"},
        "classes": list(val.classes),
        "duplicates": 0,
        "duplicates_with_other_label": 0,
        "left_out": 0,
        "other_domain": OTHER_DOMAIN,
        "pool": pool,
        "val": val.counts,
        "test": test.counts,
        "groups": {"pool": sum(pool.values())},
        "unlabelled": {str(one): 92 for one in replicates},
    }


def _write_replicate(one: int, paths: Paths, val: LabelledImages, test: LabelledImages) -> None:
    """Write the files of a replicate's ensemble, GAN and synthetic set."""
    classes = len(val.classes)
    paths.synthetic_report(one).mkdir(parents=True)
    write_json(paths.synthetic_report(one) / "quality.json", QUALITY)
    counts = {part: (found * classes)[:classes] for part, found in SELECTION.items()}
    write_json(paths.synthetic_report(one) / "selection.json", {"classes": list(val.classes), **counts})
    Image.new("L", (4, 4)).save(paths.synthetic_report(one) / "closest.png")
    Predictions(np.eye(classes)[val.labels][None], np.eye(classes)[(test.labels + 1) % classes][None]).save(
        paths.neighbour(one)
    )
    (paths.gan(one) / "grids").mkdir(parents=True)
    for step in (0, 6):
        Image.new("L", (4, 4), step).save(paths.gan(one) / "grids" / f"{step:06d}.png")
    write_json(paths.gan(one) / "health.json", HEALTH)
    write_json(paths.gan(one) / "training.json", TRAINING)
    rows = [{"step": step, "d_real": 0.1, "g_fake": 0.2, **MEASURES} for step in (0.0, 6.0)]
    write_rows(paths.gan(one) / "history.csv", rows)
    for stage, seconds in TAKEN.items():
        write_json(paths.stage_seconds(f"{stage}@{one}"), {"seconds": seconds})
