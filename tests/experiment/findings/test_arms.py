"""Findings about arms, with thresholds derived by hand."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from ganaug.experiment.findings.arms import Learned, Validation, arm_findings

GOOD = [{"step": float(step), "val_balanced_accuracy": 0.9} for step in (50, 100, 150)]


def curve(**values: float) -> list[dict[str, float]]:
    """Return a history from step (after an underscore) → balanced accuracy."""
    return [{"step": float(step.strip("_")), "val_balanced_accuracy": value} for step, value in values.items()]


@pytest.fixture
def found(scored):
    """Return a function from arms, name → predicted labels of each replicate, to the findings about them.

    The neighbour is always right unless its predictions are given. All arms are compared unless `compared` names some.
    """

    def run(
        labels: Sequence[int],
        arms: Mapping[str, Sequence[np.ndarray]],
        *,
        neighbour: np.ndarray | None = None,
        groups: np.ndarray | None = None,
        compared: Sequence[str] = (),
        histories: Mapping[str, Sequence] | None = None,
    ) -> dict[str, str]:
        labels = np.asarray(labels)
        classes = tuple("abcdef"[: labels.max() + 1])
        knows = scored(labels if neighbour is None else neighbour, labels, len(classes))
        learned = {
            name: Learned(
                [scored(predicted, labels, len(classes)) for predicted in replicates],
                (histories or {}).get(name, [GOOD] * len(replicates)),
            )
            for name, replicates in arms.items()
        }
        groups = np.arange(len(labels)) if groups is None else groups
        validation = Validation(classes, labels, groups, [knows])
        return {finding.name: finding.seen for finding in arm_findings(learned, compared, validation)}

    return run


FOUR = np.repeat(np.arange(4), 10)


def test_good_arms_have_no_finding(found):
    nearly = FOUR.copy()
    nearly[0] = 1
    assert found(FOUR, {"real": [FOUR, nearly], "gan": [nearly, FOUR]}, compared=["real", "gan"]) == {}


def test_an_arm_that_predicts_half_of_the_classes_or_fewer_is_named_once(found):
    one, two, three = np.zeros_like(FOUR), np.minimum(FOUR, 1), np.minimum(FOUR, 2)
    seen = found(FOUR, {"good": [FOUR, FOUR], "idle": [FOUR, one], "half": [two, two], "most": [three, three]})
    assert list(seen) == ["predicts few classes"]
    assert seen["predicts few classes"].endswith(
        "`idle` and `half` predicted at most half of the 4 classes (at worst only 1)"
    )


def test_an_arm_at_chance_is_named_with_chance(found):
    spread = np.tile(np.arange(4), 10)  # each class of ten images gets 3, 3, 2 and 2 of each label
    seen = found(FOUR, {"good": [FOUR], "guess": [spread]})
    assert list(seen) == ["no better than chance"]
    assert "`guess` reached a balanced accuracy of at most 25.0%" in seen["no better than chance"]
    assert seen["no better than chance"].endswith("where guessing reaches 25.0%")


IMBALANCED = np.repeat(np.arange(3), [70, 15, 15])


def missing(largest_right: int) -> np.ndarray:
    """Return predictions with this number of the largest class's 70 images right, and all images of the others."""
    predicted = IMBALANCED.copy()
    predicted[largest_right:70] = 1 + np.arange(70 - largest_right) % 2
    return predicted


@pytest.mark.parametrize(
    ("right", "named"),
    [
        (7, True),
        (16, True),  # 0.229; 1/3 − 1.645 · √(2/9 / 70) is 0.241
        (17, False),  # 0.243
        (35, False),  # 65% of all images right, less than the largest class's 70%, but both classes are recognised
    ],
)
def test_balanced_arms_are_not_accused_of_a_lower_accuracy(found, right, named):
    seen = found(IMBALANCED, {"balanced": [missing(right)]})
    assert list(seen) == ["misses the largest class"] * named


def test_the_missed_class_is_named_with_figures(found):
    (seen,) = found(IMBALANCED, {"fair": [missing(50)], "real": [missing(7)]}).values()
    assert seen == (
        "`real` classified only 37.0% of the validation images correctly, where always answering 'a' gets 70.0%, and "
        "only 10.0% of that class, where guessing gets 33.3%"
    )


HUNDRED = np.repeat([0, 1], 50)


def wrong(count: int) -> np.ndarray:
    predicted = HUNDRED.copy()
    predicted[:count] = 1
    return predicted


@pytest.mark.parametrize(("mistakes", "beaten"), [(0, False), (2, False), (3, True), (20, True)])
def test_a_nearest_neighbour_beats_an_arm_only_by_more_than_noise(found, mistakes, beaten):
    # 2 of 100: 1.645 standard errors of √(0.02 · 0.98 / 99) are 0.0231; 3: 1.645 · √(0.03 · 0.97 / 99) is 0.0282
    seen = found(HUNDRED, {"real": [wrong(mistakes)]}, compared=["real"])
    assert list(seen) == ["worse than a nearest neighbour"] * beaten


def test_images_of_one_group_are_one_observation(found):
    """Three mistakes in one of ten groups: √(10/9 · (0.027² + 9 · 0.003²)) is 0.03, and 1.645 times that above 0.03."""
    groups = np.arange(100) // 10
    assert found(HUNDRED, {"real": [wrong(3)]}, compared=["real"], groups=groups) == {}


def test_only_compared_arms_have_to_beat_the_neighbour(found):
    arms = {"real": [wrong(0)], "synthetic_only": [wrong(20)]}
    assert found(HUNDRED, arms, compared=["real"]) == {}
    seen = found(HUNDRED, arms, compared=["real", "synthetic_only"])
    assert seen["worse than a nearest neighbour"].endswith("of 100.0%, more than `synthetic_only` (80.0%)")
    assert found(HUNDRED, arms, compared=["real", "synthetic_only"], neighbour=wrong(20)) == {}


@pytest.mark.parametrize(
    ("history", "replicates", "named"),
    [
        # two classes of 50 images, 0.8 at the end: an error of √(2 · 0.16 · 2/50) / 2 = 0.0566, 1.645 times 0.093
        (curve(_50=0.3, _100=0.71, _150=0.8), 1, False),
        (curve(_50=0.3, _100=0.70, _150=0.8), 1, True),
        # with four replicates half of that, 0.047, less than five points
        (curve(_50=0.3, _100=0.755, _150=0.8), 4, False),
        (curve(_50=0.3, _100=0.745, _150=0.8), 4, True),
        (curve(_100=0.3, _150=0.8, _300=0.8), 4, False),  # the point at half of the steps counts
        (curve(_100=0.3, _150=0.7, _300=0.8), 4, True),
        (curve(_50=0.3, _150=0.8), 4, False),  # no point between a half and two thirds: unknown
        (curve(_150=0.8), 4, False),
        (curve(_0=0.8), 4, False),  # a discriminator, which trains nothing
        (curve(_50=0.9, _100=0.9, _150=0.8), 4, False),
    ],
)
def test_a_curve_that_rises_at_the_end(found, history, replicates, named):
    labels = np.repeat([0, 1], 50)
    arms, histories = {"real": [labels] * replicates}, {"real": [history] * replicates}
    assert list(found(labels, arms, histories=histories)) == ["still improving at the last step"] * named


def test_the_largest_rise_is_told(found):
    rising = {"a": [curve(_100=0.6, _150=0.9)], "b": [curve(_100=0.5, _150=0.9)], "c": [GOOD]}
    (seen,) = found(HUNDRED, {name: [HUNDRED] for name in rising}, histories=rising).values()
    assert "of `a` and `b` on the validation images still rose by up to 40 points" in seen


def test_every_finding_has_a_remedy_and_is_plain_text(scored):
    idle = Learned([scored(np.zeros_like(FOUR), FOUR, 4)], [curve(_100=0.0, _150=0.25)])
    guess = Learned([scored(np.tile(np.arange(4), 10), FOUR, 4)], [GOOD])
    validation = Validation(tuple("abcd"), FOUR, np.arange(40), [scored(FOUR, FOUR, 4)])
    findings = arm_findings({"idle": idle, "guess": guess}, ["guess"], validation)
    assert [finding.name for finding in findings] == [
        "predicts few classes",
        "no better than chance",
        "worse than a nearest neighbour",
        "still improving at the last step",
    ]
    for finding in findings:
        assert finding.remedy
        assert finding.sentence.isascii()
