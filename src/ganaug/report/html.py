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
from ganaug.core.config import ParamsFile
from ganaug.core.files import read_json, read_rows, recreate_directory, write_json
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.experiment.comparison import ArmScores, ExperimentData
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.label_equivalent import cost
from ganaug.experiment.predictions import Predictions
from ganaug.experiment.stages import STAGES
from ganaug.experiment.summary import average_quality, headline_metrics, summarise
from ganaug.experiment.wording import as_text, interval_text, sentences


def evaluate(experiment: Experiment, params: ParamsFile, paths: Paths) -> None:
    """Score the saved predictions and write everything that people read.

    Raises InputError if predictions are missing.
    """
    val, test = LabelledImages.load(paths.val), LabelledImages.load(paths.test)
    trains = {one: LabelledImages.load(paths.train(one)) for one in experiment.replicates}
    arms = {name: arm_scores(paths.arm(name), experiment, val, test) for name in experiment.arms}
    healths = {one: read_json(paths.gan(one) / "health.json") for one in experiment.replicates}
    findings = {one: [finding["name"] for finding in health["findings"]] for one, health in healths.items()}
    seconds = stage_seconds(experiment, paths)
    data = ExperimentData(test, trains, read_json(paths.data_card)["pool"])
    qualities = [read_json(paths.synthetic_report(one) / "quality.json") for one in experiment.replicates]
    summary = summarise(arms, experiment.evaluate, data, findings)
    summary |= {"quality": average_quality(qualities), "cost": _price(summary, seconds, experiment)}
    write_json(paths.summary, summary)
    write_json(paths.metrics, headline_metrics(summary))
    write_json(paths.seconds, seconds)
    draw_plots(experiment, summary, trains, paths)
    page = render(summary, seconds, healths, params, paths)
    paths.report.write_text(page, encoding="utf-8")
    print(as_text(summary))


def arm_scores(folder: Path, experiment: Experiment, val: LabelledImages, test: LabelledImages) -> ArmScores:
    """Score the arm whose results are in `folder`. Raises InputError if predictions are missing."""
    predictions = [Predictions.load(folder / str(replicate)) for replicate in experiment.replicates]
    return ArmScores(
        arm=experiment.arms[folder.name],
        group="baseline" if folder.name in experiment.baseline else "augmented",
        trained_on=experiment.trained_on(folder.name),
        synthetic=read_json(folder / "share.json")["synthetic"],
        val=tuple(score(one.val, val.labels) for one in predictions),
        test=tuple(score(one.test, test.labels) for one in predictions),
    )


def stage_seconds(experiment: Experiment, paths: Paths) -> dict[str, Any]:
    """Return how long each stage took in its last run, imports included: by stage, then by replicate or arm."""
    parts = {
        "replicate": [str(replicate) for replicate in experiment.replicates],
        "baseline": list(experiment.baseline),
        "augmented": list(experiment.augmented),
    }
    seconds = {"prepare": {"prepare": read_json(paths.stage_seconds("prepare"))}}
    for name, stage in STAGES.items():
        if stage.per != "experiment":
            seconds[name] = {part: read_json(paths.stage_seconds(f"{name}@{part}")) for part in parts[stage.per]}
    return seconds


def draw_plots(
    experiment: Experiment, summary: Mapping[str, Any], trains: Mapping[int, LabelledImages], paths: Paths
) -> None:
    """Draw the plots anew, as PNG."""
    from ganaug.report import plots  # matplotlib takes a second to import

    recreate_directory(paths.plots)
    histories = {one: read_rows(paths.gan(one) / "history.csv") for one in experiment.replicates}
    plots.draw_all(paths.plots, summary, histories)
    first = experiment.replicates[0]
    plots.contact_sheets(paths.plots, trains[first], LabelledImages.load(paths.synthetic(first)))


def render(
    summary: Mapping[str, Any], seconds: Mapping[str, Any], healths: Mapping[int, Any], params: ParamsFile, paths: Paths
) -> str:
    """Return the report: one self-contained HTML page."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["interval"] = interval_text
    template = environment.from_string(files("ganaug.report").joinpath("report.html").read_text(encoding="utf-8"))
    pictures = {path.stem: _data_url(path) for path in sorted(paths.plots.glob("*.png"))}
    first = summary["replicates"][0]
    pictures["progress"] = _data_url(paths.gan(first) / "progress.gif")
    pictures["closest"] = _data_url(paths.synthetic_report(first) / "closest.png")
    counts = summary["dataset"]["train_per_class"].values()
    return template.render(
        summary=summary,
        sentences=sentences(summary),
        healths=healths,
        imbalanced=len(set(counts)) > 1,
        pixelwise=[name for name, figure in summary["quality"]["figures"].items() if figure["sees"] == "pixels"],
        seconds=seconds,
        pictures=pictures,
        card=read_json(paths.data_card),
        parameters=json.dumps(params.content, indent=2, ensure_ascii=False),
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
