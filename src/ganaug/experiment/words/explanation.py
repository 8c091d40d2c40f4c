"""Sentences that explain and qualify the verdict. The short answer before them comes from `answer.py`.

Fractions are shown as percentages, and differences between them as percentage points; log loss and similar metrics are
plain numbers (`Quantity`). Sentences are ASCII, so that every terminal can print them, and Markdown: names of arms and
parameters are in backticks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ganaug.core.text import joined, named
from ganaug.experiment.arms.description import LEARNED_FROM
from ganaug.experiment.findings.answers import Answers
from ganaug.experiment.findings.chance import at_chance, mean_balanced_accuracy, single_class
from ganaug.experiment.summary.types import DecidedPart
from ganaug.experiment.words.quantity import BALANCED_ACCURACY, Quantity


def verdict_sentence(
    verdict: DecidedPart,
    *,
    replicates: int,
    confidence_level: float,
    smallest_gain: float,
    quantity: Quantity = BALANCED_ACCURACY,
) -> str:
    """Return the verdict in words, unless it is `nothing learned`.

    smallest_gain: the smallest gain that matters. quantity: the metric of the gain.
    """
    answer, change = verdict["answer"], _change(verdict, confidence_level, quantity)
    if answer == "not used":
        return _not_used(verdict, confidence_level, quantity)
    if answer == "helps":
        return f"GAN augmentation helps: {_difference(verdict, confidence_level, quantity)}."
    if answer == "harms":
        harms = "harms accuracy" if quantity.title.endswith("accuracy") else "does harm"
        return f"GAN augmentation {harms}: {_difference(verdict, confidence_level, quantity)}."
    if answer == "no effect":
        return (
            f"GAN augmentation has no effect that matters: {change}. The true effect is probably smaller than "
            f"{quantity.exact(smallest_gain)} in either direction (`evaluate.smallest_gain`)."
        )
    if verdict["minimum_detectable"] is None:
        return (
            f"Undecided: {change}. One replicate cannot show whether this is more than chance; add more to "
            f"`replicates` in params.yaml."
        )
    needed = verdict["replicates_needed"]
    return (
        f"Undecided: {change}, so the true effect may be positive or negative. With {replicates} replicates, this "
        f"experiment would detect effects of about {quantity.amount(verdict['minimum_detectable'])} or more 80% of "
        f"the time; "
        + (
            f"if the true gain is what was measured, about {needed} replicates would decide it. "
            if needed
            else "more replicates alone would not decide it. "
        )
        + "More `train_classifier.seeds`, more test images or a larger training pool also narrow the interval."
    )


def nothing_learned_sentence(idle: Mapping[str, Sequence[Answers]], classes: int) -> str:
    """Return the verdict `nothing learned` in words.

    idle: the compared arms that have learned nothing, with their answers on the validation images of each replicate.
    classes: number of classes.
    """
    seen = "; ".join(f"`{name}` {_idle(answers, classes)}" for name, answers in idle.items())
    return (
        f"Nothing was learned: on the validation images, {seen}. Any gain would be noise. Before anything else, "
        f"raise `train_classifier.steps`, try another `train_classifier.learning_rate` or another classifier, and use "
        f"`ganaug check` to see whether the labels fit the images."
    )


def _idle(replicates: Sequence[Answers], classes: int) -> str:
    if at_chance(replicates):
        reached = 100 * mean_balanced_accuracy(replicates)
        return f"reached a balanced accuracy of {reached:.1f}%, where guessing reaches {100 / classes:.1f}%"
    return f"predicted a single class in {single_class(replicates)} of {len(replicates)} replicates"


def caveats(
    verdict: DecidedPart,
    *,
    only_arm_saw: Sequence[str],
    shared: Sequence[str],
    same_training_images: bool,
    look: tuple[int, int] | None,
) -> list[str]:
    """Return the sentences that qualify a verdict.

    only_arm_saw: what only the arm was trained on, not the reference, as in `TrainedOn.words`. shared: further images
    that either side learned from and that are the same in all replicates. look: its number and that of all looks; None:
    there is only one.
    """
    arms, references = verdict["arms"], verdict["references"]
    limits = [
        f"On the validation images, {named(side)} are equally good: they count as one, with the mean of their results."
        for side in (arms, references)
        if len(side) > 1
    ]
    if only_arm_saw:
        images = joined([LEARNED_FROM[what] for what in only_arm_saw])
        limits.append(f"Note that {named(arms)} also learned from {images}, and {named(references)} did not.")
    if same_training_images:
        limits.append("All replicates have the same training images, so this result holds for these images only.")
    elif shared:
        images = joined([LEARNED_FROM[what] for what in shared])
        limits.append(f"All replicates share the {images}, so this result holds for those only.")
    if look is not None:
        limits.append(
            f"This is look {look[0]} of at most {look[1]} (`evaluate.looks`), so the interval is wider: all looks "
            f"together keep the error rate of one."
        )
    return limits


def _not_used(verdict: DecidedPart, confidence_level: float, quantity: Quantity) -> str:
    """Return the verdict about an arm that chose to do without synthetic images."""
    arm, reference = named(verdict["arms"]), named(verdict["references"])
    several = len(verdict["arms"]) > 1
    ends = verdict["difference"]
    difference: DecidedPart = {**verdict, "gain": ends["mean"], "low": ends["low"], "high": ends["high"]}
    opening = (
        f"GAN augmentation is not used: on the validation images, no share of synthetic images improved {arm}. "
        f"Without synthetic images, {'they' if several else 'it'}"
    )
    if ends["low"] == ends["high"] == 0:
        return f"{opening} {'make' if several else 'makes'} the same predictions as {reference}."
    interval = _interval(difference, confidence_level, quantity)
    return (
        f"{opening} {'differ' if several else 'differs'} from {reference} by {_rise(difference, quantity)}"
        f"{quantity.unit} in {quantity.title}{interval}, which is not due to the GAN."
    )


def _difference(verdict: DecidedPart, confidence_level: float, quantity: Quantity) -> str:
    """Return a gain in words, if it is decided."""
    arm, reference, amount = named(verdict["arms"]), named(verdict["references"]), quantity.amount(verdict["gain"])
    if quantity.better == "high":
        direction = "higher" if verdict["gain"] > 0 else "lower"
        return (
            f"with {arm}, {quantity.title} is {amount} {direction} than with {reference}"
            f"{_interval(verdict, confidence_level, quantity)}"
        )
    verb = ("reduce" if verdict["gain"] > 0 else "increase") + ("s" if len(verdict["arms"]) == 1 else "")
    ends = sorted(abs(end) for end in (verdict["low"], verdict["high"]) if end is not None)  # of the same sign
    interval = " to ".join(map(quantity.number, ends))
    return (
        f"{arm} {verb} {quantity.title} by {amount} compared with {reference} "
        f"({_percent(confidence_level)} interval {interval})"
    )


def _change(verdict: DecidedPart, confidence_level: float, quantity: Quantity) -> str:
    """Return a gain in words that leave its direction open."""
    arm, reference = named(verdict["arms"]), named(verdict["references"])
    return (
        f"with {arm}, {quantity.title} changed by {_rise(verdict, quantity)}{quantity.unit} compared with "
        f"{reference}{_interval(verdict, confidence_level, quantity)}"
    )


def _rise(verdict: DecidedPart, quantity: Quantity) -> str:
    """Return the change in the metric itself, with its sign: if lower is better, a gain is a reduction."""
    sign = 1 if quantity.better == "high" else -1
    return quantity.number(sign * verdict["gain"], signed=True)


def _interval(verdict: DecidedPart, confidence_level: float, quantity: Quantity) -> str:
    """Return the interval of the change in the metric itself, in brackets; empty with one replicate."""
    low, high = verdict["low"], verdict["high"]
    if low is None or high is None:
        return ""
    least, most = (low, high) if quantity.better == "high" else (-high, -low)
    note = "" if quantity.better == "high" else "; lower is better"
    between = f"{quantity.number(least, signed=True)} to {quantity.number(most, signed=True)}"
    return f" ({_percent(confidence_level)} interval {between}{note})"


def _percent(fraction: float) -> str:
    return f"{100 * fraction:g}%"
