"""Reading image files resumes where a killed process stopped."""

import os

import numpy as np
import pytest
from data_forms import noise, photos, save

from ganaug.core.plugins import from_data
from ganaug.core.progress import Progress
from ganaug.data import uniform
from ganaug.data.settings import Prepare
from ganaug.data.uniform import read_uniform


class KilledError(Exception):
    """Stands for whatever kills the process."""


@pytest.fixture
def photographs(tmp_path):
    photos(tmp_path / "photos", per_class=15)  # 30 files
    save(tmp_path / "photos/a/0.png", noise((20, 12, 3)))
    return tmp_path / "photos"


@pytest.fixture
def read(photographs, tmp_path, monkeypatch):
    """Return a function that reads the photographs and returns the result and how many files were decoded."""
    decoded = []
    decode = uniform.decode
    monkeypatch.setattr(uniform, "SAVED_EVERY", 10)
    monkeypatch.setattr(uniform, "in_processes", map)
    monkeypatch.setattr(uniform, "BLOCK", 1)
    monkeypatch.setattr(uniform, "decode", lambda image, **more: decoded.append(image) or decode(image, **more))

    def run(folder="work", killed_after=None, **changed):
        plain = {"source": {"name": "folder"}, "path": str(photographs), "size": 8, "test": 3, "val": 3}
        chosen = from_data(Prepare, plain | {"labelled_per_class": 2} | changed)
        (tmp_path / folder).mkdir(exist_ok=True)
        decoded.clear()
        with monkeypatch.context() as patch:
            if killed_after is not None:
                patch.setattr(uniform, "Progress", stopping_after(killed_after))
            found = read_uniform(chosen.source.load(photographs), chosen, tmp_path / folder / "read.npy")
        return found._replace(images=np.array(found.images)), len(decoded)

    return run


def stopping_after(count):
    """Return a Progress that stands for a process that is killed after `count` images."""

    class Stopping(Progress):
        def step(self, done, note=""):
            if done > count:
                raise KilledError
            super().step(done, note)

    return Stopping


def assert_equal(one, other):
    np.testing.assert_array_equal(one.images, other.images)
    assert one[1:] == other[1:]


@pytest.mark.parametrize(("killed_after", "again"), [(27, 10), (10, 20), (9, 30), (30, 30 - 30)])
def test_what_was_read_before_a_kill_is_not_read_again(read, killed_after, again):
    whole, count = read("undisturbed")
    assert count == 30
    if killed_after < 30:
        with pytest.raises(KilledError):
            read(killed_after=killed_after)
    else:
        read()
    resumed, count = read()
    assert count == again
    assert_equal(resumed, whole)
    assert whole.sizes == {(20, 12): 1, (16, 16): 29}


def test_a_second_kill_loses_nothing_either(read):
    whole, _ = read("undisturbed")
    for killed_after in (12, 24):
        with pytest.raises(KilledError):
            read(killed_after=killed_after)
    resumed, count = read()
    assert count == 10
    assert_equal(resumed, whole)


def test_files_that_changed_are_all_read_again(read, photographs):
    with pytest.raises(KilledError):
        read(killed_after=27)
    save(photographs / "a/3.png", noise((16, 16, 3)))
    os.utime(photographs / "a/3.png", ns=(1, 1))
    assert read()[1] == 30


def test_another_size_is_read_anew_and_so_is_the_first_one_after_it(read):
    with pytest.raises(KilledError):
        read(killed_after=27)
    with pytest.raises(KilledError):
        read(killed_after=5, size=9)
    resumed, count = read()
    assert count == 30
    assert_equal(resumed, read("undisturbed")[0])


def test_arrays_leave_no_record(tmp_path):
    chosen = from_data(
        Prepare, {"source": {"name": "digits"}, "path": ".", "test": 3, "val": 3, "labelled_per_class": 2}
    )
    read_uniform(chosen.source.load(tmp_path), chosen, tmp_path / "read.npy")
    assert [path.name for path in tmp_path.iterdir()] == ["read.npy"]
