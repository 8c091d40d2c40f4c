"""From scores to the summary that a reader sees."""

import json

import numpy as np
import pytest

from ganaug.evaluation import Scores
from ganaug.images import LabelledImages
from ganaug.summary import ArmScores, as_text, choose_reference, headline, headline_metrics, interval_text, summarise


def scores(first, second):
    """Return the scores of a test set with ten images in each of two classes, of which so many are found."""
    recall = np.array([first, second]) / 10
    confusion = np.array([[first, 10 - first], [10 - second, second]])
    return Scores(recall.mean(), recall.mean(), 0.5, recall, confusion)


def arm(*test, val=(5, 5), group="baseline"):
    return ArmScores(group=group, val=tuple(scores(*val) for _ in test), test=tuple(scores(*found) for found in test))


def images(count, classes=("cat", "dog")):
    labels = np.arange(count, dtype=np.int64) % 2
    return LabelledImages(np.zeros((count, 3, 8, 9), np.uint8), labels, classes, {"name": "folder"})


ARMS = {"real": arm((6, 4), (8, 6)), "gan": arm((8, 4), (10, 8), group="augmented")}


@pytest.fixture
def summary():
    return summarise(ARMS, "real", 0.5, images(20), {3: images(6), 1: images(6)}, {})


def test_given_reference_is_taken():
    assert choose_reference("gan", ARMS) == "gan"


def test_reference_is_the_baseline_that_is_best_on_val_whatever_the_test_says():
    arms = {
        "real": arm((9, 9), val=(5, 5)),
        "classical": arm((1, 1), val=(6, 6)),
        "gan": arm((9, 9), val=(9, 9), group="augmented"),
    }
    assert choose_reference(None, arms) == "classical"


def test_equally_good_baselines_leave_the_first():
    arms = {"real": arm((1, 1)), "classical": arm((9, 9))}
    assert choose_reference(None, arms) == "real"
    assert choose_reference(None, dict(reversed(arms.items()))) == "classical"


def test_summary_describes_the_data(summary):
    assert summary["dataset"] == {
        "name": "folder",
        "classes": ["cat", "dog"],
        "image_shape": [3, 8, 9],
        "train_per_class": {"cat": 3, "dog": 3},
        "test_size": 20,
    }
    assert summary["replicates"] == [3, 1]


def test_arms_are_averaged_over_replicates(summary):
    # real: balanced accuracies 0.5 and 0.7; half of the interval at 50 % is one standard error of two values, 0.1
    real = summary["arms"]["real"]
    assert real["balanced_accuracy"] == {"mean": 0.6, "low": 0.5, "high": 0.7, "per_replicate": [0.5, 0.7]}
    assert real["recall"] == {"cat": 0.7, "dog": 0.5}
    assert real["confusion"] == [[14, 6], [10, 10]]  # [[6, 4], [6, 4]] + [[8, 2], [4, 6]]
    assert real["val_balanced_accuracy"] == 0.5


def test_gains_are_paired_differences_to_the_reference(summary):
    # balanced accuracy: 0.6 − 0.5 = 0.1 and 0.9 − 0.7 = 0.2
    gain = summary["gains"]["gan"]
    assert gain["reference"] == "real"
    assert gain["balanced_accuracy"] == {"mean": 0.15, "low": 0.1, "high": 0.2, "per_replicate": [0.1, 0.2]}
    assert gain["macro_f1"]["mean"] == 0.0
    assert gain["recall"] == {"cat": 0.2, "dog": 0.1}


def test_the_reference_has_no_gain(summary):
    assert list(summary["gains"]) == ["gan"]


def test_summary_is_the_same_each_time_and_survives_json(summary):
    again = summarise(ARMS, "real", 0.5, images(20), {3: images(6), 1: images(6)}, {})
    assert json.dumps(summary) == json.dumps(again)
    assert json.loads(json.dumps(summary)) == summary


def test_headlines_are_means(summary):
    assert headline_metrics(summary) == {"balanced_accuracy": {"real": 0.6, "gan": 0.75}, "gain": {"gan": 0.15}}


def test_table_tells_arms_gains_and_what_the_brackets_are(summary):
    text = as_text(summary)
    assert "folder: 2 classes, 3 labelled training images a class" in text
    assert "20 test images, 2 replicates" in text
    rows = {line.split()[0]: line for line in text.splitlines() if line}
    assert "60.0 [50.0, 70.0]" in rows["real"]
    assert "(reference)" in rows["real"]
    assert "75.0 [60.0, 90.0]" in rows["gan"]
    assert "+15.0 [+10.0, +20.0]" in rows["gan"]
    assert "gain in points over real" in rows["arm"]
    assert "50% interval over replicates" in text


def test_findings_in_the_training_of_a_gan_are_told():
    summary = summarise(ARMS, "real", 0.5, images(20), {0: images(5)}, {0: [], 1: ["generator collapsed"]})
    assert summary["findings"] == {"0": [], "1": ["generator collapsed"]}
    lines = [line for line in as_text(summary).splitlines() if "GAN of replicate" in line]
    assert lines == ["GAN of replicate 1: generator collapsed (what to try: models/gan/1/health.json)"]


def test_unequal_classes_are_told_as_a_range():
    text = as_text(summarise(ARMS, "real", 0.5, images(20), {0: images(5), 1: images(5)}, {}))
    assert "2 to 3 labelled training images a class" in text


@pytest.mark.parametrize(
    ("low", "high", "signed", "text"),
    [
        (0.95, 0.972, False, "96.1 [95.0, 97.2]"),
        (-0.01, 0.972, True, "+96.1 [-1.0, +97.2]"),
        (None, None, False, "96.1"),
        (None, None, True, "+96.1"),
    ],
)
def test_intervals_are_told_in_percent(low, high, signed, text):
    assert interval_text({"mean": 0.961, "low": low, "high": high}, signed=signed) == text


@pytest.mark.parametrize(
    ("gan", "says"),
    [
        (arm((8, 5), (8, 7), group="augmented"), "that is a gain"),  # differences 0.15 and 0.05, half interval 0.05
        (arm((5, 4), (6, 5), group="augmented"), "that is a loss"),  # -0.05 and -0.15
        (arm((7, 5), (7, 5), group="augmented"), "neither"),  # 0.1 and -0.1: 0 ± 0.1
        (arm((7, 5), group="augmented"), "one replicate cannot tell"),
    ],
)
def test_headline_says_what_the_interval_says(gan, says):
    count = len(gan.test)
    real = ArmScores("baseline", ARMS["real"].val[:count], ARMS["real"].test[:count])
    told = headline(
        summarise({"real": real, "gan": gan}, "real", 0.5, images(20), dict.fromkeys(range(count), images(6)), {})
    )
    assert told.startswith("gan, ")
    assert says in told


def test_headline_speaks_of_the_arm_that_is_best_on_val_not_on_test():
    lucky = arm((9, 9), val=(1, 1), group="augmented")
    arms = {"real": arm((5, 5)), "lucky": lucky, "steady": arm((4, 4), val=(6, 6), group="augmented")}
    summary = summarise(arms, "real", 0.5, images(20), {0: images(6)}, {})
    assert headline(summary).startswith("steady, ")


def test_there_is_no_headline_without_synthetic_images():
    assert headline(summarise({"real": arm((5, 5))}, "real", 0.5, images(20), {0: images(6)}, {})) is None
