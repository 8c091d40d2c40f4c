"""Neighbours by hand, and bit for bit as from SciPy's distances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from points import column, normal
from scipy.spatial.distance import cdist

from ganaug.core import neighbours
from ganaug.core.neighbours import balls_containing, kth_neighbour_distance, nearest, remembering, spread


def rows(width: int) -> st.SearchStrategy[np.ndarray]:
    shapes = st.tuples(st.integers(2, 7), st.just(width))
    return arrays(np.float64, shapes, elements=st.floats(-100, 100, width=16))


def assert_equals_scipy(points: np.ndarray, others: np.ndarray) -> None:
    across, within = cdist(points, others), cdist(others, others)
    found, indices = nearest(points, others)
    np.testing.assert_array_equal(found, across.min(1))
    np.testing.assert_array_equal(indices, across.argmin(1))
    neighbours = min(3, len(others) - 1)
    radii = kth_neighbour_distance(others, neighbours)
    np.testing.assert_array_equal(radii, np.sort(within, axis=1)[:, neighbours])
    np.testing.assert_array_equal(balls_containing(points, others, radii), (across <= radii).sum(1))
    np.testing.assert_array_equal(balls_containing(others, others, radii), (within <= radii).sum(1))


def test_nearest_by_hand():
    found, indices = nearest(column(0, 4, 10, 5), column(6, 3, 6))
    np.testing.assert_array_equal(found, [3, 1, 4, 1])
    np.testing.assert_array_equal(indices, [1, 1, 0, 0])
    assert indices.dtype == np.int64


def test_copies_are_exactly_0_apart():
    many = np.abs(normal(300, 1000, 0))
    found, indices = nearest(many, many)
    assert (found == 0).all()
    np.testing.assert_array_equal(indices, np.arange(300))


def test_kth_neighbour_distance_by_hand():
    points = column(0, 1, 3, 7)
    np.testing.assert_array_equal(kth_neighbour_distance(points, 1), [1, 1, 2, 4])
    np.testing.assert_array_equal(kth_neighbour_distance(points, 2), [3, 2, 3, 6])
    np.testing.assert_array_equal(
        kth_neighbour_distance(column(2, 2, 2, 5), 2), [0, 0, 0, 3]
    )  # copies count as neighbours


def test_spread_by_hand():
    assert spread(column(0, 1, 4)) == pytest.approx((1 + 3 + 4) / 3)
    assert spread(column(2, 2)) == 0


def test_balls_containing_by_hand():
    counts = balls_containing(column(0, 1, 2.5, 9), column(0, 2), np.array([1, 2]))
    np.testing.assert_array_equal(counts, [2, 2, 1, 0])  # balls are closed


@given(rows(2), rows(2))
def test_neighbour_distances_and_balls_agree_to_the_bit(points, others):
    radii = kth_neighbour_distance(points, 1)
    assert all(balls_containing(points, points[[row]], radii[[row]]).sum() >= 2 for row in range(len(points)))
    found, indices = nearest(points, others)
    assert all(
        balls_containing(points[[row]], others[[index]], found[[row]]) == 1
        for row, index in enumerate(indices.tolist())
    )


def test_no_points_give_empty_results():
    nothing = np.zeros((0, 2))
    assert [len(part) for part in nearest(nothing, normal(3, 2, 0))] == [0, 0]
    assert balls_containing(nothing, normal(3, 2, 0), np.ones(3)).shape == (0,)


@given(rows(3), rows(3))
def test_all_results_equal_scipys(points, others):
    assert_equals_scipy(points, others)


FAR = 1e6
"""A common offset, with which single precision would lose all differences."""


@pytest.mark.parametrize(
    "change",
    [
        lambda points: points,
        lambda points: points + FAR,
        lambda points: points * 1e-30,  # its squares are 0 in single precision
        lambda points: points * 1e30,  # and these are infinite
        np.round,  # many ties
        lambda points: (40 * points).astype(np.int8).view(np.uint8),  # pixels, whose differences would wrap around
        lambda points: np.round(points).astype(np.float32),
        lambda points: points * 0,  # all are copies
        lambda points: points.repeat(2, axis=0)[: len(points)],
        lambda points: np.concatenate([points[:-1], points[-1:] * FAR]),  # one outlier sets the scale
    ],
)
def test_hard_cases_equal_scipys(change):
    assert_equals_scipy(change(normal(60, 40, 0)), change(normal(50, 40, 1)))


def test_large_sets_equal_scipys():
    # more rows than a block, and too many differences for a single call
    assert_equals_scipy(normal(1100, 30, 0), normal(1050, 30, 1))


def test_the_block_size_does_not_change_results(monkeypatch):
    first, second = normal(23, 4, 0), normal(17, 4, 1)
    apart = spread(first)
    monkeypatch.setattr(neighbours, "BLOCK_ROWS", 5)
    monkeypatch.setattr(neighbours, "SPREAD_ROWS", 5)
    assert_equals_scipy(first, second)
    assert spread(first) == pytest.approx(apart)


def test_one_call_per_row_gives_the_same_results(monkeypatch):
    monkeypatch.setattr(neighbours, "CALL", 0)
    assert_equals_scipy(normal(23, 4, 0), normal(17, 4, 1))


def test_neighbours_of_shared_arrays_are_computed_once(monkeypatch):
    calls = []
    blocks = neighbours._blocks
    monkeypatch.setattr(neighbours, "_blocks", lambda *sets: calls.append(sets) or blocks(*sets))
    first, second = normal(9, 4, 0), normal(8, 4, 1)
    with remembering(first, second):
        results = [nearest(first, second), nearest(first, second), nearest(first, second.copy())]
        assert len(calls) == 2  # the copy is not shared
        for distances, indices in results:
            np.testing.assert_array_equal(distances, results[0][0])
            np.testing.assert_array_equal(indices, results[0][1])
        assert not np.array_equal(kth_neighbour_distance(first, 1), kth_neighbour_distance(first, 2))
        kth_neighbour_distance(first, 1)
        assert len(calls) == 4
    nearest(first, second)
    assert len(calls) == 5


def test_what_concerns_the_arrays_of_an_outer_context_outlasts_an_inner_one(monkeypatch):
    calls = []
    blocks = neighbours._blocks
    monkeypatch.setattr(neighbours, "_blocks", lambda *sets: calls.append(sets) or blocks(*sets))
    first, second, third = normal(9, 4, 0), normal(8, 4, 1), normal(7, 4, 2)
    with remembering(first, second):
        with remembering(first, third):
            for _ in range(2):
                nearest(first, second)
                nearest(first, third)
            assert len(calls) == 2
        nearest(first, second)
        assert len(calls) == 2
        nearest(first, third)  # by now, this could be another array at the same place in memory
        assert len(calls) == 3
    nearest(first, second)
    assert len(calls) == 4


def test_zeros_of_either_sign_are_equal():
    _, indices = nearest(zeros := np.array([[0.0, 1], [-0.0, 1], [1, 0.0]]), zeros)
    np.testing.assert_array_equal(indices, [0, 0, 2])
