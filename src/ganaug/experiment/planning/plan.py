"""`ganaug plan`: which numbers of replicates and seeds narrow the gain's interval most within a time budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any, NamedTuple, Self

from ganaug.core.errors import InputError
from ganaug.core.time_words import time_in_words
from ganaug.experiment.stages import STAGES
from ganaug.experiment.statistics.estimate import Estimate, distance_to_a_decision, minimum_detectable
from ganaug.experiment.statistics.spread import Spread
from ganaug.experiment.summary.cost import costs_in
from ganaug.experiment.summary.types import Results
from ganaug.experiment.verdicts import Answer
from ganaug.experiment.words.quantity import Quantity

MOST_REPLICATES = 200
MOST_SEEDS = 20
LEAST_REPLICATES = 3
"""Fewer say little about how replicates differ: with two, Student's t is 12.7."""


@dataclass(frozen=True, kw_only=True)
class Pilot:
    """A finished run, from which the next one is planned."""

    answer: Answer
    """The verdict's answer."""
    replicates: tuple[int, ...]
    """Numbers of the replicates, as in params.yaml."""
    spread: Spread
    """How much the measured gain varies."""
    seconds_per_replicate: float
    """For ensemble, GAN and synthetic set, on an otherwise idle machine."""
    seconds_per_classifier: float
    """For one seed in all arms of one replicate."""
    jobs: int
    """Number of stages side by side."""

    @classmethod
    def read(cls, results: Results, seconds: Mapping[str, Any], jobs: int) -> Self:
        """Return the pilot described by results/summary.json and results/seconds.json.

        Raises InputError if it has one replicate, if its best arm does without the GAN, or if nothing was learned.
        """
        verdict = results["verdict"]
        if verdict["answer"] == "nothing learned":
            raise InputError(f"there is nothing to plan yet. {verdict['sentence']}")
        if verdict["answer"] == "not used":
            raise InputError(
                f"there is nothing to plan: on the validation images, `{verdict['arm']}` is best without synthetic "
                f"images, so more replicates cannot measure a gain; improve the GAN first"
            )
        spread, replicates = Spread.from_dict(results["spread"]), tuple(results["replicates"])
        if spread.estimate.replicate_variance is None:
            raise InputError(
                f"one replicate does not show how much replicates differ; set `replicates: "
                f"{extended(replicates, LEAST_REPLICATES)}` in params.yaml and run again: finished stages are kept"
            )
        kinds = {name: stage.per for name, stage in STAGES.items() if name in seconds and "replicate" in stage.per}
        shared = _seconds(seconds[name] for name, per in kinds.items() if per == ("replicate",))
        arms = _seconds(seconds[name] for name, per in kinds.items() if per != ("replicate",))
        return cls(
            answer=verdict["answer"],
            replicates=replicates,
            spread=spread,
            seconds_per_replicate=shared / len(replicates),
            seconds_per_classifier=arms / len(replicates) / spread.seeds,
            jobs=jobs,
        )

    def seconds(self, replicates: int, seeds: int) -> float:
        """Return how many seconds it takes to extend this run; finished stages do not run again.

        Another number of seeds trains all arms again, but no GAN.
        """
        new = replicates - len(self.replicates)
        classifiers = seeds * (new if seeds == self.spread.seeds else replicates)
        return (new * self.seconds_per_replicate + classifiers * self.seconds_per_classifier) / self.jobs


class Plan(NamedTuple):
    """A run that extends the pilot."""

    replicates: int
    seeds: int
    seconds: float
    """Time that it still takes."""
    detectable: float
    """True gain that the run would distinguish from 0 with 80% probability, in the metric's unit."""


def _seconds(parts: Iterable[Mapping[str, Any]]) -> float:
    return sum(float(cost["seconds"]) for part in parts for cost in costs_in(part))


def possible_plans(pilot: Pilot, confidence_level: float) -> Iterator[Plan]:
    """Yield every run with at least as many replicates as the pilot, including the pilot itself."""
    spread = pilot.spread
    for seeds in [spread.seeds] if spread.seed_variance is None else range(1, MOST_SEEDS + 1):
        estimate = spread.with_seeds(seeds)
        least = max(len(pilot.replicates), LEAST_REPLICATES)
        for replicates in range(least, max(least, MOST_REPLICATES) + 1):
            detectable = minimum_detectable(estimate, confidence_level, replicates)
            yield Plan(replicates, seeds, pilot.seconds(replicates, seeds), detectable)


def best_within(plans: Iterable[Plan], seconds: float) -> Plan | None:
    """Return the plan that detects the smallest gain in this time, or None if none fits. Of several, the shortest."""
    return min(
        (plan for plan in plans if plan.seconds <= seconds),
        key=lambda plan: (plan.detectable, plan.seconds),
        default=None,
    )


def cheapest_answer(plans: Iterable[Plan], estimate: Estimate, smallest_gain: float) -> Plan | None:
    """Return the shortest plan that probably decides if the measured gain is the true one, or None if none does."""
    distance = distance_to_a_decision(estimate.mean, smallest_gain)
    return min((plan for plan in plans if plan.detectable <= distance), key=lambda plan: plan.seconds, default=None)


class Advice(NamedTuple):
    """What extending the pilot can find out, and how long that takes."""

    hours: float
    """The time available."""
    now: Plan
    """The pilot itself, which takes no more time."""
    within: Plan | None
    """The plan that detects the smallest gain in the time available; None: no larger run fits."""
    answer: Plan | None
    """The plan that probably decides if the measured gain is the true one; None: no plan does."""
    least: float
    """The smallest gain that any plan detects, in the metric's unit."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {name: value._asdict() if isinstance(value, Plan) else value for name, value in self._asdict().items()}


def advise(pilot: Pilot, hours: float, confidence_level: float, smallest_gain: float) -> Advice:
    """Return what can be found out in `hours`, and how long an answer takes."""
    plans, estimate = list(possible_plans(pilot, confidence_level)), pilot.spread.estimate
    replicates, seeds = len(pilot.replicates), pilot.spread.seeds
    detectable = minimum_detectable(estimate, confidence_level, replicates)
    further = (plan for plan in plans if plan.detectable < detectable)
    return Advice(
        hours=hours,
        now=Plan(replicates, seeds, 0.0, detectable),
        within=best_within(further, 3600 * hours),
        answer=cheapest_answer(plans, estimate, smallest_gain),
        least=min(plan.detectable for plan in plans),
    )


def in_words(pilot: Pilot, advice: Advice, quantity: Quantity) -> Iterator[str]:
    """Yield sentences about what extending the pilot can find out, and how long that takes."""
    estimate, hours = pilot.spread.estimate, advice.hours
    yield (
        f"{_sizes(advice.now.replicates, advice.now.seeds)} measured a gain of "
        f"{quantity.number(estimate.mean, signed=True)}{quantity.unit} in {quantity.title}, and have an 80% chance of "
        f"detecting {quantity.amount(advice.now.detectable)}. Estimated from {advice.now.replicates} replicates, these "
        f"figures are rough."
    )
    if advice.within is None:
        another = time_in_words(pilot.seconds(advice.now.replicates + 1, advice.now.seeds))
        yield f"{hours:g} h is not enough for another replicate, which takes about {another}"
    else:
        yield f"within {hours:g} h: {_in_words(advice.within, quantity)}"
    if pilot.answer != "undecided":
        yield f"the answer is already known: {pilot.answer}; more replicates and seeds would narrow the interval"
    elif advice.answer is None:
        yield (
            f"for an answer, if the true gain is what was measured: more than {MOST_REPLICATES} replicates; more test "
            f"images would narrow the interval too"
        )
    else:
        yield f"for an answer, if the true gain is what was measured: {_in_words(advice.answer, quantity)}"
    yield f"smallest gain detectable with up to {MOST_REPLICATES} replicates: {quantity.amount(advice.least)}"
    if pilot.spread.seed_variance is None:
        yield (
            "one classifier per arm and replicate does not show how much more classifiers, which are cheaper than "
            "GANs, would help; to measure that, set train_classifier.seeds to 2"
        )
    if advice.within is not None:
        yield (
            f"to run this plan, set replicates to {extended(pilot.replicates, advice.within.replicates)} and "
            f"train_classifier.seeds to {advice.within.seeds} in params.yaml, then: ganaug run. Finished GANs are kept"
        )


def extended(given: Sequence[int], number: int) -> list[int]:
    """Return `number` replicates: the `given` ones, then the smallest numbers that are not among them."""
    further = (replicate for replicate in count() if replicate not in given)
    return [*given[:number], *islice(further, max(0, number - len(given)))]


def _sizes(replicates: int, seeds: int) -> str:
    return f"{replicates} replicates with {seeds} classifier{'s' if seeds > 1 else ''} each"


def _in_words(plan: Plan, quantity: Quantity) -> str:
    sizes = _sizes(plan.replicates, plan.seeds)
    return f"{sizes} would detect {quantity.amount(plan.detectable)} and take {time_in_words(plan.seconds)}"
