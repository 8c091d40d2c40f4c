"""The first screen: the answer, the gain, what was compared, how sure the answer is, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ganaug.experiment.arms.description import percent
from ganaug.experiment.findings.doubts import doubts
from ganaug.experiment.findings.relevance import gan_findings
from ganaug.experiment.summary.types import Summary, VerdictPart
from ganaug.experiment.verdicts import Answer
from ganaug.experiment.words.answer import how_sure, next_steps
from ganaug.experiment.words.quantity import Quantity
from ganaug.experiment.words.sentences import sentences
from ganaug.report.charts import Bar, Chart, intervals
from ganaug.report.finished import Finished

TONES: Mapping[Answer, str] = {"helps": "yes", "undecided": "open", "nothing learned": "open"}
"""Answer → CSS class of its colour; all other answers get "no"."""


def context(run: Finished) -> dict[str, Any]:
    """Return what answer.html shows."""
    summary, verdict, quantity = run.summary, run.summary["verdict"], run.quantity
    headline, *rest = sentences(summary)
    tried = _tried(summary, quantity)
    bars, title = tried or _gain(summary, quantity)
    band = quantity.exact(summary["smallest_gain"])
    return {
        "headline": headline,
        "tone": TONES.get(verdict["answer"], "no"),
        "number": _number(verdict, quantity),
        "unit": quantity.unit.strip(),
        "caption": _caption(verdict, quantity, [] if tried is None else bars),
        "interval": _interval(verdict, quantity),
        "band": band,
        "compared": [_side(summary, verdict["arms"]), _side(summary, verdict["references"])],
        "sure": how_sure(summary),
        "steps": next_steps(summary),
        "conditions": summary["conditions"],
        "doubts": doubts(summary),
        "findings": _by_name(gan_findings(summary)),
        "details": rest,
        "axis": title,
        "charts": {
            "gain": Chart(
                intervals(bars, quantity, summary["smallest_gain"], legend=False),
                f"{title}, against the band of negligible gains, plus or minus {band}: "
                + "; ".join(_in_words(bar, quantity) for bar in bars),
            )
        },
    }


def _number(verdict: VerdictPart, quantity: Quantity) -> str:
    if verdict["answer"] == "nothing learned":
        return "?"
    return "0" if verdict["answer"] == "not used" else quantity.number(verdict["gain"], signed=True)


def _caption(verdict: VerdictPart, quantity: Quantity, tried: Sequence[Bar]) -> str:
    """Return the caption of the number. tried: the bars of `_tried`, if no synthetic images are best."""
    metric = quantity.title.replace("`", "")
    if verdict["answer"] == "not used":
        if not tried:
            return f"gained in {metric}, as no synthetic images are used"
        best = max(tried, key=lambda bar: bar.mean)
        change = f"{quantity.number(best.mean, signed=True)}{quantity.unit}"
        return f"gained in {metric}, as no synthetic images are used: {best.name} changed it by {change} on validation"
    if verdict["answer"] == "nothing learned":
        return "no gain to speak of: the classifiers have learned too little"
    return f"gain in {metric} with the GAN" if quantity.better == "high" else f"reduction of {metric} with the GAN"


def _interval(verdict: VerdictPart, quantity: Quantity) -> dict[str, str] | None:
    """Return level and ends of the gain's interval; None without an interval, or if the answer is not about a gain."""
    low, high = verdict["low"], verdict["high"]
    if low is None or high is None or verdict["answer"] in ("not used", "nothing learned"):
        return None
    ends = {"low": quantity.number(low, signed=True), "high": quantity.number(high, signed=True)}
    return {"level": f"{100 * verdict['confidence_level']:g}", **ends}


def gain_bars(summary: Summary) -> tuple[list[Bar], str]:
    """Return the bars of the first chart and the title of their axis: the gain, or why there is none."""
    quantity = Quantity.deciding(summary)
    return _tried(summary, quantity) or _gain(summary, quantity)


def _gain(summary: Summary, quantity: Quantity) -> tuple[list[Bar], str]:
    """Return the verdict's gain as a bar, and the title of its axis."""
    verdict = summary["verdict"]
    single = verdict["metrics"][summary["metric"]]["gain"]["per_replicate"]
    bar = Bar("gain", verdict["gain"], verdict["low"], verdict["high"], single, with_gan=True)
    return [bar], quantity.gain_heading(summary["reference"])


def _tried(summary: Summary, quantity: Quantity) -> tuple[list[Bar], str] | None:
    """Return bars of how much each share of synthetic images changes the validation score, and the title of their axis.

    None unless the arm does best without synthetic images.
    """
    verdict = summary["verdict"]
    tried = {float(share): value for share, value in summary["arms"][verdict["arms"][0]]["tried"].items()}
    without = tried.pop(0.0, None)
    if verdict["answer"] != "not used" or without is None or not tried:
        return None
    sign = 1 if quantity.better == "high" else -1
    bars = [
        Bar(f"{percent(share)} synthetic", sign * (value - without), None, None, with_gan=True)
        for share, value in tried.items()
    ]
    unit = ", points" if quantity.in_points else ""
    return bars, f"change with synthetic images, on validation{unit}"


def _in_words(bar: Bar, quantity: Quantity) -> str:
    mean = f"{bar.name} {quantity.number(bar.mean, signed=True)}"
    if bar.low is None or bar.high is None:
        return mean
    low, high = quantity.number(bar.low, signed=True), quantity.number(bar.high, signed=True)
    return f"{mean}, interval {low} to {high}"


def _side(summary: Summary, names: list[str]) -> list[tuple[str, str]]:
    """Return name and description of each arm on one side of the comparison."""
    return [(name, summary["arms"][name]["words"]) for name in names]


def _by_name(findings: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return finding → replicates that have it. findings: replicate → names of its findings."""
    all_names = dict.fromkeys(name for names in findings.values() for name in names)
    return {name: [replicate for replicate, names in findings.items() if name in names] for name in all_names}
