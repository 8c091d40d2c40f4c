"""Spreading work over processes."""

import os

import pytest

from ganaug.core import parallel
from ganaug.core.parallel import in_processes


def squared(number):
    return number * number, os.getpid()


def fail_at_five(number):
    if number == 5:
        raise ValueError("five")
    return number


@pytest.mark.parametrize("workers", [1, 3])
def test_results_are_in_order(monkeypatch, workers):
    monkeypatch.setattr(parallel, "cores", lambda: workers)
    numbers, processes = zip(*in_processes(squared, iter(range(50))), strict=True)
    assert numbers == tuple(number * number for number in range(50))
    assert (os.getpid() in processes) == (workers == 1)


def test_few_items_are_taken_ahead(monkeypatch):
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    taken = []
    results = in_processes(squared, (taken.append(number) or number for number in range(100)))
    next(results)
    assert len(taken) < 10
    results.close()


@pytest.mark.parametrize("workers", [1, 3])
def test_the_first_error_is_raised(monkeypatch, workers):
    monkeypatch.setattr(parallel, "cores", lambda: workers)
    results = in_processes(fail_at_five, range(50))
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="five"):
        next(results)


def test_nothing_gives_nothing():
    assert list(in_processes(squared, [])) == []
