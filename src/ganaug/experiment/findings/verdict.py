"""How findings change the outcome: the verdict `nothing learned`, and doubts about any verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ganaug.core.finding import Finding
from ganaug.experiment.findings.arms import Learned, Validation, arm_findings
from ganaug.experiment.findings.chance import at_chance, learned_nothing, mean_balanced_accuracy, single_class
from ganaug.experiment.findings.synthetic import synthetic_findings
from ganaug.experiment.summary_types import DoubtPart, NeighbourPart, QualityPart, Results, Summary

NOTHING_LEARNED_HEADLINE = (
    "Not known yet. The classifiers have learned nothing that could be compared. Train them longer first."
)
"""The verdict `nothing learned` in plain words."""


class Judged(NamedTuple):
    """What findings make of results."""

    results: Results
    neighbour: NeighbourPart
    doubts: dict[str, DoubtPart]


def with_findings(
    results: Results,
    quality: QualityPart,
    arms: Mapping[str, Learned],
    validation: Validation,
    neighbour_on_test: float,
    selections: Sequence[Mapping[str, Any]],
    healths: Sequence[Mapping[str, Any]],
) -> Judged:
    """Return the results, what a nearest neighbour knows, and findings by name.

    If one of the compared arms has learned nothing, a gain compares noise: the verdict becomes `nothing learned`, and
    there is no label equivalent. neighbour_on_test: the nearest neighbour's balanced accuracy on the test images, which
    is shown and decides nothing.
    """
    verdict = results["verdict"]
    compared = [*verdict["references"], *verdict["arms"]]
    idle = {name: arms[name] for name in compared if learned_nothing(arms[name].val)}
    judged = {name: arm for name, arm in arms.items() if name not in idle}  # the verdict covers the others
    found = arm_findings(judged, [name for name in compared if name in judged], validation)
    if is_about_images(results):
        found += synthetic_findings(quality["figures"], selections, healths)
    known: NeighbourPart = {
        "balanced_accuracy": round(neighbour_on_test, 6),
        "val_balanced_accuracy": round(mean_balanced_accuracy(validation.neighbour), 6),
    }
    if not idle:
        return Judged(results, known, _by_name(found))
    changed = results.copy()
    changed["verdict"] = {
        **verdict,
        "answer": "nothing learned",
        "headline": NOTHING_LEARNED_HEADLINE,
        "sentence": _nothing_learned(idle, validation),
    }
    changed.pop("label_equivalent", None)
    return Judged(changed, known, _by_name(found))


def is_about_images(results: Results) -> bool:
    """Return whether the answer is about synthetic images, and not only about the GAN's discriminator."""
    return any(results["arms"][name]["gan"] != ["discriminator"] for name in results["verdict"]["arms"])


def matters(finding: str, results: Results) -> bool:
    """Return whether a finding in a GAN's training bears on the answer: a discriminator may be good without images."""
    return is_about_images(results) or finding.startswith("discriminator")


def gan_findings(results: Results) -> dict[str, list[str]]:
    """Return the findings in GAN training that bear on the answer, by replicate."""
    return {
        replicate: [name for name in names if matters(name, results)]
        for replicate, names in results["findings"].items()
    }


def doubts(summary: Summary) -> list[str]:
    """Return a sentence for each finding that casts doubt on the verdict, with its remedy."""
    return [Finding(name, **rest).sentence for name, rest in summary["doubts"].items()]


def known_without_training(summary: Summary) -> str:
    """Return what a nearest neighbour knows, in a sentence."""
    on_test, on_val = (100 * summary["neighbour"][figure] for figure in ("balanced_accuracy", "val_balanced_accuracy"))
    sentence = f"A nearest-neighbour classifier on raw pixels has a balanced accuracy of {on_test:.1f}%"
    return f"{sentence} ({on_val:.1f}% on the validation images)."


def _by_name(found: Sequence[Finding]) -> dict[str, DoubtPart]:
    return {finding.name: {"seen": finding.seen, "remedy": finding.remedy} for finding in found}


def _nothing_learned(idle: Mapping[str, Learned], validation: Validation) -> str:
    seen = "; ".join(f"`{name}` {_idle(arm, len(validation.classes))}" for name, arm in idle.items())
    return (
        f"Nothing was learned: on the validation images, {seen}. Any gain would be noise. Before anything else, "
        f"raise `train_classifier.steps`, try another `train_classifier.learning_rate` or another classifier, and use "
        f"`ganaug check` to see whether the labels fit the images."
    )


def _idle(arm: Learned, classes: int) -> str:
    if at_chance(arm.val):
        reached = 100 * mean_balanced_accuracy(arm.val)
        return f"reached a balanced accuracy of {reached:.1f}%, where guessing reaches {100 / classes:.1f}%"
    return f"predicted a single class in {single_class(arm.val)} of {len(arm.val)} replicates"
