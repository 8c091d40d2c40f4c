"""Measures what the baselines leave to gain on validation images, before any GAN is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ganaug.core.text import named
from ganaug.experiment.metrics import Metric
from ganaug.experiment.statistics.measured import Measured
from ganaug.experiment.words.quantity import Quantity

if TYPE_CHECKING:
    from ganaug.experiment.summary.types import LeftToGainPart

TAKEN = 1 / 3
"""The largest share of the gap that a GAN can be expected to close: in the cells of docs/results/when-it-helps.md where
a GAN helped, it closed 10 to 34%."""


def left_to_gain(
    metric: Metric, smallest_gain: float, baselines: Mapping[str, Measured], neighbour: Measured
) -> LeftToGainPart:
    """Return what baselines and a nearest neighbour reach, how far from perfect the best of them is, and a sentence.

    metric: the deciding metric. smallest_gain: the smallest gain in it that matters. baselines: predictions on the
    validation images of the baseline arms that were trained on no more than the GAN, by name. neighbour: the nearest
    neighbour's predictions on the same images.

    The gap to perfect has no interval. `estimate_gain` would give one for a perfect classifier over the best baseline,
    but it accounts for sampling only: the best step of each classifier and the best baseline are chosen on these same
    images, so the gap tends to be too small, by an amount that no such interval shows. In the default run, the gap is
    4.0 points on 179 validation images, and 5.6 on the test images. Once the run is finished, the baselines' intervals
    on test images, on which nothing was chosen, show how large it really was.
    """
    reached = {name: round(predicted.mean(metric), 6) for name, predicted in baselines.items()}
    pixels = round(neighbour.mean(metric), 6)
    best = max((*reached.values(), pixels), key=metric.merit)
    perfect = metric.highest if metric.better == "high" else metric.lowest
    left = round(abs(perfect - best), 6)
    worth = TAKEN * left >= smallest_gain
    return {
        "metric": metric.key,
        "baselines": reached,
        "neighbour": pixels,
        "left": left,
        "worth_trying": worth,
        "sentence": _sentence(Quantity.of(metric), reached, pixels, left, smallest_gain, worth=worth),
    }


def _sentence(
    quantity: Quantity, reached: Mapping[str, float], pixels: float, left: float, smallest_gain: float, *, worth: bool
) -> str:
    sign = 1 if quantity.better == "high" else -1
    highest = max(reached.values(), key=lambda value: sign * value)
    names = named([name for name, value in reached.items() if value == highest])
    percent = "%" if quantity.in_points else ""
    baselines, nearest = (f"{quantity.number(value)}{percent}" for value in (highest, pixels))
    opening = (
        f"Without a GAN, {quantity.title} on the validation images is {baselines} with {names} and {nearest} with a "
        f"nearest-neighbour classifier on raw pixels: the best of them leaves about {quantity.amount(left)} to gain"
    )
    if worth:
        return f"{opening}."
    wanted = quantity.exact(smallest_gain)
    return (
        f"{opening}. A GAN that closed a third of that gap would gain less than the {wanted} that matter "
        f"(`evaluate.smallest_gain`): it is probably not worth training."
    )
