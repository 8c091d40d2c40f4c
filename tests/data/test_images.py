"""LabelledImages: validation, saving and loading, and conversion between bytes and floats."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ganaug.core.errors import InputError
from ganaug.data.images import UNLABELLED, LabelledImages, checksum, to_float, to_uint8

FILES = ("card.json", "groups.npy", "images.npy", "labels.npy")


@st.composite
def image_sets(draw):
    """Small image sets with any class names, with or without labels and groups."""
    shape = draw(st.tuples(*(st.integers(low, high) for low, high in ((0, 4), (1, 4), (1, 5), (1, 5)))))
    classes = draw(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4, unique=True))
    labels = draw(arrays(np.int64, shape[0], elements=st.integers(UNLABELLED, len(classes) - 1)))
    source = draw(st.dictionaries(st.sampled_from("abc"), st.none() | st.integers() | st.booleans()))
    groups = draw(st.none() | arrays(np.int64, shape[0]))
    return LabelledImages(draw(arrays(np.uint8, shape)), labels, tuple(classes), source, groups)


def example(labels=(0, 1, 0), classes=("cat", "dog")):
    images = np.arange(len(labels) * 12, dtype=np.uint8).reshape(-1, 3, 2, 2)
    return LabelledImages(images, np.array(labels, dtype=np.int64), classes, {"name": "example_source"})


def saved_files(folder):
    return {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}


@given(image_sets())
def test_saving_and_loading_is_lossless_and_reproducible(data):
    with tempfile.TemporaryDirectory() as folder:
        one, two = Path(folder, "one"), Path(folder, "two")
        data.save(one)
        loaded = LabelledImages.load(one)
        np.testing.assert_array_equal(loaded.images, data.images)
        np.testing.assert_array_equal(loaded.labels, data.labels)
        np.testing.assert_array_equal(loaded.groups, data.groups)
        assert (loaded.classes, loaded.source) == (data.classes, data.source)
        loaded.save(two)
        assert saved_files(one) == saved_files(two)
        del loaded  # closes the memory map before its file is deleted


def test_a_subset_of_a_saved_set_can_be_saved_as_row_numbers(tmp_path):
    example().save(tmp_path / "pool")
    chosen = LabelledImages.load(tmp_path / "pool").subset([2, 1])
    chosen.save(tmp_path / "a/train", rows_of=tmp_path / "pool")
    assert sorted(file.name for file in (tmp_path / "a/train").iterdir()) == ["card.json", "labels.npy", "rows.npy"]
    assert np.load(tmp_path / "a/train/rows.npy").tolist() == [2, 1]
    loaded = LabelledImages.load(tmp_path / "a/train")
    np.testing.assert_array_equal(loaded.images, example().images[[2, 1]])
    assert loaded.labels.tolist() == [0, 1]
    loaded.save(tmp_path / "a/train")
    assert sorted(file.name for file in (tmp_path / "a/train").iterdir()) == ["card.json", "images.npy", "labels.npy"]
    with pytest.raises(ValueError, match="not a subset of a saved set"):
        example().save(tmp_path / "b", rows_of=tmp_path / "pool")


def test_a_missing_file_of_rows_is_reported(tmp_path):
    example().save(tmp_path / "pool")
    LabelledImages.load(tmp_path / "pool").subset([0]).save(tmp_path / "train", rows_of=tmp_path / "pool")
    (tmp_path / "pool/images.npy").unlink()
    with pytest.raises(InputError, match=r"train: not a readable set of images .* run `dvc repro`"):
        LabelledImages.load(tmp_path / "train")


def test_a_checksum_is_of_the_content_wherever_it_is(tmp_path):
    example().save(tmp_path)
    loaded = LabelledImages.load(tmp_path)
    expected = checksum(example().images[[1, 0]])
    assert expected == checksum(loaded.subset([1, 0]).images) != checksum(loaded.images)
    assert checksum(np.float64(3)) != checksum(np.array([3.0]))


def test_saving_removes_stale_groups(tmp_path):
    replace(example(), groups=np.array([0, 0, 1])).save(tmp_path)
    example().save(tmp_path)
    assert LabelledImages.load(tmp_path).groups is None


def test_memory_layout_does_not_affect_the_saved_bytes(tmp_path):
    data = example()
    fortran = np.asfortranarray(data.images)
    assert not fortran.flags.c_contiguous
    data.save(tmp_path / "one")
    LabelledImages(fortran, data.labels, data.classes, data.source).save(tmp_path / "two")
    assert saved_files(tmp_path / "one") == saved_files(tmp_path / "two")


def test_images_are_memory_mapped(tmp_path):
    example().save(tmp_path)
    assert isinstance(LabelledImages.load(tmp_path).images, np.memmap)


def test_card_describes_the_content(tmp_path):
    example(classes=("Katze", "Hündin")).save(tmp_path)
    text = (tmp_path / "card.json").read_text(encoding="utf-8")
    assert "Hündin" in text
    assert json.loads(text) == {
        "classes": ["Katze", "Hündin"],
        "counts": {"Katze": 2, "Hündin": 1},
        "image_shape": [3, 2, 2],
        "images": 3,
        "value_range": [0, 255],
        "source": {"name": "example_source"},
    }


def test_counts_include_empty_classes_and_skip_unlabelled_images():
    assert example(labels=(0, UNLABELLED, 0), classes=("a", "b")).counts == {"a": 2, "b": 0}


def test_subset_keeps_the_given_order():
    data = replace(example(labels=(0, 1, 0)), groups=np.array([7, 8, 9])).subset([2, 1])
    np.testing.assert_array_equal(data.images, example().images[[2, 1]])
    np.testing.assert_array_equal(data.labels, [0, 1])
    np.testing.assert_array_equal(data.groups, [9, 8])
    assert data.classes == ("cat", "dog")


def test_without_labels_changes_neither_the_images_nor_the_original():
    data = example()
    unlabelled = data.without_labels()
    assert (unlabelled.labels == UNLABELLED).all()
    np.testing.assert_array_equal(unlabelled.images, data.images)
    np.testing.assert_array_equal(data.labels, [0, 1, 0])


@pytest.mark.parametrize(("label", "image"), [(2, 1), (-2, 0)])
def test_label_out_of_range_is_reported_with_image_and_range(label, image):
    labels = [0, 0, 0]
    labels[image] = label
    with pytest.raises(InputError) as caught:
        example(labels=labels)
    assert str(caught.value) == f"label {label} of image {image} is out of range: 2 classes have labels 0 to 1"


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [(np.float32, (2, 1, 4, 4)), (np.uint8, (2, 4, 4)), (np.uint8, (2, 5, 4, 4)), (np.uint8, (2, 0, 4, 4))],
)
def test_invalid_images_are_reported_with_dtype_and_shape(dtype, shape):
    with pytest.raises(InputError) as caught:
        LabelledImages(np.zeros(shape, dtype), np.zeros(2, np.int64), ("a",))
    assert f"not {np.dtype(dtype)} of shape {shape}" in str(caught.value)
    assert "must be uint8 of shape (N, 1 to 4 channels, height, width)" in str(caught.value)


@pytest.mark.parametrize("name", ["labels", "groups"])
@pytest.mark.parametrize(("dtype", "shape"), [(np.int32, (2,)), (np.int64, (3,)), (np.int64, (2, 1))])
def test_invalid_labels_and_groups_are_reported_with_dtype_and_shape(name, dtype, shape):
    given = {"labels": np.zeros(2, np.int64)} | {name: np.zeros(shape, dtype)}
    with pytest.raises(InputError) as caught:
        LabelledImages(np.zeros((2, 1, 4, 4), np.uint8), classes=("a",), **given)
    assert str(caught.value) == (
        f"{name} must be int64 of shape (2,), one per image, not {np.dtype(dtype)} of shape {shape}"
    )


def damaged(folder, name, content):
    example().save(folder)
    (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("name", "content"),
    [("images.npy", b"no array"), ("labels.npy", b"no array"), ("card.json", b""), ("card.json", b"{}")],
)
def test_damaged_set_is_reported_with_folder_and_remedy(tmp_path, name, content):
    damaged(tmp_path, name, content)
    with pytest.raises(InputError) as caught:
        LabelledImages.load(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: not a readable set of images")
    assert "run `dvc repro` to create it" in str(caught.value)


def test_truncated_images_are_detected(tmp_path):
    example().save(tmp_path)
    damaged(tmp_path, "images.npy", (tmp_path / "images.npy").read_bytes()[:-1])
    with pytest.raises(InputError, match="not a readable set of images"):
        LabelledImages.load(tmp_path)


def test_missing_set_is_reported_with_its_folder(tmp_path):
    with pytest.raises(InputError, match=f"{tmp_path / 'nowhere'}: not a readable set"):
        LabelledImages.load(tmp_path / "nowhere")


def test_checksum_depends_on_values_shapes_dtypes_and_order():
    array = np.arange(6, dtype=np.int64)
    different = [array[::-1], array.reshape(2, 3), array.reshape(3, 2), array.astype(np.int32), array[:5]]
    assert len({checksum(array), *(checksum(other) for other in different)}) == 6
    assert checksum(array, array[:2]) != checksum(array[:2], array)


def test_checksum_does_not_depend_on_memory_layout():
    array = np.arange(6).reshape(2, 3)
    assert checksum(array) == checksum(np.asfortranarray(array))


def test_all_byte_values_survive_a_round_trip_through_floats():
    all_bytes = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(to_uint8(to_float(all_bytes)), all_bytes)


def test_floats_range_from_minus_1_to_1():
    # 51 / 127.5 − 1 = −0.6; 204 / 127.5 − 1 = 0.6
    floats = to_float(torch.tensor([0, 51, 204, 255], dtype=torch.uint8))
    torch.testing.assert_close(floats, torch.tensor([-1.0, -0.6, 0.6, 1.0]))


def test_floats_are_rounded_to_the_nearest_byte_and_clipped():
    # (0.1 + 1) · 127.5 = 140.25; (0.11 + 1) · 127.5 = 141.525
    bytes_ = to_uint8(torch.tensor([-7.0, -1.0, 0.1, 0.11, 1.0, 1.01]))
    assert bytes_.tolist() == [0, 0, 140, 142, 255, 255]


def test_conversion_does_not_modify_its_input():
    floats = torch.tensor([-0.5, 0.5])
    to_uint8(floats)
    assert floats.tolist() == [-0.5, 0.5]
