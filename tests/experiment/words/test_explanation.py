"""Sentences that explain the verdict: every branch, with hand-written figures."""

import pytest

from ganaug.experiment.words.explanation import caveats, verdict_sentence
from ganaug.experiment.words.quantity import Quantity


def verdict(answer, gain, low, high, detectable=0.0163, needed=None):
    return {
        "answer": answer,
        "gain": gain,
        "low": low,
        "high": high,
        "difference": {"mean": gain, "low": low, "high": high},
        "references": ["classical"],
        "arms": ["gan_classical"],
        "minimum_detectable": detectable,
        "replicates_needed": needed,
    }


def sentence(*figures, **options):
    return verdict_sentence(verdict(*figures, **options), replicates=5, confidence_level=0.95, smallest_gain=0.005)


def test_helps():
    assert sentence("helps", 0.0213, 0.0042, 0.0384) == (
        "GAN augmentation helps: with `gan_classical`, balanced accuracy is 2.1 points higher than with `classical` "
        "(95% interval +0.4 to +3.8)."
    )


def test_harms():
    assert sentence("harms", -0.0213, -0.0384, -0.0042) == (
        "GAN augmentation harms accuracy: with `gan_classical`, balanced accuracy is 2.1 points lower than with "
        "`classical` (95% interval -3.8 to -0.4)."
    )


def test_no_effect():
    assert sentence("no effect", 0.001, -0.002, 0.004) == (
        "GAN augmentation has no effect that matters: with `gan_classical`, balanced accuracy changed by +0.1 points "
        "compared with `classical` (95% interval -0.2 to +0.4). The true effect is probably smaller than 0.5 points in "
        "either direction (`evaluate.smallest_gain`)."
    )


UNDECIDED = (
    "Undecided: with `gan_classical`, balanced accuracy changed by +0.4 points compared with `classical` "
    "(95% interval -0.9 to +1.7), so the true effect may be positive or negative. With 5 replicates, this experiment "
    "would detect effects of about 1.6 points or more 80% of the time; "
)
MORE_DATA = " More `train_classifier.seeds`, more test images or a larger training pool also narrow the interval."


@pytest.mark.parametrize(
    ("needed", "remedy"),
    [
        (38, "if the true gain is what was measured, about 38 replicates would decide it."),
        (None, "more replicates alone would not decide it."),
    ],
)
def test_undecided_says_what_would_decide(needed, remedy):
    assert sentence("undecided", 0.004, -0.009, 0.017, needed=needed) == UNDECIDED + remedy + MORE_DATA


def test_undecided_with_one_replicate():
    assert sentence("undecided", 0.1, None, None, detectable=None) == (
        "Undecided: with `gan_classical`, balanced accuracy changed by +10.0 points compared with `classical`. One "
        "replicate cannot show whether this is more than chance; add more to `replicates` in params.yaml."
    )


DIFFERS = "differs from `classical` by +1.2 points in balanced accuracy"
NOT_USED = (
    "GAN augmentation is not used: on the validation images, no share of synthetic images improved `gan_classical`. "
    "Without synthetic images, it "
)


@pytest.mark.parametrize(
    ("figures", "rest"),
    [
        ((0.0, 0.0, 0.0), "makes the same predictions as `classical`."),
        (
            (0.012, -0.003, 0.027),
            f"{DIFFERS} (95% interval -0.3 to +2.7), which is not due to the GAN.",
        ),
        ((0.012, None, None), f"{DIFFERS}, which is not due to the GAN."),
    ],
)
def test_not_used(figures, rest):
    assert sentence("not used", *figures) == NOT_USED + rest


LOSS = Quantity("log loss", "low", in_points=False)
RECALL = Quantity("recall of class `faulty`", "high", in_points=True)
UNCALIBRATED = Quantity("calibration error", "low", in_points=True)


def loss_sentence(*figures, quantity=LOSS, **options):
    found = verdict(*figures, **options)
    return verdict_sentence(found, replicates=5, confidence_level=0.95, smallest_gain=0.02, quantity=quantity)


REDUCED, RAISED = ("helps", 0.0213, 0.0042, 0.0384), ("harms", -0.0213, -0.0384, -0.0042)
ON_OTHER_METRICS = {
    (REDUCED, LOSS): (
        "GAN augmentation helps: `gan_classical` reduces log loss by 0.021 compared with `classical` (95% interval "
        "0.004 to 0.038)."
    ),
    (RAISED, LOSS): (
        "GAN augmentation does harm: `gan_classical` increases log loss by 0.021 compared with `classical` (95% "
        "interval 0.004 to 0.038)."
    ),
    (("no effect", 0.001, -0.002, 0.004), LOSS): (
        "GAN augmentation has no effect that matters: with `gan_classical`, log loss changed by -0.001 compared with "
        "`classical` (95% interval -0.004 to +0.002; lower is better). The true effect is probably smaller than 0.02 "
        "in either direction (`evaluate.smallest_gain`)."
    ),
    (REDUCED, UNCALIBRATED): (
        "GAN augmentation helps: `gan_classical` reduces calibration error by 2.1 points compared with `classical` "
        "(95% interval 0.4 to 3.8)."
    ),
    (RAISED, RECALL): (
        "GAN augmentation does harm: with `gan_classical`, recall of class `faulty` is 2.1 points lower than with "
        "`classical` (95% interval -3.8 to -0.4)."
    ),
}


@pytest.mark.parametrize(("case", "text"), ON_OTHER_METRICS.items())
def test_verdicts_on_other_metrics(case, text):
    figures, quantity = case
    assert loss_sentence(*figures, quantity=quantity) == text


def test_undecided_and_unused_on_log_loss():
    assert loss_sentence("undecided", 0.004, -0.009, 0.017).startswith(
        "Undecided: with `gan_classical`, log loss changed by -0.004 compared with `classical` (95% interval -0.017 to "
        "+0.009; lower is better), so the true effect may be positive or negative. With 5 replicates, this experiment "
        "would detect effects of about 0.016 or more 80% of the time; "
    )
    assert loss_sentence("not used", 0.012, -0.003, 0.027).endswith(
        "differs from `classical` by -0.012 in log loss (95% interval -0.027 to +0.003; lower is better), which is not "
        "due to the GAN."
    )


def test_arms_that_tie_are_all_named():
    same = {"mean": 0.0, "low": 0.0, "high": 0.0}
    unused = {"answer": "not used", "difference": same}
    found = verdict("helps", 0.02, 0.01, 0.03) | {"arms": ["a", "b"], "references": ["x", "y", "z"]}
    tie = "On the validation images, {} are equally good: they count as one, with the mean of their results."
    options = {"replicates": 5, "confidence_level": 0.95, "smallest_gain": 0.005}
    assert verdict_sentence(found, **options) == (
        "GAN augmentation helps: with `a` and `b`, balanced accuracy is 2.0 points higher than with `x`, `y` and `z` "
        "(95% interval +1.0 to +3.0)."
    )
    assert verdict_sentence(found, **options, quantity=LOSS) == (
        "GAN augmentation helps: `a` and `b` reduce log loss by 0.020 compared with `x`, `y` and `z` (95% interval "
        "0.010 to 0.030)."
    )
    assert verdict_sentence(found | unused, **options).endswith(
        "no share of synthetic images improved `a` and `b`. Without synthetic images, they make the same predictions "
        "as `x`, `y` and `z`."
    )
    assert caveats(found, only_arm_saw=["unlabelled"], shared=(), same_training_images=False, look=None) == [
        tie.format("`a` and `b`"),
        tie.format("`x`, `y` and `z`"),
        "Note that `a` and `b` also learned from unlabelled images, and `x`, `y` and `z` did not.",
    ]


def test_caveats():
    found = verdict("helps", 0.02, 0.01, 0.03)
    assert caveats(found, only_arm_saw=(), shared=(), same_training_images=False, look=None) == []
    shared = ["unlabelled", "other domain"]
    assert caveats(found, only_arm_saw=(), shared=shared, same_training_images=False, look=None) == [
        "All replicates share the unlabelled images and images of another domain, so this result holds for those only."
    ]
    assert caveats(
        found, only_arm_saw=["unlabelled"], shared=["unlabelled"], same_training_images=True, look=(2, 3)
    ) == [
        "Note that `gan_classical` also learned from unlabelled images, and `classical` did not.",
        "All replicates have the same training images, so this result holds for these images only.",
        (
            "This is look 2 of at most 3 (`evaluate.looks`), so the interval is wider: all looks together keep the "
            "error rate of one."
        ),
    ]
