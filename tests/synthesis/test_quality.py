"""Metrics of a synthetic set compared with real images, and the closest pairs of synthetic and training images."""

import json
import weakref

import numpy as np
import pytest

from ganaug.core import neighbours
from ganaug.core.plugins import available
from ganaug.synthesis.metrics import Compared
from ganaug.synthesis.metrics.fid import Fid
from ganaug.synthesis.metrics.memorisation import Memorisation
from ganaug.synthesis.metrics.recall import Recall
from ganaug.synthesis.quality import all_metrics, closest_pairs, quality

CLASSES = ("cat", "dog", "owl")


def random_images(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random features and labels of images of three classes."""
    labels = np.arange(count) % 3
    return np.random.default_rng(seed).normal(size=(count, 4)) + 3 * np.eye(3, 4)[labels], labels


def sets() -> Compared:
    return Compared(*random_images(60, 0), *random_images(36, 1), *random_images(48, 2))


def pixels() -> Compared:
    """Return the same images in another representation."""
    return Compared(*(part * 2 if place % 2 == 0 else part for place, part in enumerate(sets())))


@pytest.fixture(scope="module")
def found():
    return quality(all_metrics(), sets, pixels, CLASSES).figures


def test_every_metric_is_reported_overall_and_per_class(found):
    assert found["images"] == {"synthetic": 60, "train": 36, "held_out": 48}
    assert list(found["figures"]) == available("synthesis.metrics")
    for figures in found["figures"].values():
        assert list(figures) == ["options", "better", "ideal", "sees", "synthetic", "train", "held_out", "per_class"]
        assert list(figures["per_class"]) == list(CLASSES)
        for some in (figures, *figures["per_class"].values()):
            assert all(isinstance(some[name], float) for name in ("synthetic", "train", "held_out"))


def test_figures_are_the_rounded_values_of_the_metrics(found):
    assert found["figures"]["fid"]["synthetic"] == round(Fid()(sets()), 6)
    assert found["figures"]["fid"]["per_class"]["dog"]["synthetic"] == round(Fid()(sets().of_class(1)), 6)
    assert (found["figures"]["fid"]["better"], found["figures"]["fid"]["ideal"]) == ("low", 0.0)
    assert found["figures"]["authenticity"]["ideal"] is None


def test_column_train_measures_training_images_as_if_synthetic(found):
    train = sets()._replace(synthetic=sets().train, synthetic_labels=sets().train_labels)
    assert found["figures"]["recall"]["train"] == round(Recall()(train), 6)
    assert found["figures"]["recall"]["per_class"]["owl"]["train"] == round(Recall()(train.of_class(2)), 6)


def test_column_held_out_measures_half_of_the_held_out_images_against_the_rest(found):
    images, labels = sets().held_out, sets().held_out_labels
    half = np.arange(48) // 3 % 2 == 0  # every other image of each class
    expected = Compared(images[half], labels[half], *sets()[2:4], images[~half], labels[~half])
    for metric, name in ((Fid(), "fid"), (Memorisation(), "memorisation")):
        assert found["figures"][name]["held_out"] == round(metric(expected), 6)
        dogs = found["figures"][name]["per_class"]["dog"]
        assert dogs["held_out"] == round(metric(expected.of_class(1)), 6)


def test_copies_are_distinguished_from_new_images():
    copies = sets()._replace(synthetic=sets().train, synthetic_labels=sets().train_labels)
    figures = quality(all_metrics(), lambda: copies, lambda: copies, CLASSES).figures["figures"]
    for name in ("authenticity", "memorisation"):
        assert figures[name]["synthetic"] == 0 < 0.4 < figures[name]["held_out"]
    assert figures["membership"]["synthetic"] == 1 > 0.7 > figures["membership"]["held_out"]
    assert all(figure["synthetic"] == figure["train"] for figure in figures.values())


def test_features_are_dropped_before_pixels_are_made():
    """Both representations at once may not fit into memory."""
    kept = []

    def features() -> Compared:
        made = sets()
        kept.extend(weakref.ref(images) for images in made[::2])
        return made

    def pixels() -> Compared:
        assert len(kept) == 3
        assert all(reference() is None for reference in kept)
        return sets()

    quality(all_metrics(), features, pixels, CLASSES)


def test_undefined_values_are_null():
    some = sets()._replace(synthetic=sets().synthetic[:2], synthetic_labels=sets().synthetic_labels[:2])
    found = quality(all_metrics(), lambda: some, lambda: some, CLASSES).figures
    figures = json.loads(json.dumps(found, allow_nan=False))["figures"]
    assert figures["fid"]["synthetic"] > 0
    assert figures["fid"]["per_class"]["owl"]["synthetic"] is None
    assert figures["fid"]["per_class"]["owl"]["train"] > 0
    assert figures["intra_class_fid"]["synthetic"] is None


def test_empty_sets_give_nulls_without_an_error():
    empty = Compared(*(part for _ in range(3) for part in (np.zeros((0, 4)), np.zeros(0, np.int64))))
    found = quality(all_metrics(), lambda: empty, lambda: empty, CLASSES).figures
    for name in ("synthetic", "train", "held_out"):
        assert {figures[name] for figures in found["figures"].values()} == {None}


def test_closest_pairs_by_hand():
    synthetic, train = (np.array(values, dtype=float)[:, None] for values in ((5, 0, 11, 90), (10, 3, 100)))
    compared = Compared(synthetic, np.zeros(4, int), train, np.ones(3, int), synthetic[:0], np.zeros(0, int))
    pairs = closest_pairs(compared, 3)
    np.testing.assert_array_equal(pairs.synthetic, [2, 0, 1])
    np.testing.assert_array_equal(pairs.train, [0, 1, 1])
    np.testing.assert_array_equal(pairs.distances, [1, 2, 3])
    assert len(closest_pairs(compared, 9).synthetic) == 4
    empty = closest_pairs(compared._replace(train=train[:0], train_labels=np.zeros(0, int)), 3)
    assert [len(part) for part in empty] == [0, 0, 0]
    np.testing.assert_array_equal(closest_pairs(compared, 3, images=2).synthetic, [0, 1])  # not 2, which is the third


def test_each_class_has_its_share_of_the_closest_pairs():
    """Four images of class 0 are closer than any of class 1; class 2 has one image, so that a place is left over."""
    synthetic = np.array([1, 2, 3, 4, 7, 8, 9, 6], dtype=float)[:, None]
    labels, train = np.array([0, 0, 0, 0, 1, 1, 1, 2]), np.zeros((1, 1))
    compared = Compared(synthetic, labels, train, np.zeros(1, int), synthetic[:0], np.zeros(0, int))
    np.testing.assert_array_equal(closest_pairs(compared, 5).synthetic, [0, 1, 7, 4, 5])
    np.testing.assert_array_equal(closest_pairs(compared, 6).synthetic, [0, 1, 2, 7, 4, 5])


@pytest.mark.parametrize("metrics", [[Memorisation()], [Fid()]])
def test_the_closest_pairs_cost_no_distances_of_their_own(monkeypatch, metrics):
    """Memorisation computes the distances that they need; without such a metric, the pairs compute them."""
    seen, computed = pixels(), []
    blocks = neighbours._blocks
    monkeypatch.setattr(neighbours, "_blocks", lambda *sets: computed.append(tuple(map(id, sets))) or blocks(*sets))
    found = quality(metrics, sets, lambda: seen, CLASSES, images=40)
    assert computed.count((id(seen.synthetic), id(seen.train))) == 1
    monkeypatch.undo()
    expected = closest_pairs(seen._replace(synthetic=seen.synthetic[:40]), 16)
    for one, other in zip(found.closest, expected, strict=True):
        np.testing.assert_array_equal(one, other)
