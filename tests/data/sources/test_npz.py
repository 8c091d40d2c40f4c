"""The npz source: valid content, and error messages for invalid files."""

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.data.sources.npz import Npz

IMAGES = np.arange(4 * 9 * 8, dtype=np.uint8).reshape(4, 9, 8)
LABELS = np.array([0, 1, 0, 1])


@pytest.fixture
def archive(tmp_path):
    """Return a function that writes an archive with the default images and labels, or those given."""

    def write(**arrays):
        np.savez(tmp_path / "all.npz", **{"images": IMAGES, "labels": LABELS, **arrays})
        return tmp_path / "all.npz"

    return write


def load_error(path, **options):
    """Return the error message on loading the archive."""
    with pytest.raises(InputError) as caught:
        Npz(**options).load(path)
    return str(caught.value)


def images(raw):
    return np.stack(list(raw.images))


def test_grey_images_need_no_channel_axis(archive):
    np.testing.assert_array_equal(images(Npz().load(archive())), IMAGES[..., None])
    np.testing.assert_array_equal(images(Npz().load(archive(images=IMAGES[..., None]))), IMAGES[..., None])


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("order", ["C", "F"])
def test_images_can_be_compressed_and_in_any_order_and_read_again(tmp_path, save, order):
    save(tmp_path / "all.npz", images=np.array(IMAGES, order=order), labels=np.arange(len(IMAGES)))
    raw = Npz().load(tmp_path / "all.npz")
    for _ in range(2):
        np.testing.assert_array_equal(images(raw), IMAGES[..., None])


def test_damage_among_the_images_is_reported(archive):
    path = archive()
    content = path.read_bytes()
    place = content.index(IMAGES.tobytes())
    path.write_bytes(content[:place] + bytes([255 - content[place]]) + content[place + 1 :])
    with pytest.raises(InputError, match=r"all.npz: not a readable .npz file \(Bad CRC-32"):
        images(Npz().load(path))


def test_distinct_labels_are_the_classes_by_default(archive):
    raw = Npz().load(archive(labels=np.array([7, -3, 7, 40], dtype=np.int16)))
    assert raw.classes == ("-3", "7", "40")
    assert raw.labels.tolist() == [1, 0, 1, 2]


def test_class_names_are_indexed_by_label(archive):
    raw = Npz(classes="names").load(archive(labels=np.array([2, 0, 1, 0]), names=["a", "b", "c"]))
    assert raw.classes == ("a", "b", "c")
    assert raw.labels.tolist() == [2, 0, 1, 0]


def test_arrays_may_have_any_names(archive):
    raw = Npz(images="x", labels="y", groups="who").load(
        archive(x=IMAGES + 1, y=LABELS[::-1], who=["p", "q", "p", "q"])
    )
    np.testing.assert_array_equal(images(raw)[..., 0], IMAGES + 1)
    assert raw.labels.tolist() == [1, 0, 1, 0]
    assert raw.groups.tolist() == ["p", "q", "p", "q"]


def test_missing_arrays_are_reported_with_those_in_the_file(archive):
    path = archive()
    assert load_error(path, images="x", groups="who") == (
        f"{path}: no array named 'x', 'who'; the file has images, labels: "
        "set prepare.source.images, prepare.source.groups to the right names"
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
def test_invalid_images_are_reported_with_dtype_and_shape(archive, images):
    path = archive(images=images)
    message = load_error(path)
    assert message.startswith(f"{path}: array 'images' must be uint8 of shape (N, height, width)")
    assert f"not {images.dtype} of shape (" in message


@pytest.mark.parametrize("labels", [LABELS[:3], LABELS[:, None], LABELS + 0.0, np.array(["a", "b", "a", "b"])])
def test_invalid_labels_are_reported_with_dtype_and_shape(archive, labels):
    path = archive(labels=labels)
    assert load_error(path) == (
        f"{path}: array 'labels' must hold 4 integers, one per image, not {labels.dtype} of shape {labels.shape}"
    )


@pytest.mark.parametrize(("labels", "low", "high"), [([0, 1, 2, 0], 0, 2), ([-1, 0, 1, 0], -1, 1)])
def test_labels_without_a_class_name_are_reported_with_their_range(archive, labels, low, high):
    path = archive(labels=labels, names=["a", "b"])
    assert load_error(path, classes="names") == (
        f"{path}: labels range from {low} to {high}, but 'names' has 2 names: labels must be in 0 to 1"
    )


@pytest.mark.parametrize("names", [["a", "a"], [["a", "b"]]])
def test_class_names_must_be_a_list_of_distinct_names(archive, names):
    path = archive(names=names)
    assert load_error(path, classes="names") == f"{path}: array 'names' must be a list of distinct class names"


def test_invalid_groups_are_reported_with_their_shape(archive):
    path = archive(who=[0, 1, 2])
    assert load_error(path, groups="who") == f"{path}: array 'who' must hold 4 group ids, not shape (3,)"


def test_missing_file_is_reported_with_the_remedy(tmp_path):
    message = load_error(tmp_path / "all.npz")
    assert message.startswith(f"{tmp_path / 'all.npz'}: not a readable .npz file")
    assert "numpy.savez(path, images=…, labels=…)" in message
    assert "prepare.path" in message


def test_damaged_file_is_reported(archive):
    path = archive()
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"no archive at all"):
        path.write_bytes(content)
        assert load_error(path).startswith(f"{path}: not a readable .npz file")


def test_npy_file_is_rejected(tmp_path):
    np.save(tmp_path / "one.npy", IMAGES)
    assert "not a readable .npz file" in load_error(tmp_path / "one.npy")


def test_pickled_objects_are_rejected(archive):
    path = archive(names=np.array(["a", "b"], dtype=object))
    assert "allow_pickle=False" in load_error(path, classes="names")
