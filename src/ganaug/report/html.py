"""From the stages' files to summary, metrics, plots and the report."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2

from ganaug import __version__
from ganaug.classifier.scores import score
from ganaug.core.config import load_params
from ganaug.core.files import read_json, read_rows, recreate_directory, write_json
from ganaug.core.paths import ARMS, GANS, METRICS, PLOTS, PREPARED, REPORT, SECONDS, STAGE_SECONDS, SUMMARY, SYNTHETIC
from ganaug.data.images import LabelledImages
from ganaug.experiment.comparison import ArmScores, ExperimentData
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.label_equivalent import cost
from ganaug.experiment.predictions import Predictions
from ganaug.experiment.summary import average_quality, headline_metrics, summarise
from ganaug.experiment.wording import as_text, interval_text, sentences


def evaluate(experiment: Experiment) -> None:
    """Score the saved predictions and write everything a reader wants to see.

    Raises InputError if predictions are missing.
    """
    val, test = LabelledImages.load(PREPARED / "val"), LabelledImages.load(PREPARED / "test")
    trains = {one: LabelledImages.load(PREPARED / str(one) / "train") for one in experiment.replicates}
    arms = {name: arm_scores(ARMS / name, experiment, val, test) for name in experiment.arms}
    healths = {one: read_json(GANS / str(one) / "health.json") for one in experiment.replicates}
    findings = {one: [finding["name"] for finding in health["findings"]] for one, health in healths.items()}
    seconds = stage_seconds(experiment)
    data = ExperimentData(test, trains, read_json(PREPARED / "card.json")["pool"])
    qualities = [read_json(SYNTHETIC / str(one) / "quality.json") for one in experiment.replicates]
    summary = summarise(arms, experiment.evaluate, data, findings)
    summary |= {"quality": average_quality(qualities), "cost": _price(summary, seconds, experiment)}
    write_json(SUMMARY, summary)
    write_json(METRICS, headline_metrics(summary))
    write_json(SECONDS, seconds)
    draw_plots(experiment, summary, trains)
    REPORT.write_text(render(summary, seconds, healths), encoding="utf-8")
    print(as_text(summary))


def arm_scores(folder: Path, experiment: Experiment, val: LabelledImages, test: LabelledImages) -> ArmScores:
    """Return what the arm whose results are in `folder` got right. Raises InputError if predictions are missing."""
    predictions = [Predictions.load(folder / str(replicate)) for replicate in experiment.replicates]
    return ArmScores(
        arm=experiment.arms[folder.name],
        group="baseline" if folder.name in experiment.baseline else "augmented",
        trained_on=experiment.trained_on(folder.name),
        synthetic=read_json(folder / "share.json")["synthetic"],
        val=tuple(score(one.val, val.labels) for one in predictions),
        test=tuple(score(one.test, test.labels) for one in predictions),
    )


def stage_seconds(experiment: Experiment) -> dict[str, Any]:
    """Return how long each stage took in its last run, imports included: by replicate, or by arm and replicate."""
    names = {
        "prepare": ["prepare"],
        "train_ensemble": [f"train_ensemble@{replicate}" for replicate in experiment.replicates],
        "train_gan": [f"train_gan@{replicate}" for replicate in experiment.replicates],
        "generate": [f"generate@{replicate}" for replicate in experiment.replicates],
        "train_baseline": [f"train_arm@baseline@{name}" for name in experiment.baseline],
        "train_augmented": [f"train_arm@augmented@{name}" for name in experiment.augmented],
    }
    return {
        stage: {one.rpartition("@")[2]: read_json(STAGE_SECONDS / f"{one}.json") for one in ones}
        for stage, ones in names.items()
    }


def draw_plots(experiment: Experiment, summary: Mapping[str, Any], trains: Mapping[int, LabelledImages]) -> None:
    """Write the plots, as PNG, anew."""
    from ganaug.report import plots  # matplotlib takes a second to import

    recreate_directory(PLOTS)
    histories = {one: read_rows(GANS / str(one) / "history.csv") for one in experiment.replicates}
    plots.draw_all(PLOTS, summary, histories)
    first = experiment.replicates[0]
    plots.contact_sheets(PLOTS, trains[first], LabelledImages.load(SYNTHETIC / str(first)))


def render(summary: Mapping[str, Any], seconds: Mapping[str, Any], healths: Mapping[int, Any]) -> str:
    """Return the report: one HTML page that needs nothing beside it."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["interval"] = interval_text
    template = environment.from_string(files("ganaug.report").joinpath("report.html").read_text(encoding="utf-8"))
    pictures = {path.stem: _data_url(path) for path in sorted(PLOTS.glob("*.png"))}
    first = summary["replicates"][0]
    pictures["progress"] = _data_url(GANS / str(first) / "progress.gif")
    pictures["closest"] = _data_url(SYNTHETIC / str(first) / "closest.png")
    card = read_json(PREPARED / "card.json")
    counts = summary["dataset"]["train_per_class"].values()
    parameters = json.dumps(load_params(), indent=2, ensure_ascii=False)
    return template.render(
        summary=summary,
        sentences=sentences(summary),
        healths=healths,
        imbalanced=len(set(counts)) > 1,
        pixelwise=[name for name, figure in summary["quality"]["figures"].items() if figure["sees"] == "pixels"],
        seconds=seconds,
        pictures=pictures,
        card=card,
        parameters=parameters,
        version=__version__,
    )


def _price(summary: Mapping[str, Any], seconds: Mapping[str, Any], experiment: Experiment) -> dict[str, Any]:
    """Return what the verdict's gain cost; a gain without the GAN has no price."""
    verdict = summary["verdict"]
    gain = 0.0 if verdict["answer"] == "not used" else verdict["gain"]
    shared = experiment.arms[verdict["reference"]].pseudo_labels > 0
    return cost(seconds, verdict["arm"], verdict["reference"], gain, reference_uses_ensemble=shared)


def _data_url(path: Path) -> str:
    return f"data:image/{path.suffix[1:]};base64,{base64.b64encode(path.read_bytes()).decode()}"
