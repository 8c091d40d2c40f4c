"""Every metric: hand-derived values for points on a line, and samples with a known answer."""

from math import isnan

import numpy as np
import pytest
import torch
from points import column, normal
from torch_fidelity.metric_prc import prc_features_to_metric

from ganaug.synthesis.metrics import Compared
from ganaug.synthesis.metrics.authenticity import Authenticity
from ganaug.synthesis.metrics.coverage import Coverage
from ganaug.synthesis.metrics.density import Density
from ganaug.synthesis.metrics.fid import Fid
from ganaug.synthesis.metrics.intra_class_fid import IntraClassFid
from ganaug.synthesis.metrics.kid import Kid
from ganaug.synthesis.metrics.membership import Membership
from ganaug.synthesis.metrics.memorisation import Memorisation
from ganaug.synthesis.metrics.precision import Precision
from ganaug.synthesis.metrics.recall import Recall

NOTHING = np.zeros((0, 1))


def compared(synthetic=NOTHING, train=NOTHING, held_out=NOTHING) -> Compared:
    """Return the sets, all of one class."""
    return Compared(*(part for one in (synthetic, train, held_out) for part in (one, np.zeros(len(one), np.int64))))


def labelled(**labels: list[int]) -> dict[str, np.ndarray]:
    return {f"{name}_labels": np.array(values, dtype=np.int64) for name, values in labels.items()}


def test_of_class_selects_the_images_of_a_class():
    whole = compared(column(1, 2), column(3, 4, 5), column(6))._replace(
        **labelled(synthetic=[0, 1], train=[1, 0, 1], held_out=[0])
    )
    part = whole.of_class(1)
    assert [array.tolist() for array in part] == [[[2]], [1], [[3], [5]], [1, 1], [], []]
    assert isinstance(part, Compared)


def test_fid_of_known_moments():
    # means 2 apart, variances 2 and 2; training images do not count
    assert Fid()(compared(column(0, 2), column(77), column(2, 4))) == pytest.approx(4)


def test_kid_by_hand():
    # kernels (xy + 1)³: 0 with 1 is 1, 1 with 2 is 27, 1 with 1 is 8
    assert Kid()(compared(column(0, 1), held_out=column(1, 2))) == pytest.approx(1 + 27 - 2 * (1 + 1 + 8 + 27) / 4)


def test_intra_class_fid_weights_classes_equally_whatever_their_size():
    sets = compared(column(0, 2, 10, 12, 10, 12), held_out=column(12, 14, 3, 5))._replace(
        **labelled(synthetic=[0, 0, 1, 1, 1, 1], held_out=[1, 1, 0, 0])
    )
    # standard deviations √2 and √2; √(4/3) and √2
    expected = (3**2 + 2**2 + ((4 / 3) ** 0.5 - 2**0.5) ** 2) / 2
    assert IntraClassFid()(sets) == pytest.approx(expected)


def test_intra_class_fid_detects_good_images_of_the_wrong_class():
    images, labels = normal(40, 3, 0), np.repeat([0, 1], 20)
    images[20:] += 10
    right = Compared(images, labels, images, labels, images, labels)
    wrong = right._replace(synthetic_labels=1 - labels)
    assert IntraClassFid()(right) == pytest.approx(0, abs=1e-9)
    assert IntraClassFid()(wrong) > 100
    assert Fid()(wrong) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("synthetic", "held_out"), [([0, 0, 1], [0, 0, 1]), ([0, 0, 0], [0, 1, 1]), ([0, 1, 1], [0, 0, 0])]
)
def test_intra_class_fid_is_nan_if_a_class_has_too_few_images(synthetic, held_out):
    sets = compared(column(1, 2, 3), held_out=column(4, 5, 6))._replace(
        **labelled(synthetic=synthetic, held_out=held_out)
    )
    assert isnan(IntraClassFid()(sets))


def test_precision_by_hand():
    # k = 1: the radii around 0, 1 and 5 are 1, 1 and 4
    real = column(0, 1, 5)
    assert Precision(neighbours=1)(compared(column(-1, 2, 2.5, 9, 9.5, -1.5), held_out=real)) == pytest.approx(4 / 6)
    # k = 2: they are 5, 4 and 5
    assert Precision(neighbours=2)(compared(column(-5, -5.5, 10, 10.5), held_out=real)) == pytest.approx(2 / 4)


def test_recall_by_hand():
    # the radii around the synthetic images 0, 1 and 5 are 1, 1 and 4
    assert Recall(neighbours=1)(compared(column(0, 1, 5), held_out=column(-1, 2, 9.5, -3))) == pytest.approx(2 / 4)


def test_precision_and_recall_agree_with_torch_fidelity():
    synthetic, real = normal(50, 3, 0) + 0.7, normal(40, 3, 1)
    theirs = prc_features_to_metric(torch.from_numpy(synthetic), torch.from_numpy(real), verbose=False)
    assert Precision()(compared(synthetic, held_out=real)) == pytest.approx(theirs["precision"])
    assert Recall()(compared(synthetic, held_out=real)) == pytest.approx(theirs["recall"])


def test_copies_of_repeated_images_have_full_precision_and_coverage():
    real = np.repeat(np.abs(normal(10, 128, 0)), 6, axis=0)
    copies = compared(real[::6], held_out=real)
    assert Precision()(copies) == Coverage()(copies) == 1


def test_precision_drops_for_unrealistic_images_and_recall_for_missing_modes():
    real = np.concatenate([normal(50, 2, 0), normal(50, 2, 1) + 20])
    more = np.concatenate([normal(50, 2, 2), normal(50, 2, 3) + 20, normal(100, 2, 4) - 20])
    unrealistic, missing = compared(more, held_out=real), compared(normal(100, 2, 5), held_out=real)
    assert Precision()(unrealistic) < 0.51
    assert Recall()(unrealistic) > 0.8
    assert Precision()(missing) > 0.8
    assert Recall()(missing) < 0.51


def test_density_by_hand():
    # k = 1: the radii around 0, 1 and 5 are 1, 1 and 4, so 0.5 and 1 are near two and three of them, 9.5 near none
    assert Density(neighbours=1)(compared(column(0.5, 1, 9.5), held_out=column(0, 1, 5))) == pytest.approx(5 / 3)
    assert Density(neighbours=2)(compared(column(100), held_out=column(0, 1, 5))) == 0


def test_density_of_a_perfect_generator_is_about_1():
    assert Density()(compared(normal(2000, 4, 0), held_out=normal(2000, 4, 1))) == pytest.approx(1, abs=0.05)


def test_coverage_by_hand():
    # k = 1: the radii around 0, 1 and 5 are 1, 1 and 4
    assert Coverage(neighbours=1)(compared(column(9, -1), held_out=column(0, 1, 5))) == pytest.approx(2 / 3)
    assert Coverage(neighbours=1)(compared(column(9.5), held_out=column(0, 1, 5))) == 0


def test_coverage_of_a_perfect_generator_is_the_papers_1_minus_2_to_the_minus_k():
    assert Coverage()(compared(normal(2000, 4, 0), held_out=normal(2000, 4, 1))) == pytest.approx(1 - 2**-5, abs=0.01)


def test_outliers_inflate_recall_but_not_coverage():
    outliers = compared(1000 * normal(50, 2, 0), held_out=normal(50, 2, 1))
    assert Recall()(outliers) > 0.9
    assert Coverage()(outliers) == 0


def test_authenticity_by_hand():
    # the training images 0, 1 and 5 have their nearest neighbour at 1, 1 and 4
    assert Authenticity()(compared(column(-2, -0.5, 1.5, 8, 9.5), column(0, 1, 5))) == pytest.approx(2 / 5)


def test_authenticity_is_0_for_copies_and_1_for_noise():
    train = normal(60, 5, 0)
    assert Authenticity()(compared(train, train)) == 0
    assert Authenticity()(compared(np.repeat(train[:3], 4, axis=0), np.concatenate([train, train]))) == 0
    assert Authenticity()(compared(50 + normal(60, 5, 1), train)) == 1


def test_authenticity_of_a_perfect_generator_on_a_line_is_a_third():
    # on a line, a point and its nearest neighbour are mutual nearest neighbours in two of three cases
    draws = np.random.default_rng(0).uniform(size=(500, 1))
    found = [Authenticity()(compared(draws[[row]], np.delete(draws, row, axis=0))) for row in range(500)]
    assert np.mean(found) == pytest.approx(1 / 3, abs=0.05)


def test_membership_by_hand():
    # training images are 1 and 3 from the nearest synthetic one, held-out ones 2 and 4: three of four pairs fit
    assert Membership()(compared(column(0), column(1, -3), column(2, -4))) == pytest.approx(3 / 4)
    assert Membership()(compared(column(0), column(1), column(-1))) == pytest.approx(1 / 2)


def test_membership_compares_within_classes():
    sets = compared(column(0, 100), column(1, 101), column(100, 0))._replace(
        **labelled(synthetic=[0, 1], train=[0, 1], held_out=[0, 1])
    )
    assert Membership()(sets) == 1
    without = sets._replace(synthetic=column(0), synthetic_labels=np.array([0]))
    assert Membership()(without._replace(held_out=column(0.5, 0.5))) == 0  # the other class is left out


def test_copies_reveal_membership_and_new_samples_do_not():
    train, held_out, new = (normal(500, 6, seed) for seed in range(3))
    assert Membership()(compared(train, train, held_out)) == 1
    assert Membership()(compared(train[:250], train, held_out)) == pytest.approx(0.75, abs=0.03)
    assert Membership()(compared(new, train, held_out)) == pytest.approx(0.5, abs=0.05)


def test_memorisation_by_hand():
    # synthetic images are 1, 2 and 30 from a training image, held-out ones 4, 5, 6 and 7
    sets = compared(column(1, -2, 130), column(0, 100), column(4, -5, 106, 93))
    assert Memorisation()(sets) == pytest.approx(2 / 5.5)


def test_memorisation_of_copies_new_samples_and_noise():
    train, held_out, new = (normal(500, 6, seed) for seed in range(3))
    assert Memorisation()(compared(train, train, held_out)) == 0
    assert Memorisation()(compared(new, train, held_out)) == pytest.approx(1, abs=0.05)
    assert Memorisation()(compared(10 * new, train, held_out)) > 3


def test_memorisation_is_nan_if_most_held_out_images_are_copies():
    assert isnan(Memorisation()(compared(column(1), column(0), column(0, 0, 5))))


@pytest.mark.parametrize("metric", [Precision(neighbours=2), Density(neighbours=2), Coverage(neighbours=2)])
def test_metrics_with_balls_around_held_out_images_need_more_than_k_of_them(metric):
    assert isnan(metric(compared(column(1, 2, 3), held_out=column(1, 2))))
    assert isnan(metric(compared(held_out=column(1, 2, 3))))
    assert metric(compared(column(2), held_out=column(1, 2, 3))) > 0


def test_recall_needs_more_than_k_synthetic_images():
    assert isnan(Recall(neighbours=2)(compared(column(1, 2), held_out=column(1, 2, 3))))
    assert isnan(Recall(neighbours=2)(compared(column(1, 2, 3))))
    assert Recall(neighbours=2)(compared(column(1, 2, 3), held_out=column(2))) == 1


def test_privacy_metrics_are_nan_if_a_set_is_empty():
    one = column(1)
    assert isnan(Authenticity()(compared(one, one)))
    assert isnan(Authenticity()(compared(NOTHING, column(1, 2))))
    for metric in (Membership(), Memorisation()):
        for sets in (compared(NOTHING, one, one), compared(one, NOTHING, one), compared(one, one, NOTHING)):
            assert isnan(metric(sets))
