"""Evaluates a run: turns the records of all stages into results/summary.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ganaug.core.files import write_json
from ganaug.core.paths import Paths
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.findings.chance import learned_nothing, mean_balanced_accuracy
from ganaug.experiment.findings.conditions import conditions
from ganaug.experiment.findings.doubts import find_doubts
from ganaug.experiment.summary.average_quality import average_quality
from ganaug.experiment.summary.cost import cost
from ganaug.experiment.summary.records import Records, in_groups
from ganaug.experiment.summary.results import headline_metrics, summarise
from ganaug.experiment.summary.stage_costs import stage_costs
from ganaug.experiment.summary.types import CostPart, NeighbourPart, Summary, VerdictPart


def evaluate(experiment: Experiment, paths: Paths) -> Summary:
    """Write summary.json, metrics.json and seconds.json of a run whose other stages are finished; return the summary.

    Raises InputError if a stage's results are missing.
    """
    records, seconds = Records.read(experiment, paths), stage_costs(experiment, paths)
    summary = summary_of(records, experiment, seconds)
    write_json(paths.summary, summary)
    write_json(paths.metrics, headline_metrics(summary))
    write_json(paths.seconds, seconds)
    return summary


def summary_of(records: Records, experiment: Experiment, seconds: Mapping[str, Any]) -> Summary:
    """Return the content of results/summary.json. seconds: costs of each stage, as in results/seconds.json."""
    healths, learned = list(records.healths.values()), records.learned
    quality = average_quality(records.qualities)
    results = summarise(
        records.arms,
        experiment.evaluate,
        records.data,
        {
            replicate: [finding["name"] for finding in health["findings"]]
            for replicate, health in records.healths.items()
        },
        idle={name: arm.val for name, arm in learned.items() if learned_nothing(arm.val)},
    )
    doubts = find_doubts(results, quality["figures"], learned, records.validation, records.selections, healths)
    grouped = in_groups(records.card)
    return {
        **results,
        "quality": quality,
        "neighbour": _neighbour(records),
        "doubts": doubts,
        "left_to_gain": records.left_to_gain,
        "conditions": conditions(results, quality["figures"], doubts, healths, grouped=grouped),
        "cost": _cost_of_gain(results["verdict"], seconds, experiment, records.card["other_domain"]),
        **records.pretrained,
    }


def _neighbour(records: Records) -> NeighbourPart:
    """Return the nearest neighbour's balanced accuracy; the figure on test images is shown but decides nothing."""
    return {
        "balanced_accuracy": round(mean_balanced_accuracy(records.neighbour_on_test), 6),
        "val_balanced_accuracy": round(mean_balanced_accuracy(records.validation.neighbour), 6),
    }


def _cost_of_gain(
    verdict: VerdictPart, seconds: Mapping[str, Any], experiment: Experiment, other_domain: Mapping[str, Any]
) -> CostPart:
    """Return what the verdict's gain cost, without a cost per point if the GAN is not used or nothing was learned.

    other_domain: the data card's part on images of another domain; the ensemble labels those without a label.
    """
    gain = 0.0 if verdict["answer"] == "nothing learned" else verdict["gain"]
    references = [experiment.arms[name] for name in verdict["references"]]
    labelled_by_ensemble = other_domain["images"] > sum(other_domain["labelled"].values())
    shared = all(arm.pseudo_labels or (arm.other_domain and labelled_by_ensemble) for arm in references)
    return cost(seconds, verdict["arms"], verdict["references"], gain, reference_uses_ensemble=shared)
