"""The summary in words, for the terminal, the report and MLflow: pure functions.

Accuracies are percentages, differences are percentage points. Sentences are ASCII, so that every terminal can print
them, and Markdown: names of arms and parameters are in backticks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from ganaug.experiment.findings.verdict import doubts, known_without_training

if TYPE_CHECKING:
    from ganaug.experiment.label_equivalent import LabelEquivalent

PRETRAINED = (
    "The classifiers of all arms started from the same pretrained weights: `{weights}` of `{model}` (SHA-256 {sha256})."
)
"""How the summary names the weights that the arms' classifiers started from."""


def as_text(summary: Mapping[str, Any]) -> str:
    """Return the summary for a terminal: a table of arms, the verdict, and findings about the GANs."""
    data, replicates = summary["dataset"], len(summary["replicates"])
    counts = sorted(set(data["train_per_class"].values()))
    per_class = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    groups = f" in {data['test_groups']} groups" if data["test_groups"] < data["test_size"] else ""
    lines = [
        f"{data['name']}: {len(data['classes'])} classes, {per_class} labelled training images per class",
        f"{data['test_size']} test images{groups}, {replicates} replicate{'s' if replicates > 1 else ''}",
        "",
        f"{'arm':<20}{'balanced accuracy, %':>24}{'gain over ' + summary['reference'] + ', points':>36}",
    ]
    for name, arm in summary["arms"].items():
        change = summary["gains"].get(name)
        difference = interval_text(change["balanced_accuracy"], signed=True) if change else "(reference)"
        lines.append(f"{name:<20}{interval_text(arm['balanced_accuracy']):>24}{difference:>36}")
    lines.append("")
    if replicates > 1:
        lines += [
            f"[low, high]: {_percent(summary['confidence_level'])} interval. For accuracies it reflects the choice of",
            "training images and seeds; for gains also the choice of test images, and it is wide enough for all gains",
            "in the table to hold at once (Bonferroni).",
            "",
        ]
    lines += [*sentences(summary), *known_without_training(summary)]
    lines += [f"Finding: {doubt}" for doubt in doubts(summary)]
    lines += [
        f"GAN of replicate {replicate}: {', '.join(findings)} (what to try: models/gan/{replicate}/health.json)"
        for replicate, findings in summary["findings"].items()
        if findings
    ]
    return "\n".join(lines)


def verdict_sentence(
    verdict: Mapping[str, Any], *, replicates: int, confidence_level: float, smallest_gain: float
) -> str:
    """Return the verdict in words.

    verdict: as in summary.json. smallest_gain: the smallest gain in balanced accuracy that matters, as a fraction.
    """
    answer, change = verdict["answer"], _change(verdict, confidence_level)
    if answer == "not used":
        return _not_used(verdict, confidence_level)
    if answer == "helps":
        return f"GAN augmentation helps: {_difference(verdict, confidence_level)}."
    if answer == "harms":
        return f"GAN augmentation harms accuracy: {_difference(verdict, confidence_level)}."
    if answer == "no effect":
        return (
            f"GAN augmentation has no effect that matters: {change}. The true effect is probably smaller than "
            f"{100 * smallest_gain:g} points in either direction (`evaluate.smallest_gain`)."
        )
    if verdict["minimum_detectable"] is None:
        return (
            f"Undecided: {change}. One replicate cannot show whether this is more than chance; add more to "
            f"`replicates` in params.yaml."
        )
    needed = verdict["replicates_needed"]
    return (
        f"Undecided: {change}, so the true effect may be positive or negative. With {replicates} replicates, this "
        f"experiment would detect effects of about {100 * verdict['minimum_detectable']:.1f} points or more 80% of "
        f"the time; "
        + (
            f"if the true gain is what was measured, about {needed} replicates would decide it. "
            if needed
            else "more replicates alone would not decide it. "
        )
        + "More `train_classifier.seeds`, more test images or a larger training pool also narrow the interval."
    )


LEARNED_FROM = {
    "unlabelled": "unlabelled images",
    "other domain": "images of another domain",
    "more labels": "more labels",
    "descriptions": "descriptions",
}
"""Words of `TrainedOn` → what a classifier learned from."""


def learned_from(trained_on: str) -> str:
    """Return what an arm learned from, such as "limited labels, unlabelled images"; `trained_on` as in summary.json."""
    found = [LEARNED_FROM[what] for what in trained_on.split(", ") if what != "labels"]
    return ", ".join(found if LEARNED_FROM["more labels"] in found else ["limited labels", *found])


def caveats(
    verdict: Mapping[str, Any], *, only_arm_saw: Sequence[str], same_training_images: bool, look: tuple[int, int] | None
) -> list[str]:
    """Return the sentences that qualify a verdict.

    only_arm_saw: what the arm was trained on and the reference was not, as in `TrainedOn.words`. look: its number and
    how many there are at most, if there are several.
    """
    limits = []
    if only_arm_saw:
        images = " and ".join(LEARNED_FROM[what] for what in only_arm_saw)
        limits.append(f"Note that `{verdict['arm']}` also learned from {images}, and `{verdict['reference']}` did not.")
    if same_training_images:
        limits.append("All replicates have the same training images, so this result holds for these images only.")
    if look is not None:
        limits.append(
            f"This is look {look[0]} of at most {look[1]} (`evaluate.looks`), so the interval is wider: all looks "
            f"together keep the error rate of one."
        )
    return limits


def label_equivalent_sentence(equivalent: LabelEquivalent, confidence_level: float) -> str:
    """Return in words how many extra labels the GAN's gain is equivalent to."""
    if equivalent.unknown == "one replicate":
        return "The label equivalent of the GAN is unknown: one replicate gives no interval."
    if equivalent.labels_per_class is None or equivalent.low is None or equivalent.high is None:
        return (
            "The label equivalent of the GAN is unknown: no arm has more labels and is otherwise like the reference. "
            "To measure it, add a copy of the reference with `labels: all` to `arms.baseline`."
        )
    if equivalent.harmful:
        return "Using the GAN is equivalent to no extra labels, because it does harm."
    most = f"more than {equivalent.largest_measured:.0f}"
    if equivalent.low == inf:
        return f"Using the GAN is equivalent to {most} extra labels per class, the largest number measured."
    about = f"about {equivalent.labels_per_class:.0f}" if equivalent.labels_per_class < inf else most
    high = f"{equivalent.high:.0f}" if equivalent.high < inf else most
    interval = f"{_percent(confidence_level)} interval {equivalent.low:.0f} to {high}"
    return f"Using the GAN is equivalent to {about} extra labels per class ({interval})."


def sentences(summary: Mapping[str, Any]) -> list[str]:
    """Return the verdict and, where there are any, the GAN's label equivalent and the arms' pretrained weights."""
    found = [summary[part]["sentence"] for part in ("verdict", "label_equivalent") if part in summary]
    return [*found, *([PRETRAINED.format_map(summary["pretrained"])] if "pretrained" in summary else [])]


def interval_text(interval: Mapping[str, Any], *, signed: bool = False) -> str:
    """Return "96.1 [95.0, 97.2]": fractions as percentages, differences (signed) as points with their sign."""
    form = "{:+.1f}" if signed else "{:.1f}"
    mean = form.format(100 * interval["mean"])
    if interval["low"] is None:
        return mean
    return f"{mean} [{form.format(100 * interval['low'])}, {form.format(100 * interval['high'])}]"


def _not_used(verdict: Mapping[str, Any], confidence_level: float) -> str:
    """Return the verdict on an arm that chose to do without synthetic images."""
    arm, reference = verdict["arm"], verdict["reference"]
    opening = (
        f"GAN augmentation is not used: on the validation images, no share of synthetic images improved `{arm}`. "
        f"Without synthetic images, it"
    )
    if verdict["low"] == verdict["high"] == 0:
        return f"{opening} makes the same predictions as `{reference}`."
    return (
        f"{opening} differs from `{reference}` by {100 * verdict['gain']:+.1f} points in balanced accuracy"
        f"{_interval(verdict, confidence_level)}, which is not due to the GAN."
    )


def _difference(verdict: Mapping[str, Any], confidence_level: float) -> str:
    """Return a decided gain in words."""
    direction = "higher" if verdict["gain"] > 0 else "lower"
    return (
        f"with `{verdict['arm']}`, balanced accuracy is {100 * abs(verdict['gain']):.1f} points {direction} than with "
        f"`{verdict['reference']}`{_interval(verdict, confidence_level)}"
    )


def _change(verdict: Mapping[str, Any], confidence_level: float) -> str:
    """Return a gain in words that leave open whether it is one."""
    return (
        f"with `{verdict['arm']}`, balanced accuracy changed by {100 * verdict['gain']:+.1f} points compared with "
        f"`{verdict['reference']}`{_interval(verdict, confidence_level)}"
    )


def _interval(verdict: Mapping[str, Any], confidence_level: float) -> str:
    if verdict["low"] is None:
        return ""
    low, high = (f"{100 * verdict[end]:+.1f}" for end in ("low", "high"))
    return f" ({_percent(confidence_level)} interval {low} to {high})"


def _percent(fraction: float) -> str:
    return f"{100 * fraction:g}%"
