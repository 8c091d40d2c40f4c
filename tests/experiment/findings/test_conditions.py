"""The conditions for relying on an answer: each on both sides of its limit."""

import pytest

from ganaug.classifier import near_copies
from ganaug.experiment.findings.conditions import EXPECTED_COPIES, MANY_COPIES_IN_GROUPS, conditions
from ganaug.gan import health as health_of_gans

COPIES, VARIED, LARGE = "do not copy", "varied enough", "was large enough"


def health(copies=0.05, *names):
    return {"findings": [{"name": name, "remedy": "more steps"} for name in names], "figures": {"near_copies": copies}}


HEALTHY = health()


def judged(
    healths=(HEALTHY,), recall=(0.5, 0.9), detectable=0.004, doubts=(), grouped=False, answer="helps", gan=("images",)
):
    synthetic, real = recall
    results = {
        "metric": "balanced_accuracy",
        "metrics": {"balanced_accuracy": {"title": "balanced accuracy", "better": "high", "in_points": True}},
        "smallest_gain": 0.005,
        "verdict": {"answer": answer, "minimum_detectable": detectable, "arms": ["with"]},
        "arms": {"with": {"gan": list(gan)}},
    }
    figures = {"recall": {"synthetic": synthetic, "held_out": real}}
    return conditions(results, figures, doubts, list(healths), grouped=grouped)


def unmet(**changes):
    return [condition["name"] for condition in judged(**changes) if not condition["met"]]


def test_a_healthy_run_meets_all():
    assert len(judged()) == 5
    assert unmet() == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"healths": [health(0.05, "generator collapsed"), health()]}, "trained without problems"),
        ({"healths": [health(0.2), health(0.04)]}, COPIES),
        ({"recall": (0.44, 0.9)}, VARIED),
        ({"detectable": 0.006, "answer": "undecided"}, LARGE),
        ({"detectable": None}, LARGE),
        ({"doubts": ["worse than a nearest neighbour"]}, "No other problem was found"),
    ],
)
def test_each_condition_can_fail_alone(changes, name):
    (found,) = unmet(**changes)
    assert name in found


def test_what_test_images_could_show_does_not_matter_where_the_gan_is_not_used():
    assert not [condition for condition in judged(detectable=0.0, answer="not used") if LARGE in condition["name"]]


def test_evidence_names_what_was_found():
    found = judged(healths=[health(0.05, "generator collapsed"), health()])
    assert found[0]["seen"] == "in 1 of 2 GANs: generator collapsed"
    assert found[0]["remedy"] == "more steps"
    assert judged(detectable=0.0163)[3]["seen"] == (
        "it has an 80% chance of detecting a gain of 1.6 points; the smallest gain that matters is 0.5 points"
    )


def test_an_experiment_that_decides_was_large_enough():
    assert unmet(detectable=0.0163) == []


def test_the_quality_of_images_does_not_matter_where_only_the_discriminator_is_used():
    ill = health(0.4, "generator undertrained")
    assert len(judged(gan=["discriminator"])) == 3
    assert unmet(gan=["discriminator"], healths=[ill], recall=(0.2, 0.9)) == []
    (found,) = unmet(gan=["discriminator"], healths=[health(0.05, "discriminator memorises")])
    assert "trained without problems" in found
    assert len(unmet(gan=["images", "discriminator"], healths=[ill], recall=(0.2, 0.9))) == 3


def test_more_near_copies_are_normal_in_groups():
    assert unmet(healths=[health(0.2)], grouped=True) == []


def test_a_lack_of_variety_counts_once():
    assert len(unmet(recall=(0.2, 0.9), doubts=["synthetic images lack variety"])) == 1


def test_what_was_not_measured_is_left_out():
    assert len(judged(recall=(None, None))) == 4


def test_limits_of_near_copies_are_those_of_detection_and_of_health():
    """They are repeated because evaluation must not depend on the code of GANs."""
    assert near_copies.COPY_QUANTILE == EXPECTED_COPIES
    assert health_of_gans.COPIES == MANY_COPIES_IN_GROUPS
