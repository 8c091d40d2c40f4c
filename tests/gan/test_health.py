"""The thresholds of the findings about a GAN, their evidence and their remedies."""

import json

import pytest

from ganaug.gan.health import as_json, distance_findings, findings

HEALTHY = {"accuracy_train": 0.7, "accuracy_val": 0.65, "accuracy_fake": 0.7, "near_copies": 0.05}
PER_CLASS = {"cat": 0.9, "dog": 1.3, "owl": 0.41}


def names(figures: dict[str, float], per_class: dict[str, float] | None = None) -> list[str]:
    return [finding.name for finding in findings(HEALTHY | figures, per_class or PER_CLASS)]


def test_healthy_figures_give_no_finding():
    assert names({}) == []
    assert findings(HEALTHY, {}) == []


OVERPOWERS, MEMORISES = "discriminator overpowers", "discriminator memorises"


@pytest.mark.parametrize(
    ("train", "val", "fake", "expected"),
    [
        (0.96, 0.76, 0.96, [OVERPOWERS]),
        (1.0, 1.0, 1.0, [OVERPOWERS]),
        (0.94, 0.76, 0.96, []),
        (0.96, 0.76, 0.94, []),
        (1.0, 1.0, 0.5, []),
        (0.96, 0.74, 0.96, []),
        (1.0, 0.74, 1.0, [MEMORISES]),
        (0.8, 0.5, 0.6, [MEMORISES]),
        (0.7, 0.46, 0.6, []),
        (0.5, 0.9, 0.6, []),
    ],
)
def test_findings_of_the_discriminator(train, val, fake, expected):
    assert names({"accuracy_train": train, "accuracy_val": val, "accuracy_fake": fake}) == expected


def test_collapsed_classes_are_named_with_their_spread():
    (finding,) = findings(HEALTHY, {"cat": 0.9, "dog": 0.39, "owl": 0.4, "eel": 0.0})
    assert finding.name == "generator collapsed"
    assert finding.seen.endswith(": dog (39%), eel (0%)")


def test_copies_are_found():
    assert names({"near_copies": 0.3}) == []
    (finding,) = findings(HEALTHY | {"near_copies": 0.31}, PER_CLASS)
    assert finding.name == "generator copies"
    assert finding.seen.startswith("31%")


def test_translations_that_keep_the_class_or_ignore_the_source_are_found():
    assert names({"source_class": 0.3, "source_effect": 0.3}) == []
    found = findings(HEALTHY | {"source_class": 0.31, "source_effect": 0.29}, PER_CLASS)
    assert [finding.name for finding in found] == ["translates nothing", "ignores its source"]
    assert "31% of the translations" in found[0].seen
    assert "only 29% as much" in found[1].seen


def test_findings_of_the_discriminator_have_the_evidence():
    strong = HEALTHY | {"accuracy_train": 0.99, "accuracy_val": 0.98, "accuracy_fake": 0.97}
    (overpowers,) = findings(strong, PER_CLASS)
    assert "99% of the training and 97% of the fake images" in overpowers.seen
    (memorises,) = findings(HEALTHY | {"accuracy_train": 0.93, "accuracy_val": 0.31}, PER_CLASS)
    assert "93% of the training images" in memorises.seen
    assert "31% of the validation images" in memorises.seen


def test_there_may_be_several_findings_each_with_a_remedy():
    figures = {"accuracy_train": 1.0, "accuracy_val": 0.2, "near_copies": 0.9}
    found = findings(HEALTHY | figures, {"cat": 0.1})
    assert [finding.name for finding in found] == [MEMORISES, "generator collapsed", "generator copies"]
    assert all(finding.seen and finding.remedy for finding in found)


def test_health_as_json_is_complete():
    found = findings(HEALTHY | {"near_copies": 0.5}, PER_CLASS)
    content = as_json({"near_copies": 0.5, "distance": 1.23456789}, {"cat": 2 / 3}, found, 40)
    assert json.loads(json.dumps(content)) == {
        "healthy": False,
        "findings": [{"name": "generator copies", "seen": found[0].seen, "remedy": found[0].remedy}],
        "step_used": 40,
        "figures": {"near_copies": 0.5, "distance": 1.234568},
        "diversity": {"cat": 0.666667},
    }
    assert as_json(HEALTHY, PER_CLASS, [], 0)["healthy"] is True


def test_a_relativistic_discriminator_may_separate_all_images():
    figures = {"accuracy_train": 1.0, "accuracy_val": 1.0, "accuracy_fake": 1.0, "near_copies": 0.05}
    assert [finding.name for finding in findings(figures, {})] == ["discriminator overpowers"]
    assert findings(figures, {}, absolute=False) == []


@pytest.mark.parametrize(
    ("distance", "of_training_images", "improving", "names"),
    [
        (1.25, 1.0, True, []),  # nearly always the last generator is the best
        (1.26, 1.0, True, ["generator undertrained"]),
        (1.26, 1.0, False, ["generator far from the real images"]),
        (2.0, 1.7, True, []),  # real images of other groups are far away too
        (0.5, 0.0, True, []),  # all are copies: no unit
    ],
)
def test_a_generator_is_compared_with_the_training_images(distance, of_training_images, improving, names):
    found = distance_findings(distance, of_training_images, improving=improving)
    assert [finding.name for finding in found] == names


def test_an_undertrained_generator_is_told_with_figures():
    (finding,) = distance_findings(2.92, 1.107, improving=True)
    assert "2.6 times as far from the validation images as training images" in finding.seen
    assert finding.remedy.startswith("more train_gan.steps")
