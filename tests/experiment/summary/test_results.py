"""Scores become summary.json and the terminal's table."""

import json
from dataclasses import replace

import numpy as np
import pytest
from summaries import completed

from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.comparison import ArmScores, Comparison, ExperimentData, choose_comparison
from ganaug.experiment.evaluate_settings import Evaluate, TrainedOn
from ganaug.experiment.findings.answers import Answers
from ganaug.experiment.metrics.balanced_accuracy import BalancedAccuracy
from ganaug.experiment.metrics.log_loss import LogLoss
from ganaug.experiment.metrics.recall import Recall
from ganaug.experiment.statistics.estimate import estimate_gain
from ganaug.experiment.statistics.measured import Measured
from ganaug.experiment.statistics.spread import Spread
from ganaug.experiment.summary.results import headline_metrics, summarise
from ganaug.experiment.summary.text import as_text

LABELS = np.repeat([0, 1], 10)
SETTINGS = Evaluate(reference="real", confidence_level=0.5)


BALANCED = BalancedAccuracy()


def measured(*pairs):
    """Return predictions for ten images of each of two classes: a replicate gets the first (first, second) right."""
    right = np.array([np.concatenate([np.arange(10) < count for count in pair]) for pair in pairs])
    return Measured(np.eye(2)[np.where(right, LABELS, 1 - LABELS)][:, None], LABELS, np.arange(20), ("cat", "dog"))


def arm(*test, val=(5, 5), group="baseline", trained_on=TrainedOn.LABELS, **settings):
    """Return an arm of this group, with one (first, second) pair in `measured` per replicate.

    Half of the images of an augmented arm are synthetic.
    """
    return ArmScores(
        synthetic=0.5 * (group == "augmented"),
        arm=Arm(**settings),
        group=group,
        trained_on=trained_on,
        val=measured(*[val] * len(test)),
        test=measured(*test),
    )


def right(arm):
    """Return whether each of an arm's classifiers gets each test image right, (R, S, N)."""
    return arm.per_image(BALANCED).values


def grouped(arms, groups):
    """Return the same arms on test images that come in groups."""
    return {name: replace(one, test=replace(one.test, groups=groups)) for name, one in arms.items()}


def images(count, classes=("cat", "dog")):
    labels = np.sort(np.arange(count, dtype=np.int64) % 2)
    return LabelledImages(np.zeros((count, 3, 8, 9), np.uint8), labels, classes, {"name": "folder"})


def data(count=2, train=6, pool=1000):
    return ExperimentData(images(20), {3 - 2 * one: images(train) for one in range(count)}, {"cat": pool, "dog": pool})


def summed(arms, settings=SETTINGS, of=None, findings=None, idle=None):
    of = of or data(len(next(iter(arms.values())).test.probabilities))
    return summarise(arms, settings, of, findings or {}, idle or {})


def shown(results):
    """Return these results as text for a terminal."""
    return as_text(completed(results))


ARMS = {"real": arm((6, 4), (8, 6)), "gan": arm((8, 4), (10, 8), group="augmented")}


@pytest.fixture
def summary():
    return summed(ARMS)


def test_a_look_widens_all_intervals():
    # the first of two looks, at 2 of 4 replicates, spends half of the 50%
    looks, once = summed(ARMS, replace(SETTINGS, looks=(2, 4))), summed(ARMS)
    assert looks["verdict"]["confidence_level"] == pytest.approx(0.75)
    assert "75% interval" in looks["verdict"]["sentence"]
    assert "look 1 of at most 2" in looks["verdict"]["sentence"]
    assert looks["verdict"]["minimum_detectable"] > once["verdict"]["minimum_detectable"]
    key = "balanced_accuracy"
    for gain, narrower in ((looks["gains"]["gan"][one], once["gains"]["gan"][one]) for one in (key, "accuracy")):
        assert gain["low"] < narrower["low"]
    assert looks["gains"]["gan"]["alone"]["low"] == looks["gains"]["gan"][key]["low"]  # there is one other arm
    assert looks["arms"]["gan"][key]["low"] < once["arms"]["gan"][key]["low"]
    assert "[low, high]: 75% interval" in shown(looks)


def test_what_replicates_share_limits_the_verdict():
    arms = {"real": ARMS["real"], "gan": replace(ARMS["gan"], trained_on=TrainedOn.UNLABELLED)}
    assert summed(arms)["verdict"]["sentence"].endswith(
        "All replicates share the unlabelled images, so this result holds for those only."
    )


def test_the_spread_is_that_of_the_gain_in_the_verdict(summary):
    spread = Spread.from_dict(summary["spread"])
    assert spread.estimate.mean == pytest.approx(summary["verdict"]["gain"])
    assert (spread.seeds, spread.seed_variance) == (1, None)


# --- choosing the arms -----------------------------------------------------------------------------------------------


def test_given_reference_is_used():
    assert choose_comparison(ARMS, BALANCED, "gan") == Comparison(("gan",), ("gan",))


def test_arms_are_chosen_on_validation_and_not_on_test():
    arms = {
        "real": arm((9, 9), val=(5, 5)),
        "classical": arm((1, 1), val=(6, 6)),
        "lucky": arm((9, 9), val=(1, 1), group="augmented"),
        "gan": arm((1, 1), val=(7, 7), group="augmented"),
    }
    assert choose_comparison(arms, BALANCED) == Comparison(("gan",), ("classical",))


def test_ties_are_no_choice():
    arms = {"real": arm((1, 1)), "classical": arm((9, 9)), "gan": arm((1, 1), group="augmented")}
    assert choose_comparison(arms, BALANCED) == Comparison(("gan",), ("classical", "real"))
    assert choose_comparison(dict(reversed(arms.items())), BALANCED) == Comparison(("gan",), ("classical", "real"))
    arms["gan_2"] = arm((9, 9), group="augmented")
    assert choose_comparison(arms, BALANCED).arms == ("gan", "gan_2")


def test_a_tie_in_one_metric_is_none_in_another():
    arms = {
        "real": arm((1, 1), val=(6, 4)),
        "classical": arm((9, 9), val=(4, 6)),
        "gan": arm((1, 1), group="augmented"),
    }
    assert choose_comparison(arms, BALANCED).references == ("classical", "real")
    assert choose_comparison(arms, Recall(of_class="cat")).references == ("real",)
    assert choose_comparison(arms, LogLoss()).references == ("classical", "real")  # as many impossible ones


def test_references_of_arms_that_tie_may_know_what_any_of_them_knows():
    arms = {
        "classical": arm((1, 1), val=(6, 6)),
        "pseudo_label": arm((1, 1), val=(7, 7), trained_on=TrainedOn.UNLABELLED),
        "gan": arm((1, 1), group="augmented"),
        "gan_pseudo": arm((1, 1), group="augmented", trained_on=TrainedOn.UNLABELLED),
    }
    assert choose_comparison(arms, BALANCED) == Comparison(("gan", "gan_pseudo"), ("pseudo_label",))


@pytest.mark.parametrize(
    ("gan", "reference"),
    [
        (TrainedOn.LABELS, "classical"),
        (TrainedOn.UNLABELLED, "pseudo_label"),
        (TrainedOn.OTHER_DOMAIN, "other_domain"),
        (TrainedOn.DESCRIPTIONS, "classical"),
        (TrainedOn.PRETRAINED, "classical"),
        (TrainedOn.UNLABELLED | TrainedOn.OTHER_DOMAIN, "both"),
    ],
)
def test_reference_is_the_best_arm_trained_on_no_more_than_the_augmented_arm(gan, reference):
    arms = {
        "classical": arm((1, 1), val=(6, 6)),
        "pseudo_label": arm((1, 1), val=(7, 7), trained_on=TrainedOn.UNLABELLED),
        "other_domain": arm((1, 1), val=(7, 7), trained_on=TrainedOn.OTHER_DOMAIN),
        "both": arm((1, 1), val=(8, 8), trained_on=TrainedOn.OTHER_DOMAIN | TrainedOn.UNLABELLED),
        "real_all": arm((1, 1), val=(9, 9), trained_on=TrainedOn.MORE_LABELS),
        "gan": arm((1, 1), val=(8, 8), group="augmented", trained_on=gan),
    }
    assert choose_comparison(arms, BALANCED) == Comparison(("gan",), (reference,))


# --- content of the summary ------------------------------------------------------------------------------------------


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
    # real: balanced accuracies 0.5 and 0.7
    real = summary["arms"]["real"]
    assert real["balanced_accuracy"]["mean"] == 0.6
    assert real["balanced_accuracy"]["per_replicate"] == [0.5, 0.7]
    assert real["recall"] == {"cat": 0.7, "dog": 0.5}
    assert real["confusion"] == [[14, 6], [10, 10]]  # [[6, 4], [6, 4]] + [[8, 2], [4, 6]]
    assert real["val_balanced_accuracy"] == 0.5


def test_an_arms_own_interval_knows_that_the_test_images_are_a_sample(summary):
    # 50%: a quarter on each side. Replicates alone would leave one standard error of two values, 0.1
    found, right_ones = summary["arms"]["real"]["balanced_accuracy"], right(ARMS["real"])
    margin = estimate_gain(right_ones, np.zeros((1, 1, 20)), LABELS, overlap=3 / 1000).margin(0.75)
    assert (found["high"] - 0.6, 0.6 - found["low"]) == pytest.approx([margin] * 2, abs=2e-6)
    assert margin > 0.1


def test_gains_are_paired_differences_to_the_reference(summary):
    # balanced accuracy: 0.6 − 0.5 = 0.1 and 0.9 − 0.7 = 0.2
    gain = summary["gains"]["gan"]
    assert gain["reference"] == "real"
    assert gain["balanced_accuracy"]["mean"] == 0.15
    assert gain["balanced_accuracy"]["per_replicate"] == [0.1, 0.2]
    # F1 of cat and dog: 2·6/22 and 2·4/18 become 2·8/24 and 2·4/16; 2·8/22 and 2·6/18 become 2·10/22 and 2·8/18
    assert gain["macro_f1"]["per_replicate"] == [0.088384, 0.20202]
    assert {name: change["mean"] for name, change in gain["recall"].items()} == {"cat": 0.2, "dog": 0.1}


def test_intervals_of_all_gains_hold_simultaneously():
    arms = ARMS | {"other": arm((6, 4), (8, 8), val=(4, 4), group="augmented")}
    low, mean, high = (summed(arms)["gains"]["gan"]["balanced_accuracy"][one] for one in ("low", "mean", "high"))
    estimate = estimate_gain(right(arms["gan"]), right(arms["real"]), LABELS, overlap=3 / 1000)
    # two comparisons at 50% together: 75% each, which leaves an eighth on each side
    assert (high - mean, mean - low) == pytest.approx([estimate.margin(0.875)] * 2, abs=2e-6)
    # the verdict compares two arms chosen beforehand: 50%, which leaves a quarter on each side
    verdict = summed(arms)["verdict"]
    assert verdict["high"] - verdict["gain"] == pytest.approx(estimate.margin(0.75), abs=2e-6)


def test_groups_of_test_images_widen_all_intervals():
    of = data()
    pairs = replace(of, test=replace(of.test, groups=np.arange(20) // 2))
    arms = {"real": arm((2, 2), (3, 3)), "gan": arm((8, 8), (9, 9), group="augmented")}
    alone, paired = summed(arms, of=of), summed(grouped(arms, pairs.test.groups), of=pairs)
    assert paired["dataset"]["test_groups"] == 10
    assert "20 test images in 10 groups, 2 replicates" in shown(paired)
    for one in (lambda summary: summary["verdict"], lambda summary: summary["gains"]["gan"]["recall"]["dog"]):
        assert one(paired)["high"] - one(paired)["low"] > one(alone)["high"] - one(alone)["low"]


def test_recall_of_a_class_uses_the_groups_of_its_own_images():
    of = data()
    groups = np.concatenate([np.arange(10), 10 + np.arange(10) // 4])  # ten of the first class, three of the second
    arms = grouped(ARMS, groups)
    found = of.gain(arms["gan"], arms["real"], Recall(of_class="dog"))
    alone = [right(ARMS[name])[..., 10:] for name in ("gan", "real")]
    assert found == estimate_gain(*alone, LABELS[10:], groups=groups[10:], overlap=of.overlap)
    assert found.test_degrees_of_freedom == 2


@pytest.mark.parametrize(
    ("train", "pool", "overlap"),
    [(6, 1000, 0.003), (6, 6, 0.5), (6, 3, 1.0)],  # 3 images per class, out of `pool`
)
def test_overlap_is_the_fraction_of_the_pool_in_each_training_set(train, pool, overlap):
    assert data(train=train, pool=pool).overlap == pytest.approx(overlap)


def test_overlapping_training_sets_widen_intervals_and_equal_ones_do_not():
    """If every training set is the whole pool, the gain holds for these images: there are no others."""
    arms = {"real": arm((5, 5), (5, 5)), "gan": arm((5, 5), (10, 10), group="augmented")}
    apart, shared, equal = (summed(arms, of=data(pool=pool))["verdict"] for pool in (10**6, 4, 3))
    widths = [one["high"] - one["low"] for one in (apart, shared, equal)]
    assert widths[1] > widths[0] == pytest.approx(widths[2], rel=1e-4)


def test_verdict_on_equal_training_sets_says_so():
    caveat = "All replicates have the same training images, so this result holds for these images only."
    assert summed(ARMS, of=data(pool=3))["verdict"]["sentence"].endswith(caveat)
    assert caveat not in summed(ARMS, of=data(pool=4))["verdict"]["sentence"]


def test_reference_has_no_gain(summary):
    assert list(summary["gains"]) == ["gan"]


def test_summary_is_deterministic_and_survives_json(summary):
    assert json.dumps(summary) == json.dumps(summed(ARMS))
    assert json.loads(json.dumps(summary)) == summary


def test_headline_metrics_are_means(summary):
    assert headline_metrics(summary) == {
        "balanced_accuracy": {"real": 0.6, "gan": 0.75},
        "gain": {"gan": 0.15},
        "verdict": {"gain": 0.15},
    }


def test_table_shows_arms_and_gains_and_explains_the_brackets(summary):
    text = shown(summary)
    assert "folder: 2 classes, 3 labelled training images per class" in text
    assert "20 test images, 2 replicates" in text
    rows = {line.split()[0]: line for line in text.splitlines() if line}
    low, high = (f"{100 * summary['arms']['real']['balanced_accuracy'][end]:.1f}" for end in ("low", "high"))
    assert f"60.0 [{low}, {high}]" in rows["real"]
    assert rows["real"].endswith("  reference")
    assert "75.0 [" in rows["gan"]
    assert "+15.0 [" in rows["gan"]
    assert rows["gan"].endswith("  helps")
    assert "gain over real, points" in rows["arm"]
    assert "[low, high]: 50% interval, for other training images, seeds and test images." in " ".join(text.split())
    assert summary["verdict"]["sentence"] in text
    assert summary["label_equivalent"]["sentence"] in text


def test_findings_about_a_gan_are_shown():
    summary = summed(ARMS, findings={0: [], 1: ["generator collapsed"]})
    assert summary["findings"] == {"0": [], "1": ["generator collapsed"]}
    lines = [line for line in shown(summary).splitlines() if "GAN of replicate" in line]
    assert lines == ["GAN of replicate 1: generator collapsed (what to try: models/gan/1/health.json)"]


def test_unequal_classes_are_shown_as_a_range():
    assert "2 to 3 labelled training images per class" in shown(summed(ARMS, of=data(train=5)))


# --- the verdict -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gan", "smallest", "answer", "says"),
    [
        (arm((8, 5), (9, 7), group="augmented"), 0.01, "helps", "GAN augmentation helps: with `gan`, "),  # 0.15, 0.1
        (arm((4, 4), (6, 6), group="augmented"), 0.01, "harms", "GAN augmentation harms accuracy: with `gan`, "),
        (arm((7, 5), (8, 4), group="augmented"), 0.01, "undecided", "With 2 replicates, this experiment"),  # 0.1, −0.1
        (arm((6, 4), (8, 6), group="augmented"), 0.1, "no effect", "probably smaller than 10 points"),
        (arm((7, 5), group="augmented"), 0.01, "undecided", "One replicate cannot show"),
    ],
)
def test_verdict_follows_from_the_interval(gan, smallest, answer, says):
    count = len(gan.test.probabilities)
    real = arm(*[(6, 4), (8, 6)][:count])
    verdict = summed({"real": real, "gan": gan}, Evaluate(confidence_level=0.5, smallest_gain=smallest))["verdict"]
    assert verdict["answer"] == answer
    assert (verdict["arm"], verdict["reference"]) == ("gan", "real")
    assert says in verdict["sentence"]


def test_interval_of_the_verdict_has_the_level_it_names():
    verdict = summed(ARMS, Evaluate(confidence_level=0.5))["verdict"]
    low, high = (f"{100 * verdict[end]:+.1f}" for end in ("low", "high"))
    assert (
        f"balanced accuracy is 15.0 points higher than with `real` (50% interval {low} to {high})"
        in verdict["sentence"]
    )


def test_arm_that_chose_no_synthetic_images_and_equals_its_baseline_has_no_gain():
    same = replace(arm((6, 4), (8, 6), group="augmented", synthetic=(0, 0.5)), synthetic=0.0)
    verdict = summed(ARMS | {"gan": same})["verdict"]
    assert (verdict["answer"], verdict["low"], verdict["high"]) == ("not used", 0.0, 0.0)
    assert verdict["sentence"].endswith("it makes the same predictions as `real`.")


def test_where_no_synthetic_images_are_best_the_gans_own_gain_is_0_everywhere():
    tried = {"0.0": 0.9, "0.25": 0.85, "0.5": 0.8}
    unused = replace(arm((8, 8), (8, 8), group="augmented", synthetic=(0, 0.25, 0.5)), synthetic=0.0, tried=tried)
    summary = summed(ARMS | {"gan": unused})
    assert summary["verdict"]["headline"] == (
        "No. Synthetic images did not improve balanced accuracy on validation: 90.0% with none, 85.0% with 25%, 80.0% "
        "with 50%. Train without them."
    )
    assert {summary["verdict"][end] for end in ("gain", "low", "high")} == {0.0}
    assert headline_metrics(summary)["verdict"] == {"gain": 0.0}
    assert summary["verdict"]["difference"]["mean"] == 0.2  # from 12 and 16 of 20 in `real`, to 16: its transforms
    assert summary["gains"]["gan"]["answer"] == summary["gains"]["gan"]["alone"]["answer"] == "not used"
    assert summary["arms"]["gan"]["tried"] == tried


def test_arms_without_the_gan_are_better_or_worse_and_the_one_in_the_verdict_has_its_word():
    better = arm((10, 10), (10, 10), labels="all")
    summary = summed(ARMS | {"classical": better})
    assert summary["gains"]["classical"]["alone"]["answer"] == "better"
    assert summary["gains"]["gan"]["alone"]["answer"] == summary["verdict"]["answer"]
    assert {summary["gains"]["gan"]["alone"][end] for end in ("low", "high")} == {
        summary["verdict"][end] for end in ("low", "high")
    }
    words = {line.split()[0]: line.split()[-1] for line in shown(summary).splitlines()[3:7] if line}
    assert words == {"arm": "answer", "real": "reference", "gan": "helps", "classical": "better"}


@pytest.mark.parametrize("found", [(8, 8), (6, 4), (2, 2)])
def test_gain_without_synthetic_images_is_not_due_to_the_gan(found):
    """Such an arm uses real images only, and may differ from the reference in its transforms."""
    arms = ARMS | {"gan": replace(arm(found, found, group="augmented", synthetic=(0, 0.5)), synthetic=0.0)}
    summary = summed(arms)
    assert summary["verdict"]["answer"] == "not used"
    assert summary["verdict"]["sentence"].startswith("GAN augmentation is not used: ")
    assert summary["verdict"]["sentence"].endswith("which is not due to the GAN.")
    assert "label_equivalent" not in summary
    assert summary["verdict"]["sentence"] in shown(summary)


@pytest.mark.parametrize("uses", [{"discriminator": True}, {"pseudo_labels": 0.5, "teacher": "discriminator"}])
def test_arm_that_uses_the_discriminator_uses_the_gan_without_synthetic_images(uses):
    gan = replace(arm((8, 5), (9, 7), group="augmented", **uses), synthetic=0.0)
    assert summed(ARMS | {"gan": gan})["verdict"]["answer"] == "helps"


@pytest.mark.parametrize(
    ("gan", "reference", "noted"),
    [
        (TrainedOn.UNLABELLED, TrainedOn.LABELS, "unlabelled images"),
        (TrainedOn.OTHER_DOMAIN, TrainedOn.UNLABELLED, "images of another domain"),
        (
            TrainedOn.UNLABELLED | TrainedOn.OTHER_DOMAIN,
            TrainedOn.LABELS,
            "unlabelled images and images of another domain",
        ),
        (TrainedOn.DESCRIPTIONS, TrainedOn.LABELS, "descriptions"),
        (TrainedOn.PRETRAINED, TrainedOn.LABELS, "a pretrained network"),
        (TrainedOn.PRETRAINED, TrainedOn.PRETRAINED, None),
        (TrainedOn.UNLABELLED, TrainedOn.UNLABELLED, None),
        (TrainedOn.LABELS, TrainedOn.LABELS, None),
    ],
)
def test_verdict_notes_a_reference_that_was_trained_on_less(gan, reference, noted):
    arms = {
        "real": arm((5, 5), (6, 6), trained_on=reference),
        "gan": arm((6, 6), (8, 8), group="augmented", trained_on=gan),
    }
    sentence = summed(arms)["verdict"]["sentence"]
    if noted is None:
        assert "also learned from" not in sentence
    else:
        assert f" Note that `gan` also learned from {noted}, and `real` did not." in sentence


def test_summary_says_what_each_arm_was_trained_on():
    arms = ARMS | {
        "other": arm((5, 5), (6, 6), trained_on=TrainedOn.UNLABELLED | TrainedOn.OTHER_DOMAIN),
        "more": arm((5, 5), (6, 6), trained_on=TrainedOn.MORE_LABELS),
    }
    trained_on = {name: found["trained_on"] for name, found in summed(arms)["arms"].items()}
    assert (trained_on["real"], trained_on["other"], trained_on["more"]) == (
        "labels",
        "unlabelled, other domain",
        "more labels",
    )


# --- ties ------------------------------------------------------------------------------------------------------------


CHOOSING = Evaluate(confidence_level=0.5)
TIED = {
    "classical": arm((6, 4), (8, 6)),  # balanced accuracies 0.5, 0.7
    "real": arm((5, 3), (5, 3)),  # 0.4, 0.4
    "worse": arm((9, 9), (9, 9), val=(4, 4)),
    "gan": arm((8, 4), (10, 8), group="augmented"),  # 0.6, 0.9
    "gan_2": arm((7, 5), (8, 6), group="augmented"),  # 0.6, 0.7
    "gan_worse": arm((9, 9), (9, 9), val=(4, 4), group="augmented"),
}


def test_arms_that_tie_count_as_their_mean():
    # arms: 0.6 and 0.8, references: 0.45 and 0.55
    summary = summed(TIED, CHOOSING)
    verdict = summary["verdict"]
    assert (verdict["arms"], verdict["references"]) == (["gan", "gan_2"], ["classical", "real"])
    assert verdict["gain"] == 0.2  # 0.15 and 0.25 in the two replicates
    assert verdict["metrics"]["balanced_accuracy"]["gain"]["per_replicate"] == [0.15, 0.25]
    assert (verdict["metrics"]["accuracy"]["arm"], verdict["metrics"]["accuracy"]["reference"]) == (0.7, 0.5)
    pairs = ("gan", "gan_2"), ("classical", "real")
    values = [(right(TIED[one]) + 0.0 + right(TIED[other])) / 2 for one, other in pairs]
    expected = estimate_gain(*values, LABELS, overlap=data().overlap).interval(0.5)
    assert (verdict["low"], verdict["high"]) == pytest.approx(expected[1:3], abs=1e-6)


def test_arms_that_tie_are_named_and_said_to_tie():
    summary = summed(TIED, CHOOSING)
    sentence = summary["verdict"]["sentence"]
    difference = "balanced accuracy is 20.0 points higher than with `classical` and `real`"
    assert f"with `gan` and `gan_2`, {difference}" in sentence
    for side in ("`gan` and `gan_2`", "`classical` and `real`"):
        assert f"On the validation images, {side} are equally good" in sentence
    assert list(summary["gains"]) == ["worse", "gan", "gan_2", "gan_worse"]
    assert summary["gains"]["gan"]["reference"] == "classical and real"
    assert summary["gains"]["gan"]["balanced_accuracy"]["per_replicate"] == [0.15, 0.35]
    assert "gain over classical and real, points" in shown(summary)


def test_reordering_arms_changes_nothing_but_the_order_of_the_table():
    there, back = summed(TIED, CHOOSING), summed(dict(reversed(TIED.items())), CHOOSING)
    assert json.dumps(there["verdict"]) == json.dumps(back["verdict"])
    assert there["label_equivalent"] == back["label_equivalent"]
    for part in ("arms", "gains"):
        assert there[part] == back[part]
        assert list(there[part]) == list(reversed(back[part]))


def test_without_a_tie_the_verdict_is_about_one_arm_bit_for_bit():
    assert summed(ARMS)["verdict"]["metrics"]["macro_f1"]["gain"] == summed(ARMS)["gains"]["gan"]["macro_f1"]


def test_arms_with_more_labels_are_those_of_all_references_that_have_some():
    more = {"labels": 30, "trained_on": TrainedOn.MORE_LABELS}
    arms = {
        "real": arm((6, 4), (8, 6)),  # mean 0.6
        "real_30": arm((8, 8), (8, 8), **more),  # 0.8
        "balanced": arm((5, 5), (5, 5), balanced=True),  # 0.5
        "balanced_30": arm((9, 9), (9, 9), balanced=True, **more),  # 0.9
        "mixed": arm((1, 1), (1, 1), pseudo_labels=0.5, mixing={"name": "MixUp", "alpha": 1.0}),  # has none
        "gan": arm((8, 4), (10, 8), group="augmented"),  # 0.75
    }
    assert summed(arms, CHOOSING)["verdict"]["references"] == ["balanced", "mixed", "real"]
    # over real and balanced the gain is 0.75 − 0.55 = 0.2, over their copies 0.75 − 0.85 = −0.1: two thirds of the way
    assert summed(arms, CHOOSING)["label_equivalent"]["labels_per_class"] == pytest.approx(
        3 * 10 ** (2 / 3) - 3, abs=0.01
    )


def test_of_arms_that_tie_one_with_the_gan_is_enough_for_a_verdict():
    without = replace(arm((6, 4), (8, 6), group="augmented", synthetic=(0, 0.5)), synthetic=0.0)
    assert summed(ARMS | {"without": without})["verdict"]["answer"] != "not used"
    assert (
        summed({"real": ARMS["real"], "without": without, "too": without}, CHOOSING)["verdict"]["answer"] == "not used"
    )


# --- label equivalent ------------------------------------------------------------------------------------------------


def test_label_equivalent_compares_with_the_reference_and_its_copies_with_more_labels():
    arms = ARMS | {
        "more": arm((8, 8), (8, 8), labels=30, trained_on=TrainedOn.MORE_LABELS),
        "mixed": arm((9, 9), (9, 9), labels=30, balanced=True, trained_on=TrainedOn.MORE_LABELS),
    }
    # the mean of gan is 0.75, that of real is 0.6 with 3 labels per class and 0.8 with 30: the gain is 0 three quarters
    # of the way on the logarithmic scale; `mixed` is trained in another way and does not count
    found = summed(arms)["label_equivalent"]
    assert found["labels_per_class"] == pytest.approx(3 * 10**0.75 - 3, abs=0.01)


def test_label_equivalent_over_pseudo_labels_compares_with_labels():
    unlabelled, more = TrainedOn.UNLABELLED, TrainedOn.MORE_LABELS
    arms = {
        "real": arm((5, 3), (7, 5), val=(1, 1)),  # has as many labels, but is not the reference
        "pseudo": arm((6, 4), (8, 6), val=(4, 4), pseudo_labels=0.5, pseudo_label_threshold=0.9, trained_on=unlabelled),
        "more": arm((8, 8), (8, 8), labels=30, trained_on=more),
        "gan": arm((8, 4), (10, 8), group="augmented", trained_on=unlabelled),
    }
    summary = summed(arms, Evaluate(confidence_level=0.5))
    assert summary["verdict"]["reference"] == "pseudo"
    assert summary["label_equivalent"]["labels_per_class"] == pytest.approx(3 * 10**0.75 - 3, abs=0.01)


def test_classes_have_the_same_weight_in_the_overlap_as_in_balanced_accuracy():
    # 3 of 4 cats and 3 of 1,000 dogs
    of = ExperimentData(images(20), {0: images(6)}, {"cat": 4, "dog": 1000})
    assert of.overlap == pytest.approx((0.75 + 0.003) / 2)


# --- nothing learned -------------------------------------------------------------------------------------------------


def answers(predicted):
    """Return the answers of a classifier that predicts these labels."""
    return Answers.of(np.eye(2)[np.asarray(predicted)][None], LABELS)


NOTHING, GUESS = answers(np.zeros(20, np.int64)), answers(np.arange(20) % 2)


@pytest.mark.parametrize(
    ("idle", "named"),
    [
        ({"real": [NOTHING]}, "images, `real` reached a balanced accuracy of 50.0%, where guessing reaches 50.0%. Any"),
        ({"gan": [GUESS]}, "images, `gan` reached a balanced accuracy of 50.0%, where guessing"),
        ({"gan": [GUESS], "real": [NOTHING]}, "reaches 50.0%; `gan` reached a balanced accuracy of 50.0%, where"),
        ({"gan": [answers(LABELS), NOTHING]}, "images, `gan` predicted a single class in 1 of 2 replicates. Any gain"),
    ],
)
def test_a_gain_over_or_of_an_arm_that_learned_nothing_is_no_verdict(idle, named):
    verdict, before = summed(ARMS, idle=idle)["verdict"], summed(ARMS)["verdict"]
    assert verdict["answer"] == "nothing learned"
    assert verdict["headline"].startswith("Not known yet. The classifiers have learned nothing")
    assert verdict["sentence"].startswith("Nothing was learned: ")
    assert named in verdict["sentence"]
    assert "`train_classifier.steps`" in verdict["sentence"]
    assert "label_equivalent" not in summed(ARMS, idle=idle)
    said = ("answer", "headline", "sentence")
    assert {key: value for key, value in verdict.items() if key not in said} == {  # the figures stay the same
        key: value for key, value in before.items() if key not in said
    }


def test_another_arm_that_learned_nothing_leaves_the_verdict_as_it_is():
    arms = ARMS | {"other": arm((6, 4), (8, 8), val=(4, 4), group="augmented")}
    assert summed(arms, idle={"other": [NOTHING]})["verdict"] == summed(arms)["verdict"]
