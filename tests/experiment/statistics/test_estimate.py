"""Estimates of gains, their intervals, and verdicts."""

import numpy as np
import pytest
from estimates import standard_error
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ganaug.experiment.statistics.clusters import Clusters
from ganaug.experiment.statistics.estimate import Estimate, Interval, bonferroni, decide, estimate_gain, t_quantile

shares = st.lists(st.floats(0, 1), min_size=2, max_size=12)
confidence_levels = st.sampled_from([0.5, 0.9, 0.95, 0.99])


def t_interval(values, confidence_level):
    """Return the interval from replicates' values alone, without a sample of test images."""
    variance = float(np.var(values, ddof=1)) if len(values) > 1 else None
    return Estimate(float(np.mean(values)), tuple(values), variance, 0.0).interval(confidence_level)


def test_interval_by_hand():
    # mean 2, standard deviation 1, standard error 1 / √3; Student's t for 2 degrees of freedom is 4.302653 at 97.5%:
    # the margin is 4.302653 / √3 = 2.484138
    interval = t_interval([1.0, 2.0, 3.0], 0.95)
    assert interval.mean == 2.0
    assert interval.low == pytest.approx(2 - 2.484138, abs=1e-6)
    assert interval.high == pytest.approx(2 + 2.484138, abs=1e-6)
    assert interval.per_replicate == (1.0, 2.0, 3.0)


def test_interval_of_two_by_hand():
    # with one degree of freedom t is tan(π (p − 1/2)), which is 1 for p = 0.75: the margin is the standard error, 0.5
    interval = t_interval([0.0, 1.0], 0.5)
    assert (interval.low, interval.high) == pytest.approx((0.0, 1.0))


@given(shares.filter(lambda values: np.std(values) > 1e-6), confidence_levels)
def test_interval_equals_that_of_the_t_test(values, confidence_level):
    interval = t_interval(values, confidence_level)
    expected = stats.ttest_1samp(values, 0).confidence_interval(confidence_level)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


def test_an_interval_is_cut_at_what_is_possible():
    interval = t_interval([0.9, 1.0], 0.95)  # 0.95 ± 12.7 · 0.05
    assert interval.within(0, 1) == (pytest.approx(0.95), pytest.approx(0.95 - 12.706 * 0.05, abs=1e-3), 1, (0.9, 1.0))
    assert t_interval([0.5], 0.95).within(0, 1) == (0.5, None, None, (0.5,))


def test_one_replicate_has_a_mean_but_no_interval():
    assert t_interval([0.7], 0.95) == Interval(0.7, None, None, (0.7,))


def test_equal_replicates_have_an_interval_of_width_0():
    assert t_interval([0.5] * 4, 0.95)[:3] == (0.5, 0.5, 0.5)


def test_interval_covers_the_true_mean_at_its_confidence_level():
    draws = np.random.default_rng(0).normal(3.0, 2.0, size=(1000, 5))
    intervals = [t_interval(values, 0.9) for values in draws]
    coverage = np.mean([one.low <= 3 <= one.high for one in intervals])
    assert 0.87 < coverage < 0.93  # three standard errors of √(0.9 × 0.1 / 1000)


def test_dict_has_rounded_values():
    interval = Interval(1 / 3, 0.12345678, 0.5, (1 / 3,))
    assert interval.as_dict() == {"mean": 0.333333, "low": 0.123457, "high": 0.5, "per_replicate": [0.333333]}
    assert Interval(0.5, None, None, (0.5,)).as_dict()["low"] is None


# --- gains over replicates and test images ---------------------------------------------------------------------------


def single_seed_gain(correct, reference, labels, groups=None):
    """Return the gain over replicates with one classifier each. correct, reference: (R, N)."""
    return estimate_gain(correct[:, None], reference[:, None], labels, groups=groups)


def test_gain_by_hand():
    # two replicates, two classes of two images; differences in correctness:
    #   replicate 0: class 0 (1, 0), class 1 (0, 0)     replicate 1: class 0 (1, 1), class 1 (0, 1)
    # recall changes by 1/2 and 0, by 1 and 1/2: balanced accuracy by 1/4 and 3/4
    correct, reference = np.array([[1, 1, 0, 1], [1, 1, 1, 1]]), np.array([[0, 1, 0, 1], [0, 0, 1, 0]])
    estimate = single_seed_gain(correct, reference, np.array([0, 0, 1, 1]))
    assert estimate.mean == 0.5
    assert estimate.per_replicate == (0.25, 0.75)
    assert estimate.replicate_variance == pytest.approx(0.125)
    # lower bound: two of six images may differ, a fraction of 1/3, with weights of 1/4: 4 · 1/16 · 1/3
    assert estimate.test_variance == pytest.approx(1 / 12)
    assert standard_error(estimate) == pytest.approx(np.sqrt(0.125 / 2 + 1 / 12))
    # two images per class are few, so all four form one stratum. The residuals of image and replicate are ±1/4 eight
    # times, over (4 − 1)(2 − 1) degrees of freedom: a single prediction has variance 1/6, the mean of four 1/24
    assert estimate.unshared_variance == pytest.approx(1 / 24)


def test_test_variance_excludes_residual_variance_class_by_class_by_hand():
    # two classes of 20 images. Class 0: both replicates gain the same ten, and each one more. Image means are 1 ten
    # times, 1/2 twice, 0 eight times: a sum of squares of 4.45 around 0.55, over 19. Residuals: a sum of squares of 1/2
    # for two images, over 19 · 1: 1/19, half of it for the mean of two replicates. The variance of the recall is a 20th
    # of the difference, that of balanced accuracy a quarter of that. In class 1 the replicates are opposites: it is
    # all residual variance, and the estimate is cut off at 0
    one, other = np.zeros((2, 40))
    one[:11], other[:10], other[11] = 1, 1, 1
    one[20::2], other[21::2] = 1, 1
    estimate = single_seed_gain(np.array([one, other]), np.zeros((2, 40)), np.repeat([0, 1], 20))
    assert estimate.test_variance == pytest.approx((4.45 / 19 - 1 / 38) / 20 / 4)
    assert estimate.unshared_variance == pytest.approx((1 / 19 + 10 / 19) / 20 / 4)


def test_replicates_that_agree_leave_the_sampling_error_of_test_images():
    # every replicate gains the same 3 of 10 images: only the sampling variance of a fraction of 3/10 is left
    correct = np.zeros((4, 10))
    correct[:, :3] = 1
    estimate = single_seed_gain(correct, np.zeros((4, 10)), np.zeros(10, int))
    assert (estimate.mean, estimate.replicate_variance) == (pytest.approx(0.3), 0.0)
    assert estimate.test_variance == pytest.approx(0.3 * 0.7 / 9)


def test_classes_have_equal_weight_whatever_their_size():
    correct = np.array([[1, 0, 0, 0, 0, 0]])
    assert single_seed_gain(correct, np.zeros((1, 6)), np.array([0, 1, 1, 1, 1, 1])).mean == 0.5


@given(st.integers(2, 6), st.integers(0, 1000))
def test_swapped_arms_have_the_opposite_gain(replicates, seed):
    draw = np.random.default_rng(seed)
    correct, reference = draw.integers(0, 2, (2, replicates, 20))
    labels = np.arange(20) % 3
    there, back = single_seed_gain(correct, reference, labels), single_seed_gain(reference, correct, labels)
    assert there.mean == pytest.approx(-back.mean)
    assert standard_error(there) == pytest.approx(standard_error(back))
    order = draw.permutation(20)
    assert standard_error(single_seed_gain(correct[:, order], reference[:, order], labels[order])) == pytest.approx(
        standard_error(there)
    )


@pytest.mark.parametrize("images", [30, 3000])
def test_no_difference_on_any_image_still_leaves_uncertainty(images):
    correct = np.random.default_rng(0).integers(0, 2, (3, images))
    mean, low, high, _ = single_seed_gain(correct, correct, np.arange(images) % 2).interval(0.95)
    margin = t_quantile(0.975, images - 2) * np.sqrt(2 / (images + 2) / images)  # two classes, of the same size
    assert (mean, low, high) == pytest.approx((0, -margin, margin))


def test_class_with_few_images_is_merged_with_the_next_smallest():
    # class 2 has one image, class 1 three, class 0 four. Replicates agree, so all variance is from test images:
    # class 0 (1, 0, 0, 0): variance 1/4, weights 1/12 each; classes 1 and 2 (1, 0, 0) and (0): 1/4, weights 1/9 and 1/3
    correct = np.array([[1, 0, 0, 0, 1, 0, 0, 0]] * 2)
    estimate = single_seed_gain(correct, np.zeros_like(correct), np.array([0, 0, 0, 0, 1, 1, 1, 2]))
    squares = 4 / 144 + 3 / 81 + 1 / 9
    assert estimate.mean == pytest.approx((1 / 4 + 1 / 3 + 0) / 3)
    assert estimate.test_variance == pytest.approx(squares / 4)
    assert estimate.unshared_variance == 0


@pytest.mark.parametrize("sizes", [(1,) * 50, (1,) * 10 + (20,) * 10], ids=["all", "half"])
def test_coverage_if_classes_have_one_image(sizes):
    draw, covered = np.random.default_rng(1), 0
    labels = np.repeat(np.arange(len(sizes)), sizes)
    for _ in range(400):
        helped = (draw.random(len(labels)) < 0.4).astype(float)  # the same in all replicates
        interval = single_seed_gain(np.stack([helped] * 5), np.zeros((5, len(labels))), labels).interval(0.95)
        covered += interval.low <= 0.4 <= interval.high
    assert covered / 400 > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 400)


# --- groups of test images -------------------------------------------------------------------------------------------


@given(st.integers(1, 4), st.integers(0, 1000))
def test_copies_of_test_images_add_no_information(copies, seed):
    correct, reference = np.random.default_rng(seed).integers(0, 2, (2, 3, 2, 20))
    labels = np.random.default_rng(seed).integers(0, 3, 20)
    once = estimate_gain(correct, reference, labels, overlap=0.2)
    again = estimate_gain(
        *(np.repeat(one, copies, axis=-1) for one in (correct, reference, labels)),
        groups=np.repeat(np.arange(20), copies),
        overlap=0.2,
    )
    assert np.hstack(once) == pytest.approx(np.hstack(again))


def test_groups_with_images_of_several_classes_by_hand():
    # six people have an image of each class, replicates agree, and three people gain in both. An image weighs 1/12 and
    # deviates by half of that; the two images of a person add up to 1/12. The sum of six squares, times 6/5 for six
    # people, is 1/20: twice that of twelve independent images
    correct = np.array([[1, 1, 1, 0, 0, 0] * 2] * 2)
    people, labels = np.tile(np.arange(6), 2), np.repeat([0, 1], 6)
    estimate, alone = (single_seed_gain(correct, np.zeros_like(correct), labels, groups) for groups in (people, None))
    assert estimate.mean == 0.5
    assert (estimate.test_variance, estimate.test_degrees_of_freedom) == pytest.approx((1 / 20, 5))
    assert (alone.test_variance, alone.test_degrees_of_freedom) == pytest.approx((1 / 40, 10))
    assert estimate.unshared_variance == 0


def test_groups_of_unequal_size_by_hand():
    # one class of five images in groups of two, one, one and one; the first group gains, replicates agree: 2/5. Without
    # the first group the gain is 0, without another one 1/2. The jackknife: 3/4 of the squares of 2/5 and, three times,
    # 1/10. That is above the lower bound of two differing groups in six
    correct = np.array([[1, 1, 0, 0, 0]] * 2)
    estimate = single_seed_gain(correct, np.zeros_like(correct), np.zeros(5, int), np.array([7, 7, 9, 8, 6]))
    assert estimate.test_variance == pytest.approx(3 / 4 * (4 / 25 + 3 / 100))
    assert 3 / 4 * (4 / 25 + 3 / 100) > 2 / 6 * (4 / 25 + 3 / 25)


def test_no_difference_in_any_group_still_leaves_uncertainty():
    # 30 images in groups of three: two of twelve groups may differ, each with a weight of a tenth
    correct = np.random.default_rng(0).integers(0, 2, (3, 30))
    assert single_seed_gain(correct, correct, np.arange(30) % 2, np.arange(30) // 3).test_variance == pytest.approx(
        2 / 12 * 10 / 100
    )


def test_class_with_few_groups_is_merged_however_many_images_it_has():
    # class 0 is one group of ten images, class 1 four groups of one: five groups in one stratum, all with the same
    # weight. Replicates agree: group means are 1, 1, 0, 0, 0, a variance of 3/10. In balanced accuracy they weigh 1/2
    # and 1/8: a sum of squares of 1/4 + 4/64
    correct = np.array([[1] * 11 + [0] * 3] * 2)
    groups = np.array([0] * 10 + [1, 2, 3, 4])
    estimate = single_seed_gain(correct, np.zeros_like(correct), np.repeat([0, 1], [10, 4]), groups)
    assert estimate.test_degrees_of_freedom == 4
    assert estimate.test_variance == pytest.approx(3 / 10 * (1 / 4 + 4 / 64))


def test_few_groups_leave_few_degrees_of_freedom():
    # five replicates, four groups, two per class, which are few: one stratum with three degrees of freedom
    correct = np.random.default_rng(0).integers(0, 2, (5, 40))
    labels = np.repeat([0, 1], 20)
    estimate = single_seed_gain(correct, np.zeros((5, 40)), labels, np.repeat(np.arange(4), 10))
    assert estimate.test_degrees_of_freedom == pytest.approx(3)
    assert estimate.margin(0.975) == pytest.approx(
        np.hypot(
            t_quantile(0.975, 4) * np.sqrt(estimate.replicate_variance / 5),
            t_quantile(0.975, 3) * np.sqrt(estimate.test_variance),
        )
    )
    mean, _, high, _ = estimate.interval(0.95)
    assert high - mean == pytest.approx(estimate.margin(0.975))
    detectable = decide(estimate, 0.01, 0.95).minimum_detectable
    assert detectable == pytest.approx(estimate.margin(0.975) + estimate.margin(0.8))


@given(st.floats(0, 1), st.floats(0, 1), st.integers(2, 20), st.integers(1, 100))
def test_a_margin_lies_between_those_of_the_two_samples_degrees_of_freedom(by_replicates, by_images, count, degrees):
    estimate = Estimate(0.0, (0.0,) * count, by_replicates, by_images, test_degrees_of_freedom=degrees)
    fewer, more = (t_quantile(0.975, pick(count - 1, degrees)) * standard_error(estimate) for pick in (min, max))
    assert more * (1 - 1e-9) <= estimate.margin(0.975) <= fewer * (1 + 1e-9)


@pytest.mark.parametrize(
    ("sizes", "strata"),
    [((4, 4), 2), ((3, 4), 1), ((3, 9, 3), 2), ((1, 1, 1), 1), ((2, 3, 2, 3), 2), ((5, 3, 2), 2), ((3, 3, 3), 1)],
)
def test_strata_have_at_least_four_images_if_possible(sizes, strata):
    # one stratum: 3 + 4, 1 + 1 + 1, 3 + 3 + 3; two strata: 3 + 3 and 9, 2 + 2 and 3 + 3, 2 + 3 and 5
    labels = np.repeat(np.arange(len(sizes)), sizes)
    assert len(Clusters.of(labels, np.arange(len(labels))).strata) == strata


def test_a_few_heavy_images_have_few_degrees_of_freedom_by_hand():
    # balanced accuracy of 10 images in one class and 20 in the other: their squared weights are 1/400 and 1/1600
    images = Clusters.of(np.repeat([0, 1], [10, 20]), np.arange(30))
    squares = 10 / 400 + 20 / 1600
    assert images.degrees_of_freedom == pytest.approx(squares**2 / (10 / 400**2 * 10 / 9 + 20 / 1600**2 * 20 / 19))
    # a group of 40 images beside ten groups of one: 1.2 degrees of freedom would be left, but never fewer than four
    dominated = Clusters.of(np.zeros(50, int), np.repeat(np.arange(11), [40] + [1] * 10))
    assert dominated.degrees_of_freedom == 4
    # unless there are fewer: three groups have two
    assert Clusters.of(np.zeros(6, int), np.arange(6) // 2).degrees_of_freedom == pytest.approx(2)


@pytest.mark.parametrize("classes", [1, 4])
def test_equal_images_have_as_many_degrees_of_freedom_as_images_minus_classes(classes):
    labels = np.arange(40) % classes
    assert Clusters.of(labels, np.arange(40)).degrees_of_freedom == pytest.approx(40 - classes)


def test_classes_that_share_some_groups_are_not_independent():
    # class 0 has groups 0 to 4, class 1 has groups 3 to 7: eight groups around means that depend on each other. Six
    # weigh 1/10, two 1/5: squares of 0.14 in all, and fourth powers of 0.0038
    groups = np.array([0, 1, 2, 3, 4, 3, 4, 5, 6, 7])
    correct = np.random.default_rng(0).integers(0, 2, (9, 10))
    labels = np.repeat([0, 1], 5)
    together, alone = (single_seed_gain(correct, np.zeros((9, 10)), labels, each) for each in (groups, None))
    assert together.test_degrees_of_freedom == pytest.approx(0.14**2 / (0.0038 * 8 / 7))
    assert alone.test_degrees_of_freedom == pytest.approx(8)


@pytest.mark.parametrize(
    "groups",
    [np.repeat(np.arange(8), 15), np.tile(np.arange(8), 15), np.repeat(np.arange(12), [40, 7, 4, 4, 3, 2] * 2)],
    ids=["one class each", "all classes", "unequal sizes"],
)
def test_coverage_for_groups(groups):
    draw, covered, covered_alone = np.random.default_rng(1), 0, 0
    labels = np.repeat([0, 1], 60)
    for _ in range(400):
        probability = 0.4 + 0.25 * draw.standard_normal(groups.max() + 1)[groups] + 0.05 * draw.standard_normal((5, 1))
        differences = (draw.random((5, 120)) < probability).astype(float)
        by_group, by_image = (
            single_seed_gain(differences, np.zeros((5, 120)), labels, one).interval(0.95) for one in (groups, None)
        )
        covered += by_group.low <= 0.4 <= by_group.high
        covered_alone += by_image.low <= 0.4 <= by_image.high
    assert covered / 400 > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 400)
    assert covered_alone / 400 < 0.9


def test_single_group_has_no_interval():
    correct = np.random.default_rng(0).integers(0, 2, (3, 10))
    assert single_seed_gain(correct, np.zeros((3, 10)), np.arange(10) % 2, np.zeros(10, int)).interval(0.95)[1:3] == (
        None,
        None,
    )


def test_single_image_has_no_interval():
    assert single_seed_gain(np.array([[1], [0]]), np.zeros((2, 1)), np.zeros(1, int)).interval(0.95)[:3] == (
        0.5,
        None,
        None,
    )


def test_single_replicate_has_no_interval():
    estimate = single_seed_gain(np.ones((1, 4)), np.zeros((1, 4)), np.arange(4) % 2)
    assert estimate.interval(0.95)[:3] == (1.0, None, None)


def test_overlap_inflates_the_variance_as_in_nadeau_and_bengio():
    # the variance of the mean is σ² (1 / J + ρ / (1 − ρ)): for J = 4 and ρ = 1/2 that is five quarters of σ²
    estimate = Estimate(0.0, (0.0,) * 4, replicate_variance=0.04, test_variance=0.0, overlap=0.5)
    assert standard_error(estimate) == pytest.approx(np.sqrt(0.04 * 1.25))
    assert standard_error(estimate, 1000) == pytest.approx(np.sqrt(0.04 * 1.001))  # more replicates cannot fix it


def test_overlap_does_not_inflate_unshared_variance():
    estimate = Estimate(
        0.0, (0.0,) * 4, replicate_variance=0.04, test_variance=0.0, overlap=0.5, unshared_variance=0.02
    )
    assert standard_error(estimate) == pytest.approx(np.sqrt(0.04 / 4 + 0.02))
    less = estimate._replace(unshared_variance=0.05)  # both are estimates: the part may exceed the whole
    assert standard_error(less) == pytest.approx(np.sqrt(0.04 / 4 + 0.04 / 2))  # half of it is always inflated


def test_variance_between_seeds_by_hand():
    # two replicates with two seeds, two images of one class, which a seed gets both right or both wrong: its values are
    # 1 and 0 in replicate 0, 1 and 1 in replicate 1. The variance between seeds is 1/2 and 0, and images do not differ:
    # a quarter on average, an eighth for the mean of two seeds
    correct = np.array([[[1, 1], [0, 0]], [[1, 1], [1, 1]]])
    estimate = estimate_gain(correct, np.zeros((2, 1, 2)), np.zeros(2, int))
    assert estimate.per_replicate == (0.5, 1.0)
    assert estimate.replicate_variance == pytest.approx(1 / 8)
    assert estimate.unshared_variance == pytest.approx(1 / 8)


def test_variance_between_seeds_excludes_residual_variance_by_hand():
    # class 0 has four images; class 1 has four that all seeds get right; the replicates' means agree on each image.
    # Recalls of class 0 are 1 and 1/4 in replicate 0: variance 9/32, minus 1/32 for single predictions (variance 1/8)
    # leaves 1/4. In replicate 1 they are 3/4 and 1/2: 1/32 minus 11/96 for single predictions (11/24) leaves −1/12. The
    # average is 1/12, half of it for two seeds, and a quarter of that as class 0 is half of balanced accuracy
    correct = np.ones((2, 2, 8))
    correct[..., :4] = [[[1, 1, 1, 1], [1, 0, 0, 0]], [[1, 1, 1, 0], [1, 0, 0, 1]]]
    estimate = estimate_gain(correct, np.zeros((2, 1, 8)), np.repeat([0, 1], 4))
    assert estimate.unshared_variance == pytest.approx(1 / 96)


def test_one_side_may_have_one_seed():
    correct = np.random.default_rng(0).integers(0, 2, (3, 4, 30))
    alone, labels = correct[:, :1], np.arange(30) % 3
    there, back = estimate_gain(correct, alone, labels, overlap=0.5), estimate_gain(alone, correct, labels, overlap=0.5)
    assert (there.mean, standard_error(there)) == pytest.approx((-back.mean, standard_error(back)))
    assert len(there.per_replicate) == 3


def test_equal_seeds_are_like_one_seed():
    correct = np.random.default_rng(0).integers(0, 2, (4, 1, 30))
    thrice, labels = np.repeat(correct, 3, axis=1), np.arange(30) % 3
    one, three = (estimate_gain(each, np.zeros((4, 1, 30)), labels) for each in (correct, thrice))
    assert one == three


@pytest.mark.parametrize("replicates", [3, 5])
def test_coverage_for_crossed_replicates_and_images(replicates):
    draw, covered = np.random.default_rng(1), 0
    for _ in range(400):
        probability = 0.1 + 0.08 * draw.standard_normal((replicates, 1)) + 0.3 * draw.standard_normal((1, 60))
        differences = np.sign(probability) * (draw.random((replicates, 60)) < np.abs(probability))
        interval = single_seed_gain(differences, np.zeros_like(differences), np.zeros(60, int)).interval(0.95)
        # E sign(p)·min(|p|, 1) with p ~ N(0.1, 0.08² + 0.3²): the sign and the cut at 1 change less than 1e-3
        covered += interval.low <= 0.1 <= interval.high
    assert covered / 400 > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 400)


def test_the_least_variance_from_test_images_follows_the_size_of_differences():
    """All ten images differ by the same amount, so they do not vary. If none differs, another may differ by 1."""
    labels, zeros = np.zeros(10, int), np.zeros((3, 1, 10))
    least = 2 / 12 / 10  # two of twelve images, each with the weight 1/10
    for difference, size in ((0.1, 0.1), (1.0, 1.0), (0.0, 1.0)):
        found = estimate_gain(zeros + difference, zeros, labels)
        assert found.test_variance == pytest.approx(least * size**2)


# --- verdicts --------------------------------------------------------------------------------------------------------


def estimated(mean, error, count=5, test_variance=0.0):
    """Return an estimate with a standard error of `error` from replicates, plus `test_variance`."""
    return Estimate(mean, (mean,) * count, replicate_variance=count * error**2, test_variance=test_variance)


@pytest.mark.parametrize(
    ("mean", "error", "answer"),
    [
        # Student's t for 4 degrees of freedom is 2.776 at 97.5%
        (0.030, 0.010, "helps"),  # [0.002, 0.058]
        (-0.030, 0.010, "harms"),
        (0.025, 0.010, "undecided"),  # [-0.003, 0.053]
        (0.002, 0.001, "no effect"),  # [-0.001, 0.005], within 0.01
        (0.005, 0.001, "no effect"),  # above 0, but below 0.01
        (0.009, 0.001, "helps"),  # [0.006, 0.012]: may be more than 0.01
        (0.0, 0.0, "no effect"),
    ],
)
def test_verdict_follows_from_the_interval(mean, error, answer):
    assert decide(estimated(mean, error), 0.01, 0.95).answer == answer


def test_minimum_detectable_by_hand():
    # t for 4 degrees of freedom: 2.776445 at 97.5%, 0.940965 at 80%
    verdict = decide(estimated(0.0, 0.01), 0.01, 0.95)
    assert verdict.minimum_detectable == pytest.approx(0.01 * (2.776445 + 0.940965), abs=1e-8)


def test_detectable_gain_is_detected_80_percent_of_the_time():
    estimate = estimated(0.0, 0.01)
    gain = decide(estimate, 0.001, 0.95).minimum_detectable
    draws = np.random.default_rng(0).normal(gain, 0.01 * np.sqrt(5), (2000, 5))
    found = np.mean([t_interval(values, 0.95).low > 0 for values in draws])
    assert 0.76 < found < 0.86


def test_replicates_needed_are_the_smallest_sufficient_number():
    estimate = estimated(0.02, 0.01)
    needed = decide(estimate, 0.005, 0.95).replicates_needed
    assert needed is not None

    def detectable(count):
        more = Estimate(0.02, (0.02,) * count, replicate_variance=estimate.replicate_variance, test_variance=0.0)
        return decide(more, 0.005, 0.95).minimum_detectable

    assert detectable(needed) <= 0.02 < detectable(needed - 1)


def test_no_number_of_replicates_suffices_with_too_few_test_images():
    verdict = decide(estimated(0.01, 0.01, test_variance=0.01**2), 0.005, 0.95)
    assert (verdict.answer, verdict.replicates_needed) == ("undecided", None)


def test_decided_verdict_needs_no_more_replicates():
    assert decide(estimated(0.05, 0.01), 0.01, 0.95).replicates_needed is None


def test_one_replicate_decides_nothing():
    assert decide(Estimate(0.5, (0.5,), None, 0.0), 0.01, 0.95) == ("undecided", None, None)


def test_bonferroni_by_hand():
    assert bonferroni(0.95, 5) == pytest.approx(0.99)
    assert bonferroni(0.95, 1) == bonferroni(0.95, 0) == 0.95
