"""Decides the verdict and puts it into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ganaug.core.text import joined
from ganaug.experiment.comparison import Comparison, Together
from ganaug.experiment.evaluate_settings import TrainedOn
from ganaug.experiment.findings.answers import Answers
from ganaug.experiment.statistics.estimate import decide
from ganaug.experiment.statistics.gains import possible_gain
from ganaug.experiment.summary.rules import Rules
from ganaug.experiment.summary.types import DecidedPart, EndsPart, WordedPart
from ganaug.experiment.verdicts import Answer, Decision
from ganaug.experiment.words.answer import headline
from ganaug.experiment.words.explanation import caveats, nothing_learned_sentence, verdict_sentence
from ganaug.experiment.words.quantity import Quantity

SHARED = TrainedOn.UNLABELLED | TrainedOn.OTHER_DOMAIN
"""Images that are the same, or nearly the same, in all replicates."""


def verdict_in_words(
    arm: Together,
    reference: Together,
    chosen: Comparison,
    rules: Rules,
    idle: Mapping[str, Sequence[Answers]],
) -> WordedPart:
    """Return the verdict on the compared arms, with its sentences. idle: as for `summarise`."""
    settings, data = rules.settings, rules.data
    idle_compared = {name: idle[name] for name in (*chosen.references, *chosen.arms) if name in idle}
    decided = _decided(arm, reference, chosen, rules, learned=not idle_compared)
    quantity = Quantity.of(settings.metric)
    if idle_compared:
        sentences = [nothing_learned_sentence(idle_compared, len(data.test.classes))]
    else:
        sentences = [
            verdict_sentence(
                decided,
                replicates=len(data.train_sets),
                confidence_level=rules.level,
                smallest_gain=settings.smallest_gain,
                quantity=quantity,
            ),
            *caveats(
                decided,
                only_arm_saw=(arm.trained_on & ~reference.trained_on).words if arm.uses_gan else (),
                shared=((arm.trained_on | reference.trained_on) & SHARED).words,
                same_training_images=data.overlap == 1,
                look=settings.look(len(data.train_sets)),
            ),
        ]
    opening = headline(decided, quantity, [scores.tried for scores in arm.arms])
    return {"headline": opening, "sentence": " ".join(sentences), **decided}


def _decided(arm: Together, reference: Together, chosen: Comparison, rules: Rules, *, learned: bool) -> DecidedPart:
    """Return the verdict without sentences. learned: whether all compared arms have learned something."""
    metric, level = rules.settings.metric, rules.level
    estimate = rules.data.gain(arm, reference, metric)
    interval, verdict = possible_gain(estimate, metric, level), decide(estimate, rules.settings.smallest_gain, level)
    difference: EndsPart = {"mean": interval["mean"], "low": interval["low"], "high": interval["high"]}
    gain: EndsPart = difference if arm.uses_gan else {"mean": 0.0, "low": 0.0, "high": 0.0}
    return {
        "answer": _answer(verdict.answer, uses_gan=arm.uses_gan, learned=learned),
        "gain": gain["mean"],
        "low": gain["low"],
        "high": gain["high"],
        "difference": difference,
        "reference": joined(chosen.references),
        "arm": joined(chosen.arms),
        "references": list(chosen.references),
        "arms": list(chosen.arms),
        "minimum_detectable": None if verdict.minimum_detectable is None else round(verdict.minimum_detectable, 6),
        "replicates_needed": verdict.replicates_needed,
        "confidence_level": round(level, 6),
    }


def _answer(decision: Decision, *, uses_gan: bool, learned: bool) -> Answer:
    if not learned:
        return "nothing learned"
    return decision if uses_gan else "not used"
