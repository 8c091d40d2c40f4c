"""Sentences for the short answer to ganaug's question, its certainty, and the next steps.

Terminal, report and MLflow begin with them; `explanation.py` explains the answer. Sentences are ASCII and Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from ganaug.core.text import named
from ganaug.experiment.arms.description import percent
from ganaug.experiment.findings.relevance import is_about_images
from ganaug.experiment.summary.types import DecidedPart, Results, Summary
from ganaug.experiment.verdicts import Answer, ArmAnswer
from ganaug.experiment.words.quantity import Quantity

DECIDED: Mapping[Answer, str] = {
    "helps": "Yes. {effect}. Train with {arms}.",
    "harms": "No. {effect}. Train with {references}.",
    "no effect": "No. GAN augmentation makes no difference that matters. Train with {references}.",
    "nothing learned": (
        "Not known yet. The classifiers have learned nothing that could be compared. Train them longer first."
    ),
}
USE_THE_IMAGES = "Use the synthetic images in your own training: `ganaug export FOLDER` writes them as files."
IMAGES_PLAY_NO_PART = (
    "The gain comes from the GAN's discriminator, which labels images or is the classifier itself. Synthetic images "
    "play no part in it."
)


def headline(verdict: DecidedPart, quantity: Quantity, tried: Sequence[Mapping[str, float]]) -> str:
    """Return the answer in one or two short sentences that begin with Yes, No or Not known yet.

    tried: for each arm in `verdict.arms`, share of synthetic images → mean of the deciding metric on validation; empty
    if there was no choice.
    """
    if verdict["answer"] == "undecided":
        return _undecided(verdict, quantity)
    if verdict["answer"] == "not used":
        return _not_used(verdict, quantity, tried)
    return DECIDED[verdict["answer"]].format(
        effect=_effect(verdict, quantity), arms=either(verdict["arms"]), references=either(verdict["references"])
    )


def _undecided(verdict: DecidedPart, quantity: Quantity) -> str:
    gain, low, high = f"{quantity.number(verdict['gain'], signed=True)}{quantity.unit}", verdict["low"], verdict["high"]
    if low is None or high is None:
        return f"Not known yet. The measured gain is {gain}, but one replicate cannot show whether that is chance."
    return (
        f"Not known yet. The measured gain is {gain}, and the true one may be anything from "
        f"{quantity.number(low, signed=True)} to {quantity.number(high, signed=True)}. "
        f"Until that is settled, train with {either(verdict['references'])}."
    )


def _not_used(verdict: DecidedPart, quantity: Quantity, tried: Sequence[Mapping[str, float]]) -> str:
    percent_sign = "%" if quantity.in_points else ""
    reached = {
        float(share): f"{quantity.number(value)}{percent_sign}" for share, value in (tried[0] if tried else {}).items()
    }
    without = reached.pop(0.0, None)
    opening = f"No. Synthetic images did not improve {quantity.title} on validation"
    if len(verdict["arms"]) > 1 or without is None or not reached:
        return f"{opening}, whatever their share. Train without them."
    figures = [f"{without} with none", *(f"{value} with {percent(share)}" for share, value in reached.items())]
    return f"{opening}: {', '.join(figures)}. Train without them."


def answer_about(results: Results, name: str) -> ArmAnswer | Literal["reference"]:
    """Return the answer about one arm from its own interval against the reference, or "reference" for the reference.

    For the arms that the verdict compares, it is the verdict's answer.
    """
    verdict = results["verdict"]
    if name in verdict["references"] and name not in results["gains"]:
        return "reference"
    return verdict["answer"] if name in verdict["arms"] else results["gains"][name]["alone"]["answer"]


def how_sure(summary: Summary) -> str:
    """Return one or two sentences about how far the answer can be relied on."""
    verdict, replicates = summary["verdict"], len(summary["replicates"])
    quantity = Quantity.deciding(summary)
    smallest = quantity.exact(summary["smallest_gain"])
    over = f"over {replicates} replicates" if replicates > 1 else "in one replicate"
    if verdict["answer"] == "nothing learned":
        return "Not at all: classifiers at chance differ by noise alone."
    if verdict["answer"] == "not used":
        return (
            f"Chosen on validation images {over}; no interval says how much of the difference is chance. A better GAN, "
            f"or more real images, may give another answer."
        )
    low, high = verdict["low"], verdict["high"]
    if low is None or high is None:
        return "Not at all: one replicate gives no interval."
    interval = f"{100 * verdict['confidence_level']:g}% interval of the gain, {over},"
    if verdict["answer"] == "undecided":
        return f"Inconclusive: the {interval} includes both zero and effects large enough to matter."
    if verdict["answer"] == "no effect":
        return f"The {interval} lies within {smallest} of zero on both sides."
    sure = f"The {interval} lies entirely {'above' if verdict['gain'] > 0 else 'below'} zero."
    nearest = min(abs(low), abs(high))
    return sure if nearest >= summary["smallest_gain"] else f"{sure} The effect may still be smaller than {smallest}."


def next_steps(summary: Summary) -> list[str]:
    """Return what to do next: one sentence for each step, the most important first."""
    verdict = summary["verdict"]
    answer, without = verdict["answer"], either(verdict["references"])
    folders = named([f"results/arms/{name}" for name in verdict["arms"]], "or")
    if answer == "helps":
        use_it = f"Use it: train with {either(verdict['arms'])}. The trained classifiers are in {folders}."
        return [use_it, USE_THE_IMAGES if is_about_images(summary) else IMAGES_PLAY_NO_PART]
    if answer == "nothing learned":
        return ["Raise `train_classifier.steps`, or try another learning rate or classifier, and run again."]
    if answer == "undecided":
        return [*_what_would_decide(verdict), f"Until then, train with {without}."]
    unmet = (condition for condition in summary["conditions"] if not condition["met"])
    remedies = [condition["remedy"] for condition in unmet if condition["remedy"]]
    better = [f"To give the GAN a better chance, try: {remedies[0]}."] if remedies else []
    return [f"Do not use it: train with {without}.", *better]


def _what_would_decide(verdict: DecidedPart) -> list[str]:
    if verdict["minimum_detectable"] is None:
        return ["Add more numbers to `replicates` in params.yaml, and run again: what is finished is kept."]
    if verdict["replicates_needed"] is None:
        return ["More replicates alone would not decide it. More `train_classifier.seeds` or test images might."]
    more = (
        f"Go on to about {verdict['replicates_needed']} replicates, which would decide it if the gain is as large as "
        f"measured: add their numbers to `replicates` in params.yaml, and run again. What is finished is kept."
    )
    return [
        more,
        "Or list numbers of replicates in `evaluate.looks`: `ganaug run --until-decided` stops once one decides.",
    ]


def either(names: Sequence[str]) -> str:
    """Return "`a`", "`a` or `b`" or "`a`, `b` or `c`"."""
    return named(names, "or")


def _effect(verdict: DecidedPart, quantity: Quantity) -> str:
    """Return what the GAN does to the metric; if lower is better, a gain lowers it."""
    raises = (verdict["gain"] > 0) == (quantity.better == "high")
    return f"GAN augmentation {'raises' if raises else 'lowers'} {quantity.title} by {quantity.amount(verdict['gain'])}"
