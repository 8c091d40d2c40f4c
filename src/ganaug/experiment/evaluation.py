"""From the records of all stages to results/summary.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ganaug.core.files import write_json
from ganaug.core.paths import Paths
from ganaug.experiment.average_quality import average_quality
from ganaug.experiment.cost import cost
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.findings.chance import learned_nothing, mean_balanced_accuracy
from ganaug.experiment.findings.conditions import conditions
from ganaug.experiment.findings.doubts import find_doubts
from ganaug.experiment.records import Records, in_groups
from ganaug.experiment.stage_costs import stage_costs
from ganaug.experiment.summary import headline_metrics, summarise
from ganaug.experiment.summary_types import CostPart, NeighbourPart, Summary, VerdictPart


def evaluate(experiment: Experiment, paths: Paths) -> Summary:
    """Write summary.json, metrics.json and seconds.json of a run whose other stages have ended; return the summary.

    Raises InputError if a stage's results are missing.
    """
    records, seconds = Records.read(experiment, paths), stage_costs(experiment, paths)
    summary = summary_of(records, experiment, seconds)
    write_json(paths.summary, summary)
    write_json(paths.metrics, headline_metrics(summary))
    write_json(paths.seconds, seconds)
    return summary


def summary_of(records: Records, experiment: Experiment, seconds: Mapping[str, Any]) -> Summary:
    """Return all of results/summary.json. seconds: of each stage, as in results/seconds.json."""
    healths, learned = list(records.healths.values()), records.learned
    quality = average_quality(records.qualities)
    results = summarise(
        records.arms,
        experiment.evaluate,
        records.data,
        {replicate: [finding["name"] for finding in one["findings"]] for replicate, one in records.healths.items()},
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
    """Return what a nearest neighbour knows; that on test images is shown and decides nothing."""
    return {
        "balanced_accuracy": round(mean_balanced_accuracy(records.neighbour_on_test), 6),
        "val_balanced_accuracy": round(mean_balanced_accuracy(records.validation.neighbour), 6),
    }


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
