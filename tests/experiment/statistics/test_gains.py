"""Gains in any metric, from values of single images or by leaving out blocks of images."""

from typing import ClassVar

import numpy as np
import pytest
from estimates import standard_error

from ganaug.core.config import settings
from ganaug.experiment.metrics import Metric, Predicted
from ganaug.experiment.metrics.balanced_accuracy import BalancedAccuracy
from ganaug.experiment.metrics.log_loss import LogLoss
from ganaug.experiment.metrics.macro_f1 import MacroF1
from ganaug.experiment.statistics.estimate import estimate_gain
from ganaug.experiment.statistics.gains import estimate_metric_gain, per_image
from ganaug.experiment.statistics.jackknife import BLOCKS, blocks, leave_out_blocks
from ganaug.experiment.statistics.measured import Measured

LABELS = np.repeat([0, 1, 2], [60, 30, 10])


@settings
class Silent(Metric):
    """Balanced accuracy without `per_image`."""

    def __call__(self, predicted: Predicted) -> float:
        return BalancedAccuracy()(predicted)


@settings
class SilentLoss(LogLoss):
    """Log loss without `per_image`."""

    called: ClassVar[int] = 0

    def __call__(self, predicted: Predicted) -> float:
        type(self).called += 1
        return LogLoss().per_image(predicted).mean()

    def per_image(self, predicted: Predicted) -> None:
        return None


def measured(seed, groups=None, replicates=4, seeds=2, labels=LABELS):
    """Return predictions that are right more often than not; classifiers agree on which images are hard."""
    randomness = np.random.default_rng(seed)
    hard = randomness.normal(size=(len(labels), 3))
    powers = np.exp(np.eye(3)[labels] + hard + 0.3 * randomness.normal(size=(replicates, seeds, len(labels), 3)))
    return Measured(
        powers / powers.sum(-1, keepdims=True),
        labels,
        np.arange(len(labels)) if groups is None else groups,
        ("a", "b", "c"),
    )


def gain(metric, arm, reference, **options):
    return estimate_metric_gain(metric, per_image(metric, arm), per_image(metric, reference), **options)


def test_balanced_accuracy_has_the_two_way_interval_bit_for_bit():
    arm, reference = measured(0), measured(1)
    right = [one.probabilities.argmax(-1) == LABELS for one in (arm, reference)]
    assert gain(BalancedAccuracy(), arm, reference, overlap=0.3) == estimate_gain(*right, LABELS, overlap=0.3)


def test_a_reduction_is_a_gain():
    arm, reference = measured(0), measured(1)
    there, back = gain(LogLoss(), arm, reference), gain(LogLoss(), reference, arm)
    losses = [np.mean(one.values(LogLoss())) for one in (arm, reference)]
    assert there.mean == pytest.approx(losses[1] - losses[0])
    assert (back.mean, standard_error(back)) == pytest.approx((-there.mean, standard_error(there)))


@pytest.mark.parametrize("silent", [Silent(), SilentLoss()])
def test_leaving_out_every_image_gives_what_the_metric_would_say(silent):
    """There are exactly as many images as blocks, so images are left out one by one."""
    said = {Silent: BalancedAccuracy(), SilentLoss: LogLoss()}[type(silent)]
    found, expected = (gain(metric, measured(0), measured(1)) for metric in (silent, said))
    assert len(LABELS) == BLOCKS
    np.testing.assert_allclose(found.per_replicate, expected.per_replicate)
    assert standard_error(found) == pytest.approx(standard_error(expected))
    assert found.unshared_variance == pytest.approx(expected.unshared_variance)
    assert found.test_variance == pytest.approx(expected.test_variance)


def test_leaving_out_groups_gives_what_the_metric_would_say_of_groups():
    groups = np.arange(100) // 2
    found, expected = (
        gain(metric, measured(0, groups), measured(1, groups)) for metric in (Silent(), BalancedAccuracy())
    )
    assert standard_error(found) == pytest.approx(standard_error(expected))
    assert found.test_degrees_of_freedom == pytest.approx(expected.test_degrees_of_freedom)


def test_pseudo_values_of_a_block_by_hand():
    # recall of a is 3/4, of b 1/2: 5/8. Without the first block it is (1/2 + 1/2)/2 = 1/2, without the second 3/4. The
    # blocks' own means of a are 1 and 1/2: as pseudo-values of a, 1/4 above and below its recall of 3/4
    labels = np.array([0, 0, 0, 0, 1, 1])
    given = Predicted(np.eye(2)[[0, 0, 0, 1, 1, 0]], labels, ("a", "b"))
    values = leave_out_blocks(Silent(), given, labels, np.array([0, 0, 1, 1, 2, 3]))
    np.testing.assert_allclose(values[:4] - values[:4].mean(), [0.25, 0.25, -0.25, -0.25])
    np.testing.assert_allclose(values[4:] - values[4:].mean(), [0.5, -0.5])
    assert (values[:4].mean() + values[4:].mean()) / 2 == pytest.approx(5 / 8)


def test_a_block_that_is_a_whole_stratum_counts_as_average():
    labels = np.array([0, 0, 1, 1])
    given = Predicted(np.eye(2)[[0, 1, 1, 1]], labels, ("a", "b"))
    values = leave_out_blocks(Silent(), given, labels, np.array([0, 1, 2, 2]))
    np.testing.assert_allclose(values[2:], 0.75)


def test_blocks_are_about_a_hundred_unions_of_groups_within_strata():
    strata = np.repeat([0, 1, 2], [6000, 3900, 100])
    groups = np.arange(10_000) // 5
    block = blocks(strata, groups)
    assert BLOCKS - 3 <= len(np.unique(block)) <= BLOCKS + 3
    for one in np.unique(block):
        assert len(np.unique(strata[block == one])) == 1
    for one in range(0, 2000, 37):
        assert len(np.unique(block[groups == one])) == 1
    assert len(np.unique(block[strata == 2])) == 4  # more than its share, to show how groups differ
    np.testing.assert_array_equal(block, blocks(strata, groups))


def test_a_thousand_images_cost_a_hundred_computations_per_classifier():
    labels = np.repeat([0, 1, 2], [600, 300, 100])
    SilentLoss.called = 0
    per_image(SilentLoss(), measured(0, replicates=1, seeds=1, labels=labels))
    assert SilentLoss.called <= BLOCKS + 4


def test_images_that_do_not_matter_are_left_out():
    @settings
    class OfFirst(Silent):
        """Recall of the first class, without `per_image`."""

        def __call__(self, predicted):
            return float(predicted.right[predicted.labels == 0].mean())

        def strata(self, labels, classes):
            return np.where(labels == 0, 0, -1)

    found = per_image(OfFirst(), measured(0))
    assert found.values.shape == (4, 2, 60)
    np.testing.assert_allclose(found.values.mean(-1)[:, 0], [OfFirst()(one[0]) for one in measured(0).predicted])


@pytest.mark.parametrize("metric", [MacroF1(), LogLoss()])
def test_groups_of_alike_images_widen_the_interval(metric):
    arm, reference = measured(0, labels=np.repeat(LABELS, 4)), measured(1, labels=np.repeat(LABELS, 4))
    four = [np.repeat(one.probabilities[:, :, ::4], 4, axis=2) for one in (arm, reference)]

    def error(groups):
        sides = [Measured(each, arm.labels, groups, arm.classes) for each in four]
        return standard_error(gain(metric, *sides))

    assert error(np.arange(400) // 4) > 1.3 * error(np.arange(400))


@pytest.mark.parametrize("metric", [BalancedAccuracy(), MacroF1(), LogLoss()])
def test_the_first_image_on_which_arms_differ_does_not_make_the_gain_surer(metric):
    def wrong_about(*images):
        choices = LABELS.copy()
        choices[list(images)] = (choices[list(images)] + 1) % 3
        probabilities = np.where(np.eye(3, dtype=bool)[choices], 0.8, 0.1)
        return Measured(np.stack([probabilities[None]] * 3), LABELS, np.arange(len(LABELS)), ("a", "b", "c"))

    # pseudo-values of macro-F1 differ a little for all images, as soon as one is classified differently
    none, one = (gain(metric, wrong_about(*images), wrong_about(0)) for images in ([0], [0, 1]))
    assert standard_error(one) >= 0.99 * standard_error(none)
