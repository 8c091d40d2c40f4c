"""How many stages run side by side, and on which devices."""

import pytest

from ganaug.core import parallel
from ganaug.core.errors import InputError
from ganaug.runner.slots import make_slots, visible_gpus


def devices(jobs, gpus, per_job=1):
    return [slot["CUDA_VISIBLE_DEVICES"] for slot in make_slots(jobs, 1, gpus, per_job)]


@pytest.mark.parametrize(("threads", "expected"), [(1, 8), (3, 2), (8, 1), (64, 1)])
def test_without_gpus_there_are_as_many_slots_as_the_cores_serve(monkeypatch, threads, expected):
    monkeypatch.setattr(parallel, "cores", lambda: 8)
    assert make_slots(None, threads, []) == [{}] * expected
    assert make_slots(5, threads, []) == [{}] * 5


def test_every_slot_has_a_gpu_of_its_own():
    assert devices(None, ["0", "1", "2"]) == ["0", "1", "2"]
    assert devices(2, ["0", "1", "2"]) == ["0", "1"]


def test_more_slots_than_gpus_share_them():
    assert devices(5, ["0", "GPU-8932f937"]) == ["0", "GPU-8932f937", "0", "GPU-8932f937", "0"]


def test_a_gan_on_several_gpus_needs_slots_with_several():
    assert devices(None, ["0", "1", "2", "3", "4"], per_job=2) == ["0,1", "2,3"]
    assert devices(None, ["0", "1"], per_job=4) == ["0,1"]  # too few: Lightning says so


@pytest.mark.parametrize("jobs", [0, -1])
def test_there_is_at_least_one_job(jobs):
    with pytest.raises(InputError, match=rf"--jobs: give an integer, 1 or above \(given: {jobs}\)"):
        make_slots(jobs, 1, [])


@pytest.mark.parametrize(
    ("visible", "gpus"),
    [
        ("3, 1", ["3", "1"]),
        ("GPU-8932f937,MIG-1a2b", ["GPU-8932f937", "MIG-1a2b"]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("2,-1,0", ["2"]),  # as in CUDA, an entry that is no GPU hides all entries after it
    ],
)
def test_gpus_that_the_user_hides_are_not_used(monkeypatch, visible, gpus):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert visible_gpus() == gpus
