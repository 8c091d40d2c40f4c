"""Turns the stages' files into summary, metrics, plots and the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ganaug.core.config import ParamsFile
from ganaug.core.files import read_json, recreate_directory, write_json
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.data.source_images import source_images
from ganaug.experiment.average_quality import average_quality
from ganaug.experiment.comparison import ArmScores, ExperimentData
from ganaug.experiment.cost import cost
from ganaug.experiment.energy_shares import energy_shared
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.findings.conditions import conditions
from ganaug.experiment.measured import Measured
from ganaug.experiment.predictions import Predictions
from ganaug.experiment.stages import STAGES, Axis
from ganaug.experiment.summary import headline_metrics, summarise
from ganaug.experiment.summary_text import as_text
from ganaug.experiment.summary_types import CostPart, Summary, VerdictPart
from ganaug.report.doubts import with_doubts
from ganaug.report.finished import Finished, in_groups
from ganaug.report.page import render
from ganaug.report.pretrained_weights import pretrained_weights
from ganaug.report.sections.answer import gain_bars
from ganaug.report.sections.arms import forest_bars


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
    card = read_json(paths.data_card)
    data = ExperimentData(test, train_sets, card["pool"])
    reports = (paths.synthetic_report(replicate) for replicate in experiment.replicates)
    qualities = [read_json(report / "quality.json") for report in reports]
    quality = average_quality(qualities)
    results = summarise(arms, experiment.evaluate, data, findings)
    results, neighbour, doubts = with_doubts(results, quality, arms, healths, val, test, paths)
    summary: Summary = {
        **results,
        "quality": quality,
        "neighbour": neighbour,
        "doubts": doubts,
        "left_to_gain": read_json(paths.left_to_gain),
        "conditions": conditions(results, quality["figures"], doubts, list(healths.values()), grouped=in_groups(card)),
        "cost": _cost_of_gain(results["verdict"], seconds, experiment, card["other_domain"]),
        **pretrained_weights(experiment, paths),
    }
    write_json(paths.summary, summary)
    write_json(paths.metrics, headline_metrics(summary))
    write_json(paths.seconds, seconds)
    run = Finished.read(summary, params, paths)
    draw_plots(run, train_sets[run.first])
    paths.report.write_text(render(run), encoding="utf-8")
    print(as_text(summary))
    print(f"\nreport: {paths.report}, or: ganaug report --open", flush=True)


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
    """Return what each stage cost in its last run, imports included: by stage, then by arm, then by replicate.

    The joules of stages that ran side by side are divided among them.
    """
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
    return energy_shared({name: costs for name, costs in all_stages.items() if costs})  # there may be no informed arm


def draw_plots(run: Finished, train: LabelledImages) -> None:
    """Replace the plots, PNG files, by new ones. train: the first replicate's training set."""
    from ganaug.report import plots  # matplotlib takes a second to import

    paths = run.paths
    recreate_directory(paths.plots)
    bars = {"gain": gain_bars(run.summary), "arms": forest_bars(run.summary)}
    plots.draw_all(paths.plots, run.summary, bars, run.histories)
    synthetic = paths.synthetic(run.first)
    sources = source_images(synthetic, train, LabelledImages.load(paths.other_domain))
    plots.contact_sheets(paths.plots, train, LabelledImages.load(synthetic), sources)


def _cost_of_gain(
    verdict: VerdictPart, seconds: Mapping[str, Any], experiment: Experiment, other_domain: Mapping[str, Any]
) -> CostPart:
    """Return what the verdict's gain cost; without the GAN, or if nothing was learned, there is no cost per point.

    other_domain: the data card's part about it; images without a label get one of the ensemble's.
    """
    gain = 0.0 if verdict["answer"] == "nothing learned" else verdict["gain"]
    references = [experiment.arms[name] for name in verdict["references"]]
    labelled_by_ensemble = other_domain["images"] > sum(other_domain["labelled"].values())
    shared = all(arm.pseudo_labels or (arm.other_domain and labelled_by_ensemble) for arm in references)
    return cost(seconds, verdict["arms"], verdict["references"], gain, reference_uses_ensemble=shared)
