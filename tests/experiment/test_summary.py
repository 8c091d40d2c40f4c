"""From scores to the summary that a reader sees."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ganaug.classifier.scores import Scores
from ganaug.data.images import LabelledImages
from ganaug.experiment.arm_settings import Arm
from ganaug.experiment.comparison import ArmScores, Comparison, Data, choose
from ganaug.experiment.evaluate_settings import Evaluate, Information
from ganaug.experiment.statistics import gain_in_recall, quantile
from ganaug.experiment.summary import average_quality, headline_metrics, summarise
from ganaug.experiment.wording import as_text, interval_text

LABELS = np.repeat([0, 1], 10)
SETTINGS = Evaluate(reference="real", confidence=0.5)


def scores(first, second):
    """Return the scores of a test set with ten images in each of two classes, of which the first so many are found."""
    recall = np.array([first, second]) / 10
    confusion = np.array([[first, 10 - first], [10 - second, second]])
    right = np.concatenate([np.arange(10) < first, np.arange(10) < second])
    return Scores(recall.mean(), recall.mean(), 0.5, recall, confusion, right[None])


def arm(*test, val=(5, 5), group="baseline", knows=Information.LABELS, **settings):
    """Return an arm of that group: half of an augmented one's images are synthetic."""
    return ArmScores(
        synthetic=0.5 * (group == "augmented"),
        arm=Arm(**settings),
        group=group,
        knows=knows,
        val=tuple(scores(*val) for _ in test),
        test=tuple(scores(*found) for found in test),
    )


def images(count, classes=("cat", "dog")):
    labels = np.sort(np.arange(count, dtype=np.int64) % 2)
    return LabelledImages(np.zeros((count, 3, 8, 9), np.uint8), labels, classes, {"name": "folder"})


def data(count=2, train=6, pool=1000):
    return Data(images(20), {3 - 2 * one: images(train) for one in range(count)}, {"cat": pool, "dog": pool})


def summed(arms, settings=SETTINGS, of=None, findings=None):
    of = of or data(len(next(iter(arms.values())).test))
    return summarise(arms, settings, of, findings or {})


ARMS = {"real": arm((6, 4), (8, 6)), "gan": arm((8, 4), (10, 8), group="augmented")}


@pytest.fixture
def summary():
    return summed(ARMS)


# --- which arms ------------------------------------------------------------------------------------------------------


def test_given_reference_is_taken():
    assert choose(ARMS, "gan") == Comparison("gan", "gan")


def test_arms_are_those_that_are_best_on_val_whatever_the_test_says():
    arms = {
        "real": arm((9, 9), val=(5, 5)),
        "classical": arm((1, 1), val=(6, 6)),
        "lucky": arm((9, 9), val=(1, 1), group="augmented"),
        "gan": arm((1, 1), val=(7, 7), group="augmented"),
    }
    assert choose(arms) == Comparison("gan", "classical")


def test_equally_good_arms_leave_the_first():
    arms = {"real": arm((1, 1)), "classical": arm((9, 9)), "gan": arm((1, 1), group="augmented")}
    assert choose(arms) == Comparison("gan", "real")
    assert choose(dict(reversed(arms.items()))) == Comparison("gan", "classical")


@pytest.mark.parametrize(
    ("gan", "reference"), [(Information.LABELS, "classical"), (Information.UNLABELLED, "pseudo_label")]
)
def test_the_reference_is_the_best_that_knows_no_more_than_the_augmented_arm(gan, reference):
    arms = {
        "classical": arm((1, 1), val=(6, 6)),
        "pseudo_label": arm((1, 1), val=(7, 7), knows=Information.UNLABELLED),
        "real_all": arm((1, 1), val=(9, 9), knows=Information.MORE_LABELS),
        "gan": arm((1, 1), val=(8, 8), group="augmented", knows=gan),
    }
    assert choose(arms) == Comparison("gan", reference)


# --- what the summary holds ------------------------------------------------------------------------------------------


def test_summary_describes_the_data(summary):
    assert summary["dataset"] == {
        "name": "folder",
        "classes": ["cat", "dog"],
        "image_shape": [3, 8, 9],
        "train_per_class": {"cat": 3, "dog": 3},
        "test_size": 20,
        "test_groups": 20,
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
    assert gain["balanced_accuracy"]["mean"] == 0.15
    assert gain["balanced_accuracy"]["per_replicate"] == [0.1, 0.2]
    assert gain["macro_f1"]["mean"] == 0.0
    assert {name: change["mean"] for name, change in gain["recall"].items()} == {"cat": 0.2, "dog": 0.1}


def test_intervals_of_all_gains_hold_together():
    arms = ARMS | {"other": arm((6, 4), (8, 8), group="augmented")}
    low, mean, high = (summed(arms)["gains"]["gan"]["balanced_accuracy"][one] for one in ("low", "mean", "high"))
    estimate = gain_in_recall(arms["gan"].right, arms["real"].right, LABELS, overlap=3 / 1000)
    # two comparisons at 50 % together: each at 75 %, so that an eighth is left on each side
    assert (high - mean, mean - low) == pytest.approx([quantile(0.875, 1) * estimate.error()] * 2, abs=2e-6)
    # the verdict's two arms were chosen beforehand: 50 %, a quarter on each side
    verdict = summed(arms)["verdict"]
    assert verdict["high"] - verdict["gain"] == pytest.approx(quantile(0.75, 1) * estimate.error(), abs=2e-6)


def test_groups_of_test_images_widen_all_intervals():
    of = data()
    pairs = replace(of, test=replace(of.test, groups=np.arange(20) // 2))
    arms = {"real": arm((2, 2), (3, 3)), "gan": arm((8, 8), (9, 9), group="augmented")}
    alone, together = (summed(arms, of=one) for one in (of, pairs))
    assert together["dataset"]["test_groups"] == 10
    assert "20 test images of 10 groups, 2 replicates" in as_text(together)
    for one in (lambda summary: summary["verdict"], lambda summary: summary["gains"]["gan"]["recall"]["dog"]):
        assert one(together)["high"] - one(together)["low"] > one(alone)["high"] - one(alone)["low"]


def test_a_class_has_the_groups_of_its_own_images():
    of = data()
    groups = np.concatenate([np.arange(10), 10 + np.arange(10) // 4])  # ten of the first class, three of the second
    of = replace(of, test=replace(of.test, groups=groups))
    found = of.gain(ARMS["gan"], ARMS["real"], LABELS == 1)
    alone = [ARMS[name].right[..., 10:] for name in ("gan", "real")]
    assert found == gain_in_recall(*alone, LABELS[10:], groups=groups[10:], overlap=of.overlap)
    assert found.test_degrees == 2


@pytest.mark.parametrize(
    ("train", "pool", "overlap"),
    [(6, 1000, 0.003), (6, 6, 0.5), (6, 3, 1.0)],  # 3 images a class, of so many
)
def test_overlap_is_the_share_of_the_pool_in_each_training_set(train, pool, overlap):
    assert data(train=train, pool=pool).overlap == pytest.approx(overlap)


def test_overlapping_training_sets_widen_intervals_and_equal_ones_do_not():
    """With the whole pool in every training set the gain is that for these images: there are no others."""
    arms = {"real": arm((5, 5), (5, 5)), "gan": arm((5, 5), (10, 10), group="augmented")}
    apart, shared, equal = (summed(arms, of=data(pool=pool))["verdict"] for pool in (10**6, 4, 3))
    widths = [one["high"] - one["low"] for one in (apart, shared, equal)]
    assert widths[1] > widths[0] == pytest.approx(widths[2], rel=1e-4)


def test_a_verdict_about_these_very_images_says_so():
    says = "All replicates have the same training images: this is about these very images."
    assert summed(ARMS, of=data(pool=3))["verdict"]["sentence"].endswith(says)
    assert says not in summed(ARMS, of=data(pool=4))["verdict"]["sentence"]


def test_the_reference_has_no_gain(summary):
    assert list(summary["gains"]) == ["gan"]


def test_summary_is_the_same_each_time_and_survives_json(summary):
    assert json.dumps(summary) == json.dumps(summed(ARMS))
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
    assert "+15.0 [" in rows["gan"]
    assert "gain in points over real" in rows["arm"]
    assert "50% interval over replicates; of gains, over test images too and all at once" in text
    assert summary["verdict"]["sentence"] in text
    assert summary["worth"]["sentence"] in text


def test_findings_in_the_training_of_a_gan_are_told():
    summary = summed(ARMS, findings={0: [], 1: ["generator collapsed"]})
    assert summary["findings"] == {"0": [], "1": ["generator collapsed"]}
    lines = [line for line in as_text(summary).splitlines() if "GAN of replicate" in line]
    assert lines == ["GAN of replicate 1: generator collapsed (what to try: models/gan/1/health.json)"]


def test_unequal_classes_are_told_as_a_range():
    assert "2 to 3 labelled training images a class" in as_text(summed(ARMS, of=data(train=5)))


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


# --- the verdict -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gan", "smallest", "answer", "says"),
    [
        (arm((8, 5), (9, 7), group="augmented"), 0.01, "helps", "GAN augmentation helps: gan changes"),  # 0.15, 0.1
        (arm((4, 4), (6, 6), group="augmented"), 0.01, "harms", "GAN augmentation harms: gan changes"),
        (arm((7, 5), (8, 4), group="augmented"), 0.01, "undecided", "2 replicates would find gains of"),  # 0.1, −0.1
        (arm((6, 4), (8, 6), group="augmented"), 0.1, "no effect", "probably less than 10 points"),
        (arm((7, 5), group="augmented"), 0.01, "undecided", "one replicate cannot tell"),
    ],
)
def test_verdict_says_what_the_interval_says(gan, smallest, answer, says):
    count = len(gan.test)
    real = arm(*[(6, 4), (8, 6)][:count])
    verdict = summed({"real": real, "gan": gan}, Evaluate(confidence=0.5, smallest_gain=smallest))["verdict"]
    assert verdict["answer"] == answer
    assert (verdict["arm"], verdict["reference"]) == ("gan", "real")
    assert says in verdict["sentence"]
    assert "gan changes balanced accuracy by" in verdict["sentence"]


def test_an_arm_that_chose_no_synthetic_images_and_is_its_baseline_has_surely_no_gain():
    same = replace(arm((6, 4), (8, 6), group="augmented", synthetic=(0, 0.5)), synthetic=0.0)
    verdict = summed(ARMS | {"gan": same})["verdict"]
    assert (verdict["answer"], verdict["low"], verdict["high"]) == ("not used", 0.0, 0.0)
    assert verdict["sentence"].endswith("was better for gan than none. Without any, it predicts what real does.")


@pytest.mark.parametrize("found", [(8, 8), (6, 4), (2, 2)])
def test_without_synthetic_images_a_gain_is_not_the_gans(found):
    """The arm is then one of real images, and may differ from the reference in its transforms."""
    arms = ARMS | {"gan": replace(arm(found, found, group="augmented", synthetic=(0, 0.5)), synthetic=0.0)}
    summary = summed(arms)
    assert summary["verdict"]["answer"] == "not used"
    assert summary["verdict"]["sentence"].startswith(
        "GAN augmentation is not used: on validation no share of synthetic images was better for gan than none. "
        "Without any, gan changes balanced accuracy by "
    )
    assert "worth" not in summary
    assert summary["verdict"]["sentence"] in as_text(summary)


@pytest.mark.parametrize("uses", [{"discriminator": True}, {"pseudo_labels": 0.5, "teacher": "discriminator"}])
def test_the_discriminator_is_of_the_gan_though_it_has_no_share(uses):
    told = replace(arm((8, 5), (9, 7), group="augmented", **uses), synthetic=0.0)
    assert summed(ARMS | {"gan": told})["verdict"]["answer"] == "helps"


@pytest.mark.parametrize(
    ("gan", "reference", "told"),
    [
        (Information.UNLABELLED, Information.LABELS, True),
        (Information.UNLABELLED, Information.UNLABELLED, False),
        (Information.LABELS, Information.LABELS, False),
    ],
)
def test_a_reference_that_knows_less_is_told(gan, reference, told):
    arms = {"real": arm((5, 5), (6, 6), knows=reference), "gan": arm((6, 6), (8, 8), group="augmented", knows=gan)}
    sentence = summed(arms)["verdict"]["sentence"]
    assert sentence.endswith(" gan has also learned from images without labels, as real has not.") == told


# --- worth -----------------------------------------------------------------------------------------------------------


def test_worth_compares_with_the_reference_and_more_labels():
    arms = ARMS | {
        "more": arm((8, 8), (8, 8), labels=30, knows=Information.MORE_LABELS),
        "mixed": arm((9, 9), (9, 9), labels=30, balanced=True, knows=Information.MORE_LABELS),
    }
    # gan is at 0.75 on average, real at 0.6 with 3 labels a class, at 0.8 with 30: 0 of the lead lies three quarters of
    # the way in the logarithm; the other arm is another way of training
    found = summed(arms)["worth"]
    assert found["labels_per_class"] == pytest.approx(3 * 10**0.75 - 3, abs=0.01)


def test_worth_over_pseudo_labels_is_in_labels_too():
    unlabelled, more = Information.UNLABELLED, Information.MORE_LABELS
    arms = {
        "real": arm((5, 3), (7, 5), val=(1, 1)),  # another arm of as many labels, which is not the reference
        "pseudo": arm((6, 4), (8, 6), val=(4, 4), pseudo_labels=0.5, pseudo_label_threshold=0.9, knows=unlabelled),
        "more": arm((8, 8), (8, 8), labels=30, knows=more),
        "gan": arm((8, 4), (10, 8), group="augmented", knows=unlabelled),
    }
    summary = summed(arms, Evaluate(confidence=0.5))
    assert summary["verdict"]["reference"] == "pseudo"
    assert summary["worth"]["labels_per_class"] == pytest.approx(3 * 10**0.75 - 3, abs=0.01)


def test_quality_is_the_mean_of_the_replicates_that_could_tell():
    def quality(synthetic, held_out):
        figure = {"better": "low", "ideal": 0.0, "sees": "features", "synthetic": synthetic, "train": None}
        return {"features": "ensemble", "figures": {"fid": figure | {"held_out": held_out, "per_class": {}}}}

    found = average_quality([quality(1.0, None), quality(2.0, 3.0)])
    assert found["features"] == "ensemble"
    assert found["figures"] == {
        "fid": {"better": "low", "ideal": 0.0, "sees": "features", "synthetic": 1.5, "train": None, "held_out": 3.0}
    }


def test_classes_weigh_the_same_in_the_overlap_as_in_balanced_accuracy():
    # 3 of 4 cats and 3 of 1,000 dogs
    of = Data(images(20), {0: images(6)}, {"cat": 4, "dog": 1000})
    assert of.overlap == pytest.approx((0.75 + 0.003) / 2)
