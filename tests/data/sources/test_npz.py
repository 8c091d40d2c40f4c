"""A NumPy archive: what it may hold, and what a user is told of a wrong one."""

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.data.sources.npz import Npz

IMAGES = np.arange(4 * 9 * 8, dtype=np.uint8).reshape(4, 9, 8)
LABELS = np.array([0, 1, 0, 1])


@pytest.fixture
def archive(tmp_path):
    """Return a function that writes an archive, with images and labels unless others are given."""

    def write(**arrays):
        np.savez(tmp_path / "all.npz", **{"images": IMAGES, "labels": LABELS, **arrays})
        return tmp_path / "all.npz"

    return write


def told(path, **options):
    """Return what the user is told on loading."""
    with pytest.raises(InputError) as caught:
        Npz(**options).load(path)
    return str(caught.value)


def test_grey_images_need_no_axis_of_channels(archive):
    raw = Npz().load(archive())
    np.testing.assert_array_equal(raw.images, IMAGES[..., None])
    np.testing.assert_array_equal(Npz().load(archive(images=IMAGES[..., None])).images, raw.images)


def test_labels_that_occur_are_the_classes_if_no_names_are_given(archive):
    raw = Npz().load(archive(labels=np.array([7, -3, 7, 40], dtype=np.int16)))
    assert raw.classes == ("-3", "7", "40")
    assert raw.labels.tolist() == [1, 0, 1, 2]


def test_names_of_classes_are_taken_by_label(archive):
    raw = Npz(classes="names").load(archive(labels=np.array([2, 0, 1, 0]), names=["a", "b", "c"]))
    assert raw.classes == ("a", "b", "c")
    assert raw.labels.tolist() == [2, 0, 1, 0]


def test_arrays_may_have_any_names(archive):
    raw = Npz(images="x", labels="y", groups="who").load(
        archive(x=IMAGES + 1, y=LABELS[::-1], who=["p", "q", "p", "q"])
    )
    np.testing.assert_array_equal(raw.images[..., 0], IMAGES + 1)
    assert raw.labels.tolist() == [1, 0, 1, 0]
    assert raw.groups.tolist() == ["p", "q", "p", "q"]


def test_missing_array_is_named_with_those_that_are_there(archive):
    path = archive()
    assert told(path, images="x", groups="who") == (
        f"{path}: no array named 'x', 'who'; it holds images, labels: "
        "set prepare.source.images and labels to the right names"
    )


@pytest.mark.parametrize(
    "images",
    [
        IMAGES.astype(np.float32),
        IMAGES.astype(np.int64),
        IMAGES[0],
        np.zeros((4, 9, 8, 5), np.uint8),
        np.zeros((0, 9, 8), np.uint8),
    ],
    ids=["floats", "integers", "one image", "five channels", "none"],
)
def test_wrong_images_are_told_with_type_and_shape(archive, images):
    path = archive(images=images)
    message = told(path)
    assert message.startswith(f"{path}: array 'images' must be uint8 of shape (N, height, width)")
    assert f"not {images.dtype} of shape (" in message


@pytest.mark.parametrize("labels", [LABELS[:3], LABELS[:, None], LABELS + 0.0, np.array(["a", "b", "a", "b"])])
def test_wrong_labels_are_told_with_type_and_shape(archive, labels):
    path = archive(labels=labels)
    assert told(path) == (
        f"{path}: array 'labels' must hold 4 integers, one an image, not {labels.dtype} of shape {labels.shape}"
    )


@pytest.mark.parametrize(("labels", "low", "high"), [([0, 1, 2, 0], 0, 2), ([-1, 0, 1, 0], -1, 1)])
def test_labels_without_a_name_are_told_with_the_range(archive, labels, low, high):
    path = archive(labels=labels, names=["a", "b"])
    assert told(path, classes="names") == (
        f"{path}: labels run from {low} to {high}, but 'names' names 2 classes: labels must be in 0 to 1"
    )


def test_wrong_groups_are_told_with_their_shape(archive):
    path = archive(who=[0, 1, 2])
    assert told(path, groups="who") == f"{path}: array 'who' must hold 4 group ids, not (3,)"


def test_missing_file_is_named_with_the_remedy(tmp_path):
    message = told(tmp_path / "all.npz")
    assert message.startswith(f"{tmp_path / 'all.npz'}: not a readable .npz file")
    assert "numpy.savez(path, images=…, labels=…)" in message
    assert "prepare.path" in message


def test_damaged_file_is_named(archive):
    path = archive()
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"no archive at all"):
        path.write_bytes(content)
        assert told(path).startswith(f"{path}: not a readable .npz file")


def test_single_array_is_not_an_archive(tmp_path):
    np.save(tmp_path / "one.npy", IMAGES)
    assert "not a readable .npz file" in told(tmp_path / "one.npy")


def test_pickled_objects_are_not_opened(archive):
    path = archive(names=np.array(["a", "b"], dtype=object))
    assert "allow_pickle=False" in told(path, classes="names")
