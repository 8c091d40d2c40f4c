"""Plans: how many replicates and seeds the time allows, and which gain they would detect."""

from dataclasses import replace

import pytest

from ganaug.core.errors import InputError
from ganaug.experiment.planning.plan import (
    Pilot,
    Plan,
    advise,
    best_within,
    cheapest_answer,
    extended,
    in_words,
    possible_plans,
)
from ganaug.experiment.statistics.estimate import Estimate, minimum_detectable
from ganaug.experiment.statistics.spread import Spread
from ganaug.experiment.words.quantity import BALANCED_ACCURACY

ESTIMATE = Estimate(0.01, (0.0, 0.01, 0.02), replicate_variance=0.0003, test_variance=0.0001, unshared_variance=0.0002)


def pilot(spread=None):
    spread = spread or Spread(ESTIMATE, seeds=2, seed_variance=0.0002)
    return Pilot(
        answer="undecided",
        replicates=tuple(range(len(spread.estimate.per_replicate))),
        spread=spread,
        seconds_per_replicate=600,
        seconds_per_classifier=60,
        jobs=2,
    )


def said(of, hours=2):
    return in_words(of, advise(of, hours, 0.95, 0.005), BALANCED_ACCURACY)


def test_one_seed_says_nothing_about_more():
    spread = Spread(ESTIMATE, seeds=1, seed_variance=None)
    assert {plan.seeds for plan in possible_plans(pilot(spread), 0.95)} == {1}


def test_seconds_by_hand():
    # 5 replicates instead of 3: two more GANs, and with as many seeds only their classifiers; two jobs halve it all.
    # With another number of seeds, the classifiers of all five are trained again
    assert pilot().seconds(5, 2) == (2 * 600 + 2 * 2 * 60) / 2
    assert pilot().seconds(5, 3) == (2 * 600 + 5 * 3 * 60) / 2
    assert pilot().seconds(3, 2) == 0


def test_the_best_plan_detects_the_smallest_gain_in_the_time():
    plans = [Plan(3, 2, 0, 0.03), Plan(5, 2, 900, 0.02), Plan(4, 8, 800, 0.02), Plan(9, 9, 5000, 0.01)]
    assert best_within(plans, 1000) == plans[2]
    assert best_within(plans, 1e6) == plans[3]
    assert best_within(plans[1:], 60) is None


def test_every_plan_is_what_the_verdict_would_say():
    plans = list(possible_plans(pilot(), 0.95))
    five = next(plan for plan in plans if plan[:2] == (5, 2))
    assert five.detectable == minimum_detectable(ESTIMATE, 0.95, 5)
    assert min(plan.replicates for plan in plans) == 3
    ordered = [plan.detectable for plan in plans if plan.seeds == 4]
    assert ordered == sorted(ordered, reverse=True)


def test_an_answer_is_the_shortest_run_that_detects_the_measured_gain():
    plans = [Plan(5, 2, 900, 0.012), Plan(6, 2, 1200, 0.0099), Plan(6, 3, 1100, 0.0098)]
    assert cheapest_answer(plans, ESTIMATE, 0.005) == plans[2]
    assert cheapest_answer(plans[:1], ESTIMATE, 0.005) is None


def results(answer="undecided", spread=None, replicates=(0, 1, 2)):
    parts = {"0": {"seconds": 90.0}, "1": {"seconds": 110.0}, "2": {"seconds": 100.0}}
    shared = dict.fromkeys(("train_ensemble", "train_gan", "generate", "measure"), parts)
    arms = {stage: {"one": parts, "other": parts} for stage in ("train_baseline", "try_shares", "train_augmented")}
    spread = spread or Spread(ESTIMATE, seeds=2, seed_variance=0.0002)
    verdict = {"answer": answer, "arm": "gan", "sentence": "Raise the steps."}
    return {"verdict": verdict, "spread": spread.as_dict(), "replicates": list(replicates)}, shared | arms


def test_a_pilot_is_read_from_the_results_of_a_run():
    # four stages of 100 s per replicate; three stages of two arms, with two classifiers in each
    read = Pilot.read(*results(), 2)
    assert (read.seconds_per_replicate, read.seconds_per_classifier) == (400, 300)
    assert read.spread.estimate == ESTIMATE


def test_without_a_gain_there_is_nothing_to_plan():
    with pytest.raises(InputError, match="improve the GAN first"):
        Pilot.read(*results("not used"), 2)


def test_after_nothing_was_learned_the_remedy_comes_before_a_plan():
    with pytest.raises(InputError, match=r"nothing to plan yet. Raise the steps."):
        Pilot.read(*results("nothing learned"), 2)


def test_arms_of_further_images_are_trained_again_too():
    summary, seconds = results()
    seconds["train_informed"] = {"pseudo": {"0": {"seconds": 60.0}}}
    assert Pilot.read(summary, seconds, 2).seconds_per_classifier == 300 + 60 / 3 / 2


def test_one_replicate_is_no_pilot():
    single = Spread(Estimate(0.01, (0.01,), None, 0.0), 1, None)
    with pytest.raises(InputError, match=r"replicates: \[0, 1, 2\]"):
        Pilot.read(*results(spread=single, replicates=[0]), 2)
    with pytest.raises(InputError, match=r"replicates: \[5, 0, 1\]"):
        Pilot.read(*results(spread=single, replicates=[5]), 2)


def test_what_does_not_fit_takes_longer_than_there_is():
    # a replicate's GAN takes 1 h and its classifiers 50 min, one after another
    slow = replace(pilot(), seconds_per_replicate=3600, seconds_per_classifier=1500, jobs=1)
    text = "\n".join(said(slow, hours=1.5))  # time for one seed in all arms, which would detect less than before
    assert "1.5 h is not enough for another replicate, which takes about 1 h 50 min" in text


def test_the_words_name_what_to_write_into_params():
    text = "\n".join(said(pilot()))
    best = best_within(possible_plans(pilot(), 0.95), 7200)
    assert f"set replicates to {list(range(best.replicates))} and train_classifier.seeds to {best.seeds}" in text
    assert "3 replicates with 2 classifiers each measured a gain of +1.0 points in balanced accuracy" in text
    assert "for an answer, if the true gain is what was measured: " in text
    known = "\n".join(said(replace(pilot(), answer="helps")))
    assert "the answer is already known: helps" in known
    few = "\n".join(said(pilot(Spread(ESTIMATE, seeds=1, seed_variance=None))))
    assert "to measure that, set train_classifier.seeds to 2" in few


def test_the_words_say_what_another_replicate_takes_if_there_is_no_time_for_it():
    """One GAN of 600 s and two classifiers of 60 s per arm, on two jobs."""
    words = list(in_words(pilot(), advise(pilot(), 0.02, 0.95, 0.005), BALANCED_ACCURACY))
    assert "0.02 h is not enough for another replicate, which takes about 6 min" in words


def test_a_plan_keeps_the_replicates_that_are_finished():
    read = Pilot.read(*results(replicates=[3, 5, 0]), 2)
    best = advise(read, 2, 0.95, 0.005).within.replicates
    assert f"set replicates to [3, 5, 0, 1, 2, 4{''.join(f', {one}' for one in range(6, best))}] and" in "\n".join(
        said(read)
    )


def test_further_replicates_are_the_smallest_that_are_not_there():
    assert extended([2, 0], 4) == [2, 0, 1, 3]
    assert extended([2, 0], 1) == [2]


def test_a_run_that_is_finished_is_no_advice():
    assert advise(pilot(), 1 / 3600, 0.95, 0.005).within is None
    many = Spread(ESTIMATE._replace(per_replicate=(0.0, 0.01, 0.02) * 67), seeds=1, seed_variance=None)
    assert advise(pilot(many), 1, 0.95, 0.005).within is None
