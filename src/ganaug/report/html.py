"""Turns the stages' files into summary, metrics, plots and the report."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from ganaug import __version__
from ganaug.core.config import ParamsFile
from ganaug.core.files import read_json, read_rows, recreate_directory, write_json
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.data.source_images import SOURCES, source_images
from ganaug.experiment.comparison import ArmScores, ExperimentData
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.findings.verdict import NOTHING_LEARNED, doubts, known_without_training
from ganaug.experiment.label_equivalent import cost, costs_in
from ganaug.experiment.measured import Measured
from ganaug.experiment.predictions import Predictions
from ganaug.experiment.quantity import Quantity
from ganaug.experiment.stages import STAGES, Axis
from ganaug.experiment.summary import average_quality, headline_metrics, summarise
from ganaug.experiment.wording import as_text, interval_text, learned_from, sentences
from ganaug.report.doubts import with_doubts


def evaluate(experiment: Experiment, params: ParamsFile, paths: Paths) -> None:
    """Score the saved predictions, write summary, metrics, seconds, plots and report, and print the summary.

    Raises InputError if a stage's results are missing.
    """
    val, test = LabelledImages.load(paths.val), LabelledImages.load(paths.test)
    train_sets = {replicate: LabelledImages.load(paths.train(replicate)) for replicate in experiment.replicates}
    arms = {name: arm_scores(name, experiment, val, test, paths) for name in experiment.arms}
    healths = {replicate: read_json(paths.gan(replicate) / "health.json") for replicate in experiment.replicates}
    findings = {replicate: [finding["name"] for finding in health["findings"]] for replicate, health in healths.items()}
    seconds = stage_seconds(experiment, paths)
    data = ExperimentData(test, train_sets, read_json(paths.data_card)["pool"])
    reports = (paths.synthetic_report(replicate) for replicate in experiment.replicates)
    qualities = [read_json(report / "quality.json") for report in reports]
    summary = summarise(arms, experiment.evaluate, data, findings)
    summary |= {"quality": average_quality(qualities)}
    summary = with_doubts(summary, arms, healths, val, test, paths)
    summary["cost"] = _cost_of_gain(summary, seconds, experiment)
    pretrained = _pretrained(experiment, paths)
    if pretrained:
        summary["pretrained"] = pretrained
    write_json(paths.summary, summary)
    write_json(paths.metrics, headline_metrics(summary))
    write_json(paths.seconds, seconds)
    draw_plots(experiment, summary, train_sets, paths)
    page = render(summary, seconds, healths, params, paths)
    paths.report.write_text(page, encoding="utf-8")
    print(as_text(summary))


def arm_scores(name: str, experiment: Experiment, val: LabelledImages, test: LabelledImages, paths: Paths) -> ArmScores:
    """Read what the arm called `name` predicts. Raises InputError if predictions are missing."""
    predictions = [Predictions.load(paths.arm(name, replicate)) for replicate in experiment.replicates]
    baseline = name not in experiment.augmented
    return ArmScores(
        arm=experiment.arms[name],
        group="baseline" if baseline else "augmented",
        trained_on=experiment.trained_on(name),
        synthetic=0.0 if baseline else read_json(paths.share(name))["synthetic"],
        tried={} if baseline else read_json(paths.tried(name))[f"val_{experiment.evaluate.metric.key}"],
        val=Measured.of(np.array([predicted.val for predicted in predictions]), val),
        test=Measured.of(np.array([predicted.test for predicted in predictions]), test),
    )


def stage_seconds(experiment: Experiment, paths: Paths) -> dict[str, Any]:
    """Return what each stage cost in its last run, imports included: by stage, then by arm, then by replicate."""
    values: dict[Axis, Iterable[object]] = {
        "replicate": experiment.replicates,
        "baseline": experiment.baseline,
        "informed": experiment.informed,
        "augmented": experiment.augmented,
    }

    def recorded(name: str, per: Sequence[Axis]) -> dict[str, Any]:
        if not per:
            return read_json(paths.stage_seconds(name))
        return {str(value): recorded(f"{name}@{value}", per[1:]) for value in values[per[0]]}

    all_stages = {name: recorded(name, stage.per) for name, stage in STAGES.items() if stage.per or name == "prepare"}
    return {name: costs for name, costs in all_stages.items() if costs}  # there may be no informed arm


def draw_plots(
    experiment: Experiment, summary: Mapping[str, Any], train_sets: Mapping[int, LabelledImages], paths: Paths
) -> None:
    """Replace the plots, PNG files, by new ones."""
    from ganaug.report import plots  # matplotlib takes a second to import

    recreate_directory(paths.plots)
    histories = {replicate: read_rows(paths.gan(replicate) / "history.csv") for replicate in experiment.replicates}
    plots.draw_all(paths.plots, summary, histories)
    first = experiment.replicates[0]
    synthetic = paths.synthetic(first)
    sources = source_images(synthetic, train_sets[first], LabelledImages.load(paths.other_domain))
    plots.contact_sheets(paths.plots, train_sets[first], LabelledImages.load(synthetic), sources)


def render(
    summary: Mapping[str, Any], seconds: Mapping[str, Any], healths: Mapping[int, Any], params: ParamsFile, paths: Paths
) -> str:
    """Return the report: one self-contained HTML page."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["interval"] = interval_text
    environment.filters["learned_from"] = learned_from
    template = environment.from_string(files("ganaug.report").joinpath("report.html").read_text(encoding="utf-8"))
    pictures = {path.stem: _data_url(path) for path in sorted(paths.plots.glob("*.png"))}
    first = summary["replicates"][0]
    pictures["progress"] = _data_url(paths.gan(first) / "progress.gif")
    pictures["closest"] = _data_url(paths.synthetic_report(first) / "closest.png")
    counts = summary["dataset"]["train_per_class"].values()
    return template.render(
        summary=summary,
        quantities={key: Quantity(**fields) for key, fields in summary["metrics"].items()},
        sentences=sentences(summary),
        doubts=doubts(summary),
        known=known_without_training(summary),
        gan_findings=_by_name(summary["findings"]),
        deciding=Quantity(**summary["metrics"][summary["metric"]]),
        healths=healths,
        imbalanced=len(set(counts)) > 1,
        pixelwise=[name for name, figure in summary["quality"]["figures"].items() if figure["sees"] == "pixels"],
        seconds={stage: sum(part["seconds"] for part in costs_in(parts)) for stage, parts in seconds.items()},
        pictures=pictures,
        translated=any((paths.synthetic(first) / name).exists() for name in SOURCES.values()),
        card=read_json(paths.data_card),
        parameters=json.dumps(params.content, indent=2, ensure_ascii=False),
        version=__version__,
    )


def _by_name(findings: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the replicates that have each of the findings in their names."""
    names = dict.fromkeys(name for found in findings.values() for name in found)
    return {name: [replicate for replicate, found in findings.items() if name in found] for name in names}


def _cost_of_gain(summary: Mapping[str, Any], seconds: Mapping[str, Any], experiment: Experiment) -> dict[str, Any]:
    """Return what the verdict's gain cost; without the GAN, or if nothing was learned, there is no cost per point."""
    verdict = summary["verdict"]
    gain = 0.0 if verdict["answer"] in ("not used", NOTHING_LEARNED) else verdict["gain"]
    shared = all(experiment.arms[name].pseudo_labels > 0 for name in verdict["references"])
    return cost(seconds, verdict["arms"], verdict["references"], gain, reference_uses_ensemble=shared)


def _pretrained(experiment: Experiment, paths: Paths) -> dict[str, str] | None:
    """Return the weights that the arms' classifiers started from, the same for all; None if there were none."""
    specs = (paths.arm(name, experiment.replicates[0]) / "classifier.json" for name in experiment.arms)
    existing = (read_json(spec) for spec in specs if spec.exists())  # an arm that uses the discriminator has none
    return next((spec.get("pretrained") for spec in existing), None)


def _data_url(path: Path) -> str:
    return f"data:image/{path.suffix[1:]};base64,{base64.b64encode(path.read_bytes()).decode()}"
