"""Conditions that must be met for an answer to be relied on: pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ganaug.experiment.findings.relevance import is_about_images, matters
from ganaug.experiment.findings.synthetic import LACKS_VARIETY, LOW_RECALL, MORE_VARIETY, recall_of
from ganaug.experiment.summary.types import ConditionPart, FigurePart, Results
from ganaug.experiment.words.quantity import Quantity

EXPECTED_COPIES = 0.05
"""Share of near-copies among images that copy nothing: by definition, the share among validation images."""
MANY_COPIES = 2 * EXPECTED_COPIES
"""Largest share that counts as expected. Of 100 images of a GAN that copies nothing, up to 9% are by chance."""
MANY_COPIES_IN_GROUPS = 0.3
"""The same if images come in groups: validation images then belong to other groups, and are farther away. A larger
share gives a GAN's health the finding "generator copies"."""
VARIED = "Synthetic images are varied enough"
"""The condition on recall: at least LOW_RECALL times that of new real images."""


class Condition(NamedTuple):
    """A condition, and whether it is met."""

    name: str
    met: bool
    seen: str
    """The evidence."""
    remedy: str = ""
    """How to give the GAN a better chance if the condition is not met; empty if the GAN is not to blame."""

    def as_dict(self) -> ConditionPart:
        """Return plain values."""
        return {"name": self.name, "met": self.met, "seen": self.seen, "remedy": self.remedy}


def conditions(
    results: Results,
    figures: Mapping[str, FigurePart],
    doubts: Collection[str],
    healths: Sequence[Mapping[str, Any]],
    *,
    grouped: bool,
) -> list[ConditionPart]:
    """Return the conditions as plain values, the most important first, without those that were not measured.

    figures: of the synthetic sets' quality. doubts: names of the findings about arms and synthetic sets. healths:
    health.json of each replicate. grouped: whether training images come in groups.
    """
    images = is_about_images(results)
    checked = [
        _healthy(results, healths),
        _few_copies(healths, grouped) if images else None,
        _varied(figures) if images else None,
        _sensitive(results),
        _undoubted([name for name in doubts if name != LACKS_VARIETY]),
    ]
    return [condition.as_dict() for condition in checked if condition is not None]


def _healthy(results: Results, healths: Sequence[Mapping[str, Any]]) -> Condition:
    relevant = [[finding for finding in health["findings"] if matters(finding["name"], results)] for health in healths]
    ill = [findings for findings in relevant if findings]
    names = dict.fromkeys(finding["name"] for findings in ill for finding in findings)
    seen = f"in {len(ill)} of {len(healths)} GANs: {', '.join(names)}" if ill else f"no problem in {_all(healths)}"
    remedy = ill[0][0]["remedy"] if ill else ""
    return Condition("The GANs trained without problems", not ill, seen, remedy)


def _few_copies(healths: Sequence[Mapping[str, Any]], grouped: bool) -> Condition:
    share = float(np.mean([health["figures"]["near_copies"] for health in healths]))
    limit = MANY_COPIES_IN_GROUPS if grouped else MANY_COPIES
    seen = f"{share:.0%} are near-copies; {EXPECTED_COPIES:.0%} are expected by chance, up to {limit:.0%} is normal"
    remedy = "more real images, fewer train_gan.steps or stronger diffaugment"
    return Condition("They do not copy training images", share <= limit, seen, remedy)


def _varied(figures: Mapping[str, FigurePart]) -> Condition | None:
    synthetic, real = recall_of(figures)
    if synthetic is None or real is None:
        return None
    seen = f"they cover {synthetic:.0%} of the variety of real images (recall); new real images cover {real:.0%}"
    return Condition(VARIED, synthetic >= LOW_RECALL * real, seen, MORE_VARIETY)


def _sensitive(results: Results) -> Condition | None:
    """Return None if the GAN is not used: validation images decided that, and no difference is due to the GAN."""
    if results["verdict"]["answer"] == "not used":
        return None
    quantity = Quantity.deciding(results)
    smallest, detectable = results["smallest_gain"], results["verdict"]["minimum_detectable"]
    wanted = quantity.exact(smallest)
    name = "The experiment was large enough"
    if detectable is None:
        return Condition(name, False, "one replicate cannot show a gain of any size")
    power = f"it has an 80% chance of detecting a gain of {quantity.amount(detectable)}"
    decided = results["verdict"]["answer"] != "undecided"
    return Condition(name, decided or detectable <= smallest, f"{power}; the smallest gain that matters is {wanted}")


def _undoubted(doubts: Sequence[str]) -> Condition:
    return Condition("No other problem was found", not doubts, ", ".join(doubts) or "no finding")


def _all(healths: Sequence[Mapping[str, Any]]) -> str:
    return "the GAN" if len(healths) == 1 else f"any of {len(healths)} GANs"
