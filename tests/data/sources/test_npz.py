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
    with pytest.raises(InputError, match=r"all.npz: not a readable .npz file or folder of .npy files \(Bad CRC-32"):
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


@pytest.mark.parametrize("dtype", [np.uint16, np.int64, np.float32, bool])
def test_images_keep_their_type(archive, dtype):
    read = images(Npz().load(archive(images=IMAGES.astype(dtype))))
    assert read.dtype == dtype
    np.testing.assert_array_equal(read[..., 0], IMAGES.astype(dtype))


@pytest.mark.parametrize(("layout", "order"), [("NHWC", (0, 1, 2, 3)), ("NCHW", (0, 3, 1, 2)), ("HWCN", (1, 2, 3, 0))])
def test_axes_may_come_in_other_orders(archive, layout, order):
    colours = np.stack([IMAGES, IMAGES + 1, IMAGES + 2], axis=3)
    np.testing.assert_array_equal(images(Npz(layout=layout).load(archive(images=colours.transpose(order)))), colours)


def test_another_order_of_axes_is_suggested_where_it_fits(archive):
    path = archive(images=np.zeros((4, 3, 9, 8), np.uint8))
    message = load_error(path)
    assert "not uint8 of shape (4, 3, 9, 8)" in message
    assert message.endswith("if its axes are (N, channels, height, width), set prepare.source.layout to NCHW")


@pytest.mark.parametrize(
    "images",
    [np.array(["a"] * 4), IMAGES[0], np.zeros((4, 9, 8, 5), np.uint8), IMAGES.reshape(4, -1)],
    ids=["texts", "one image", "five channels", "flat"],
)
def test_invalid_images_are_reported_with_dtype_and_shape(archive, images):
    path = archive(images=images)
    message = load_error(path)
    assert message.startswith(f"{path}: array 'images' must hold numbers of shape (N, height, width, channels)")
    assert f"not {images.dtype} of shape (" in message


def test_no_images_are_reported(archive):
    assert "array 'images' of shape (0, 9, 8) is empty" in load_error(archive(images=IMAGES[:0], labels=LABELS[:0]))


def test_fewer_labels_than_images_are_reported(archive):
    path = archive(labels=LABELS[:3])
    assert load_error(path) == (
        f"{path}: array 'images' holds 4 images, but 'labels' of shape (3,) does not have one label for each"
    )


def test_labels_that_cannot_be_read_are_reported_with_their_array(archive):
    path = archive(labels=LABELS + 0.5)
    assert load_error(path).startswith(f"{path}: 'labels': labels must be whole numbers or texts")


# splits


def by_split(names, sizes=(2, 1, 1)):
    """Return arrays of images and labels per split, named as `names` says."""
    found, start = {}, 0
    for split, size in zip(("train", "val", "test"), sizes, strict=True):
        if split in names:
            found[f"{names[split]}_images"] = IMAGES[start : start + size]
            found[f"{names[split]}_labels"] = LABELS[start : start + size, None]
        start += size
    return found


def test_arrays_per_split_bring_the_splits(tmp_path):
    np.savez(tmp_path / "all.npz", **by_split({"train": "train", "val": "valid", "test": "test"}))
    raw = Npz(images="{split}_images", labels="{split}_labels").load(tmp_path / "all.npz")
    assert raw.splits.tolist() == ["train", "train", "val", "test"]
    assert raw.labels.tolist() == LABELS.tolist()
    np.testing.assert_array_equal(images(raw)[..., 0], IMAGES)


@pytest.mark.parametrize(("one", "two"), [("{}_images", "{}_labels"), ("x_{}", "y_{}")])
def test_arrays_per_split_are_recognised_in_the_message(tmp_path, one, two):
    arrays = {one.format(split): IMAGES for split in ("train", "test")}
    arrays |= {two.format(split): LABELS for split in ("train", "test")}
    np.savez(tmp_path / "all.npz", **arrays)
    message = load_error(tmp_path / "all.npz")
    assert f"set prepare.source.images to '{one.format('{split}')}'" in message
    assert f"prepare.source.labels to '{two.format('{split}')}'" in message


def test_a_folder_of_npy_files_is_read_like_an_archive(tmp_path):
    np.save(tmp_path / "images.npy", IMAGES)
    np.save(tmp_path / "labels.npy", LABELS)
    raw = Npz().load(tmp_path)
    np.testing.assert_array_equal(images(raw)[..., 0], IMAGES)
    assert raw.labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize(("labels", "low", "high"), [([0, 1, 2, 0], 0, 2), ([-1, 0, 1, 0], -1, 1)])
def test_labels_without_a_class_name_are_reported_with_their_range(archive, labels, low, high):
    path = archive(labels=labels, names=["a", "b"])
    assert load_error(path, classes="names") == (
        f"{path}: 'labels': labels range from {low} to {high}, but there are 2 class names: labels must be in 0 to 1"
    )


def test_class_names_must_be_a_list(archive):
    path = archive(names=[["a", "b"]])
    assert load_error(path, classes="names") == f"{path}: class names must be a list of texts, not of shape (1, 2)"


def test_class_names_must_be_distinct(archive):
    assert "class names must be distinct" in load_error(archive(names=["a", "a"]), classes="names")


def test_class_names_may_be_bytes(archive):
    assert Npz(classes="names").load(archive(names=np.array([b"cat", b"dog"]))).classes == ("cat", "dog")


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
