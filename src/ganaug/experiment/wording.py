"""The summary in words, for terminal and report: shares as percent, differences as points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def as_text(summary: Mapping[str, Any]) -> str:
    """Return the summary as a small table for a terminal, in percent and percentage points."""
    data = summary["dataset"]
    counts = sorted(set(data["train_per_class"].values()))
    per_class = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    groups = f" of {data['test_groups']} groups" if data["test_groups"] < data["test_size"] else ""
    lines = [
        f"{data['name']}: {len(data['classes'])} classes, {per_class} labelled training images a class",
        f"{data['test_size']} test images{groups}, {len(summary['replicates'])} replicates",
        "",
        f"{'arm':<20}{'balanced accuracy %':>24}{'gain in points over ' + summary['reference']:>36}",
    ]
    for name, arm in summary["arms"].items():
        change = summary["gains"].get(name)
        difference = interval_text(change["balanced_accuracy"], signed=True) if change else "(reference)"
        lines.append(f"{name:<20}{interval_text(arm['balanced_accuracy']):>24}{difference:>36}")
    confidence = f"{100 * summary['confidence']:g}%"
    lines += ["", f"[low, high]: {confidence} interval over replicates; of gains, over test images too and all at once"]
    lines += ["", *sentences(summary)]
    lines += [
        f"GAN of replicate {replicate}: {', '.join(found)} (what to try: models/gan/{replicate}/health.json)"
        for replicate, found in summary["findings"].items()
        if found
    ]
    return "\n".join(lines)


def sentence(verdict: Mapping[str, Any], replicates: int, smallest_gain: float) -> str:
    """Return the verdict in words, in points of balanced accuracy."""
    change = interval_text({**verdict, "mean": verdict["gain"]}, signed=True)
    arms = f"{verdict['arm']} changes balanced accuracy by {change} points against {verdict['reference']}"
    if verdict["answer"] == "not used":
        same = verdict["low"] == verdict["high"] == 0
        return (
            f"GAN augmentation is not used: on validation no share of synthetic images was better for "
            f"{verdict['arm']} than none. Without any, "
            + (f"it predicts what {verdict['reference']} does." if same else f"{arms}.")
        )
    opening = {
        "helps": "GAN augmentation helps",
        "harms": "GAN augmentation harms",
        "no effect": "GAN augmentation has no effect that matters",
        "undecided": "Undecided",
    }[verdict["answer"]]
    if verdict["answer"] == "no effect":
        return f"{opening}: {arms}, probably less than {100 * smallest_gain:g} points."
    if verdict["answer"] != "undecided":
        return f"{opening}: {arms}."
    if verdict["minimum_detectable"] is None:
        return f"{opening}: {arms}; one replicate cannot tell whether that is more than chance."
    needed = verdict["replicates_needed"]
    remedy = f"if the gain is what it seems, about {needed} would decide" if needed else "more of them would not decide"
    return (
        f"{opening}: {arms}. {replicates} replicates would find gains of about "
        f"{100 * verdict['minimum_detectable']:.1f} points or more four times in five; {remedy}. More "
        f"train_classifier.seeds, more test images or a larger training pool help too."
    )


def sentences(summary: Mapping[str, Any]) -> list[str]:
    """Return the verdict and, if the GAN was used, what its images were worth."""
    return [summary[part]["sentence"] for part in ("verdict", "worth") if part in summary]


def interval_text(interval: Mapping[str, Any], *, signed: bool = False) -> str:
    """Return "96.1 [95.0, 97.2]": shares as percent, differences (signed) as points with their sign."""
    form = "{:+.1f}" if signed else "{:.1f}"
    mean = form.format(100 * interval["mean"])
    if interval["low"] is None:
        return mean
    return f"{mean} [{form.format(100 * interval['low'])}, {form.format(100 * interval['high'])}]"
