"""Sentences of the short answer: every branch, with hand-written figures."""

from typing import get_args

import pytest

from ganaug.experiment.verdicts import Answer
from ganaug.experiment.words.answer import DECIDED, either, headline, how_sure, next_steps
from ganaug.experiment.words.quantity import BALANCED_ACCURACY, Quantity

LOSS = Quantity("log loss", "low", in_points=False)
VERDICT = {
    "gain": 0.0213,
    "low": 0.0042,
    "high": 0.0384,
    "arms": ["gan_classical"],
    "references": ["classical"],
    "minimum_detectable": 0.016,
    "replicates_needed": None,
}
HARM = {"gain": -0.0213, "low": -0.0384, "high": -0.0042}


def said(answer, quantity=BALANCED_ACCURACY, tried=(), **figures):
    return headline(VERDICT | {"answer": answer} | figures, quantity, tried)


def test_yes_or_no():
    assert said("helps") == "Yes. GAN augmentation raises balanced accuracy by 2.1 points. Train with `gan_classical`."
    assert said("harms", **HARM) == (
        "No. GAN augmentation lowers balanced accuracy by 2.1 points. Train with `classical`."
    )
    assert said("no effect") == "No. GAN augmentation makes no difference that matters. Train with `classical`."


def test_a_gain_in_what_should_be_low_is_a_reduction():
    assert said("helps", LOSS) == "Yes. GAN augmentation lowers log loss by 0.021. Train with `gan_classical`."
    assert said("harms", LOSS, **HARM).startswith("No. GAN augmentation raises log loss by 0.021. ")


def test_undecided():
    assert said("undecided", gain=0.004, low=-0.009, high=0.017) == (
        "Not known yet. The measured gain is +0.4 points, and the true one may be anything from -0.9 to +1.7. Until "
        "that is settled, train with `classical`."
    )
    assert said("undecided", low=None, high=None) == (
        "Not known yet. The measured gain is +2.1 points, but one replicate cannot show whether that is chance."
    )


@pytest.mark.parametrize(
    ("tried", "says"),
    [
        ({"0.0": 0.954, "0.5": 0.948}, ": 95.4% with none, 94.8% with 50%."),
        ({"0.0": 0.954, "0.25": 0.952, "0.5": 0.948}, ": 95.4% with none, 95.2% with 25%, 94.8% with 50%."),
        (
            {"0.0": 0.95, "0.1": 0.94, "0.37": 0.94, "0.5": 0.9},
            ": 95.0% with none, 94.0% with 10%, 94.0% with 37%, 90.0% with 50%.",
        ),
        ({}, ", whatever their share."),
    ],
)
def test_not_used_shows_the_evidence(tried, says):
    known = "No. Synthetic images did not improve balanced accuracy on validation"
    assert said("not used", tried=[tried]) == f"{known}{says} Train without them."


def test_not_used_in_a_metric_without_a_percent_sign():
    assert said("not used", LOSS, tried=[{"0.0": 0.21, "0.5": 0.3456}]) == (
        "No. Synthetic images did not improve log loss on validation: 0.210 with none, 0.346 with 50%. Train without "
        "them."
    )


def test_not_used_of_arms_that_tie_has_no_figures_of_one_of_them():
    tried = [{"0.0": 0.9, "0.5": 0.8}, {"0.0": 0.9, "0.5": 0.7}]
    assert "80.0" not in said("not used", tried=tried, arms=["a", "b"])


def test_every_answer_begins_with_yes_no_or_not_known():
    answers = get_args(Answer)
    assert [said(answer).split()[0] for answer in answers] == ["Yes.", "No.", "No.", "Not", "No.", "Not"]
    assert {*answers} == {*DECIDED, "undecided", "not used"}


def test_either():
    assert either(["a"]) == "`a`"
    assert either(["a", "b", "c"]) == "`a`, `b` or `c`"


@pytest.mark.parametrize(
    ("answer", "figures", "first"),
    [
        (
            "helps",
            {},
            "Use it: train with `gan_classical`. The trained classifiers are in `results/arms/gan_classical`.",
        ),
        ("no effect", {}, "Do not use it: train with `classical`."),
        ("not used", {}, "Do not use it: train with `classical`."),
        ("undecided", {"replicates_needed": 38}, "Go on to about 38 replicates, "),
        ("undecided", {}, "More replicates alone would not decide it. "),
        ("undecided", {"minimum_detectable": None}, "Add more numbers to `replicates` in params.yaml"),
        ("nothing learned", {}, "Raise `train_classifier.steps`"),
    ],
)
def test_next_steps_follow_from_the_answer(answer, figures, first):
    unmet = {"met": False, "remedy": "more train_gan.steps"}
    arms = {"gan_classical": {"gan": ["images"]}}
    steps = next_steps({"verdict": VERDICT | {"answer": answer} | figures, "conditions": [unmet], "arms": arms})
    assert steps[0].startswith(first)
    assert all(step.isascii() and step.endswith(".") for step in steps)


@pytest.mark.parametrize(
    ("parts", "exported"), [(["images"], True), (["images", "discriminator"], True), (["discriminator"], False)]
)
def test_images_are_exported_only_where_they_help(parts, exported):
    arms = {"gan_classical": {"gan": parts}}
    steps = next_steps({"verdict": VERDICT | {"answer": "helps"}, "conditions": [], "arms": arms})
    assert ("ganaug export" in steps[1]) == exported


def sure(answer, replicates=5, **figures):
    accuracy = {"title": "balanced accuracy", "better": "high", "in_points": True}
    verdict = VERDICT | {"answer": answer, "confidence_level": 0.95} | figures
    settings = {"metric": "balanced_accuracy", "metrics": {"balanced_accuracy": accuracy}, "smallest_gain": 0.005}
    return how_sure(settings | {"verdict": verdict, "replicates": list(range(replicates))})


def test_how_sure_follows_from_the_interval():
    interval = "The 95% interval of the gain, over 5 replicates, lies"
    smaller = "The effect may still be smaller than 0.5 points."
    assert sure("helps", low=0.006) == f"{interval} entirely above zero."
    assert sure("helps", low=0.004) == f"{interval} entirely above zero. {smaller}"
    assert sure("harms", **HARM) == f"{interval} entirely below zero. {smaller}"
    assert sure("no effect") == f"{interval} within 0.5 points of zero on both sides."
    assert sure("undecided").startswith("Inconclusive: the 95% interval of the gain, over 5 replicates, includes both")
    assert sure("undecided", replicates=1, low=None) == "Not at all: one replicate gives no interval."
    assert "on validation images over 5 replicates" in sure("not used")
    assert sure("nothing learned").startswith("Not at all: ")


def test_after_a_no_the_first_unmet_condition_says_what_the_gan_lacks():
    conditions = [{"met": True, "remedy": "a"}, {"met": False, "remedy": ""}, {"met": False, "remedy": "b"}]
    _, better = next_steps({"verdict": VERDICT | {"answer": "not used"}, "conditions": conditions})
    assert better == "To give the GAN a better chance, try: b."
    assert len(next_steps({"verdict": VERDICT | {"answer": "not used"}, "conditions": conditions[:2]})) == 1
