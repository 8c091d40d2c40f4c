"""Turning a data source into a training pool, a validation set and a test set."""

import json
import runpy
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ganaug.core import rows
from ganaug.core.errors import InputError
from ganaug.core.paths import Paths
from ganaug.core.plugins import build
from ganaug.data import near_duplicates, preparation
from ganaug.data.description import data_card
from ganaug.data.images import UNLABELLED, LabelledImages
from ganaug.data.preparation import REMEDIES
from ganaug.data.settings import Prepare
from ganaug.data.sources import RawImages
from ganaug.data.splits import POOL, TEST, VAL
from ganaug.data.training_draws import draw_order, draw_training, take_per_class
from ganaug.data.uniform import read_uniform

ROOT = Path(__file__).parents[2]
REAL_DATA = ROOT.parent / "shared/data"

DIGITS = {"name": "digits"}
NPZ = {"name": "npz"}
NOTES = {"duplicates": 0, "duplicates_with_other_label": 0, "left_out": 0, "unknown_groups": 0, "near_duplicates": 0}


def settings(path=".", source=DIGITS, **changed):
    defaults = {"test": 0.25, "val": 0.25, "labelled_per_class": "all"}
    return Prepare(source=source, path=path, **(defaults | changed))


def raw(*images, **more):
    """Return a source's RawImages with these images (H, W, C), all of one class."""
    names = [f"image {index}" for index in range(len(images))]
    labels = np.zeros(len(images), np.int64)
    return RawImages(images=images, labels=labels, classes=("one", "other"), names=names, **more)


def uniform(images, chosen):
    """Return the array that `read_uniform` writes."""
    with tempfile.TemporaryDirectory() as folder:
        return np.array(read_uniform(images, chosen, Path(folder, "all.npy")).images)


def read_and_split(chosen, seed):
    """Return the splits; their images can still be read, although their files are deleted."""
    with tempfile.TemporaryDirectory() as folder:
        return preparation.read_and_split(chosen, seed, Path(folder))


def flat(value, height=8, width=8, channels=1):
    return np.full((height, width, channels), value, np.uint8)


def random_images(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 8, 8), dtype=np.uint8)


@pytest.fixture
def archive(tmp_path):
    """Return a function that writes an .npz archive and returns its path."""

    def write(images, labels, **more):
        np.savez(tmp_path / "all.npz", images=images, labels=labels, **more)
        return tmp_path / "all.npz"

    return write


def contents(data):
    """Return the bytes of each image, as a set."""
    return {image.tobytes() for image in data.images}


def input_error(function, *arguments):
    """Return the error message."""
    with pytest.raises(InputError) as caught:
        function(*arguments)
    return str(caught.value)


# uniform size and channels


def test_uniform_images_only_change_their_axis_order():
    images = np.random.default_rng(0).integers(0, 256, (3, 9, 11, 3), dtype=np.uint8)
    np.testing.assert_array_equal(uniform(raw(*images), settings()), images.transpose(0, 3, 1, 2))


def test_mixed_channels_become_the_largest_number():
    mixed = uniform(raw(flat(70), flat(90, channels=3)), settings())
    np.testing.assert_array_equal(mixed[:, :, 0, 0], [[70, 70, 70], [90, 90, 90]])
    with_alpha = uniform(raw(flat(70), flat(80, channels=3), flat(90, channels=4)), settings())
    np.testing.assert_array_equal(with_alpha[:, :, 0, 0], [[70, 70, 70, 255], [80, 80, 80, 255], [90] * 4])


@pytest.mark.parametrize("given", [1, 2, 3, 4])
@pytest.mark.parametrize("wanted", [1, 2, 3, 4])
def test_grey_stays_grey_with_any_number_of_channels(given, wanted):
    image = flat(100, channels=given)
    image[..., given - 1] = 255 if given in (2, 4) else 100  # an alpha channel is opaque
    pixel = uniform(raw(image), settings(channels=wanted))[0, :, 0, 0]
    assert pixel.tolist() == {1: [100], 2: [100, 255], 3: [100] * 3, 4: [100, 100, 100, 255]}[wanted]


def test_colours_are_converted_to_their_luminance():
    # ITU-R 601-2: 0.299 R + 0.587 G + 0.114 B; 255 · 0.299 = 76.2, 255 · 0.587 = 149.7, 255 · 0.114 = 29.1
    colours = [flat(0, channels=3) for _ in range(3)]
    for channel, image in enumerate(colours):
        image[..., channel] = 255
    assert uniform(raw(*colours), settings(channels=1))[:, 0, 0, 0].tolist() == [76, 150, 29]


@pytest.mark.parametrize(("size", "shape"), [(16, (16, 16)), ((10, 20), (10, 20))])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_images_are_resized_to_height_and_width(size, shape, channels):
    resized = uniform(raw(flat(200, 31, 9, channels), flat(200, *shape, channels)), settings(size=size))
    assert resized.shape == (2, channels, *shape)
    assert (resized == 200).all()


def test_resizing_keeps_the_orientation():
    image = flat(0, 32, 64)
    image[:16, 32:] = 240  # the upper right quarter
    quarters = uniform(raw(image), settings(size=(8, 16)))[0, 0, 1::4, 3::8]
    np.testing.assert_allclose(quarters, [[0, 240], [0, 0]], atol=12)


def test_image_of_another_size_is_reported_with_the_remedy():
    message = input_error(uniform, raw(flat(0, 8, 9), flat(0, 8, 9), flat(0, 10, 9)), settings())
    assert message == (
        "images have 2 sizes, such as 8×9 (image 0) and 10×9 (image 2); "
        "set prepare.size to resize all of them to one size"
    )


@pytest.mark.parametrize("shape", [(7, 8), (8, 7), (257, 8), (8, 257)])
def test_images_that_are_too_small_or_too_large_are_rejected(shape):
    message = input_error(uniform, raw(flat(0, *shape)), settings())
    assert message == (f"image 0: {shape[0]}×{shape[1]} pixels; set prepare.size, from 8 to 256, to resize all images")


# splitting


def test_splits_contain_their_shares_of_each_class(archive):
    path = archive(random_images(60), np.repeat([0, 1], [40, 20]))
    splits = read_and_split(settings(path, NPZ, test=0.25, val=0.1), seed=0)
    assert splits.test.counts == {"0": 10, "1": 5}
    assert splits.val.counts == {"0": 4, "1": 2}
    assert splits.pool.counts == {"0": 26, "1": 13}
    assert splits.notes == NOTES


def test_every_image_is_in_part_with_its_own_label(archive):
    images, labels = random_images(60), np.repeat([0, 1, 2], 20)
    splits = read_and_split(settings(archive(images, labels), NPZ), seed=0)
    expected = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    found = {}
    for part in (splits.pool, splits.val, splits.test):
        found |= {image.tobytes(): label for image, label in zip(part.images, part.labels, strict=True)}
    assert found == expected
    assert len(splits.pool) + len(splits.val) + len(splits.test) == 60


def test_duplicates_are_counted_and_kept_together(archive):
    # 20 images, three times each; one of the 60 has a different label from its two duplicates
    images, labels = np.repeat(random_images(20), 3, axis=0), np.repeat([0, 1], 30)
    labels[0] = 1
    splits = read_and_split(settings(archive(images, labels), NPZ, test=6, val=6), seed=0)
    one, two, three = (contents(part) for part in (splits.pool, splits.val, splits.test))
    assert one.isdisjoint(two)
    assert three.isdisjoint(one | two)
    assert splits.notes == NOTES | {"duplicates": 40, "duplicates_with_other_label": 3}


def test_images_that_become_equal_by_resizing_are_duplicates(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for index in range(6):  # three pairs of the same grey but different widths
            Image.new("L", (16 + index, 16), ord(name) + 2 * (index // 2)).save(tmp_path / name / f"{index}.png")
    assert read_and_split(settings(tmp_path, {"name": "folder"}, size=8, test=2, val=2), 0).notes["duplicates"] == 6


@given(st.integers(0, 1000))
def test_groups_of_the_source_are_never_divided(seed):
    images, labels = random_images(60), np.tile([0, 1], 30)
    who = np.repeat(np.arange(15), 4)
    owner = {image.tobytes(): person for image, person in zip(images, who, strict=True)}
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder, "all.npz"), images=images, labels=labels, who=who)
        splits = read_and_split(settings(Path(folder, "all.npz"), NPZ | {"groups": "who"}), seed)
    people = [{owner[content] for content in contents(part)} for part in (splits.pool, splits.val, splits.test)]
    assert sum(map(len, people)) == len(set.union(*people)) == 15
    for part in (splits.pool, splits.val, splits.test):
        ours = np.array([owner[image.tobytes()] for image in part.images])
        np.testing.assert_array_equal(ours[:, None] == ours, part.groups[:, None] == part.groups)


def test_test_set_of_the_source_is_kept_and_its_duplicates_are_left_out(tmp_path, write_mnist):
    images, labels = np.random.default_rng(0).integers(0, 256, (60, 28, 28)), np.arange(60) % 10
    images[0], labels[0] = images[59], labels[59]  # a training image that is also in the test set
    root = write_mnist(tmp_path, (images[:50], labels[:50]), (images[50:], labels[50:]))
    splits = read_and_split(settings(root, {"name": "torchvision", "dataset": "MNIST"}, test=None, val=1), seed=0)
    np.testing.assert_array_equal(np.asarray(splits.test.images)[:, 0], images[50:])
    assert len(splits.pool) + len(splits.val) == 49
    assert not contents(splits.test) & (contents(splits.pool) | contents(splits.val))
    assert splits.notes == NOTES | {"duplicates": 1, "left_out": 1}


def test_test_set_of_the_source_can_be_ignored(tmp_path, write_mnist):
    images, labels = np.random.default_rng(0).integers(0, 256, (60, 28, 28)), np.arange(60) % 10
    root = write_mnist(tmp_path, (images[:50], labels[:50]), (images[50:], labels[50:]))
    splits = read_and_split(settings(root, {"name": "torchvision", "dataset": "MNIST"}, test=2, val=1), seed=0)
    assert set(splits.test.counts.values()) == {2}
    assert set(splits.pool.counts.values()) == {3}


def test_splits_are_reproducible_and_depend_on_the_seed(archive):
    chosen = settings(archive(random_images(60), np.tile([0, 1], 30)), NPZ)
    first, again, other = (np.asarray(read_and_split(chosen, seed).test.images) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_test_set_depends_neither_on_val_nor_on_the_training_draw(archive):
    path = archive(random_images(60), np.tile([0, 1], 30))
    first = read_and_split(settings(path, NPZ, val=0.1, labelled_per_class=3), seed=0)
    other = read_and_split(settings(path, NPZ, val=7, labelled_per_class="all"), seed=0)
    np.testing.assert_array_equal(first.test.images, other.test.images)


def test_source_can_be_rebuilt_and_its_content_has_a_checksum(archive):
    chosen = settings(archive(random_images(40), np.tile([0, 1], 20)), NPZ)
    source = read_and_split(chosen, 0).test.source
    checksum = source.pop("checksum")
    assert source.pop("title") == chosen.path.stem
    assert build("data.sources", source) == chosen.source
    archive(random_images(40, seed=1), np.tile([0, 1], 20))
    assert read_and_split(chosen, 0).test.source["checksum"] != checksum


def test_missing_path_is_reported_with_the_parameter(tmp_path):
    message = input_error(read_and_split, settings(tmp_path / "nowhere", NPZ), 0)
    assert message == f"{tmp_path / 'nowhere'}: no such file or folder; correct prepare.path"


def test_null_test_needs_a_source_with_a_test_set(archive):
    path = archive(random_images(40), np.tile([0, 1], 20))
    assert input_error(read_and_split, settings(path, NPZ, test=None), 0) == (
        "prepare.test: null needs a source with its own test set; give a share, such as 0.3"
    )


@pytest.mark.parametrize(
    ("test", "val", "name"),
    [(3, 1, "training pool"), (1, 3, "training pool"), (0.1, 1, "test set"), (1, 0.1, "validation set")],
)
def test_class_missing_from_a_split_is_reported_with_the_remedy(archive, test, val, name):
    path = archive(random_images(43), np.repeat([0, 1], [40, 3]))
    message = input_error(read_and_split, settings(path, NPZ, test=test, val=val), 0)
    assert message.startswith(
        f"{path}: after the split, the {name} has no image of class '1'; '1' has 3 images: add images, or "
    )
    assert message.endswith(REMEDIES[{"training pool": POOL, "validation set": VAL, "test set": TEST}[name]])


@pytest.mark.parametrize(
    ("groups", "remedy"),
    [
        (None, "has 2 images: add images, three or more in all, or remove the class"),
        (["a", "a"], "has 2 images in 1 group, and a group is never divided: add groups, three or more in all"),
    ],
)
def test_a_class_that_no_split_would_fit_needs_more_images_not_other_shares(archive, groups, remedy):
    labels = np.repeat([0, 1], [40, 2])
    given = {} if groups is None else {"groups": np.array([f"g{number}" for number in range(40)] + groups)}
    path = archive(random_images(42), labels, **given)
    source = NPZ if groups is None else {**NPZ, "groups": "groups"}
    assert remedy in input_error(read_and_split, settings(path, source, test=0.4, val=0.2), 0)


def test_card_lists_the_images_per_split_and_class(archive):
    chosen = settings(archive(random_images(60), np.repeat([0, 1], [40, 20])), NPZ, labelled_per_class=3)
    splits = read_and_split(chosen, 0)
    pool = splits.pool
    draws = {replicate: draw_training(3, pool, draw_order(pool, 0, replicate)) for replicate in (0, 4)}
    card = json.loads(json.dumps(data_card(chosen, splits, draws)))
    assert card["source"]["name"] == "npz"
    assert (card["classes"], card["image_shape"]) == (["0", "1"], [1, 8, 8])
    assert (card["pool"], card["val"], card["test"]) == ({"0": 20, "1": 10}, {"0": 10, "1": 5}, {"0": 10, "1": 5})
    assert card["train"] == {"0": {"0": 3, "1": 3}, "4": {"0": 3, "1": 3}}
    assert card["unlabelled"] == {"0": 24, "4": 24}
    assert (card["duplicates"], card["duplicates_with_other_label"], card["left_out"]) == (0, 0, 0)


# the stage


def test_saved_pool_has_labels_and_contains_each_training_set(tmp_path, params_file):
    paths = Paths(tmp_path)
    chosen = {"source": DIGITS, "path": ".", "test": 0.4, "val": 0.1, "labelled_per_class": 5}
    params_file({"seed": 3, "replicates": [0, 2], "prepare": chosen})
    runpy.run_path(str(ROOT / "pipeline/prepare.py"))["main"](paths)
    saved = LabelledImages.load(paths.pool)
    pool = read_and_split(Prepare(**chosen), 3).pool
    np.testing.assert_array_equal(saved.images, pool.images)
    np.testing.assert_array_equal(saved.labels, pool.labels)
    assert saved.counts == json.loads(paths.data_card.read_text())["pool"]
    assert not contents(saved) & contents(LabelledImages.load(paths.test))
    for replicate in "02":
        train, rest = LabelledImages.load(paths.train(replicate)), LabelledImages.load(paths.unlabelled(replicate))
        first = take_per_class(np.load(paths.order(replicate)), saved.labels, [5] * 10)
        np.testing.assert_array_equal(train.images, saved.images[first])
        assert contents(train) | contents(rest) == contents(saved)
        assert (rest.labels == UNLABELLED).all()
    assert len(list(tmp_path.rglob("images.npy"))) == 4  # of pool, validation, test set and other domain, each once
    assert len(LabelledImages.load(paths.other_domain)) == 0
    assert not list(tmp_path.rglob("unsplit*"))


def test_a_failure_leaves_what_was_prepared_before(tmp_path, params_file):
    paths = Paths(tmp_path)
    chosen = {"source": DIGITS, "path": ".", "test": 0.4, "val": 0.1, "labelled_per_class": 5}
    main = runpy.run_path(str(ROOT / "pipeline/prepare.py"))["main"]
    params_file({"seed": 3, "replicates": [0], "prepare": chosen})
    main(paths)
    before = {file: file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file()}
    params_file({"seed": 3, "replicates": [0], "prepare": chosen | {"labelled_per_class": 5000}})
    assert "but 5000 are requested" in input_error(main, paths)
    assert {file: file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file()} == before


def test_no_more_images_are_in_memory_for_a_larger_data_set(tmp_path, params_file, monkeypatch):
    monkeypatch.setattr(rows, "CHUNK_BYTES", 2**18)
    monkeypatch.setattr(near_duplicates, "BLOCK", 128)
    main = runpy.run_path(str(ROOT / "pipeline/prepare.py"))["main"]
    peaks = {}
    for count in (1000, 1000, 4000):  # the first time, modules are loaded too
        images = np.random.default_rng(0).integers(0, 256, (count, 48, 48, 3), dtype=np.uint8)
        np.savez(tmp_path / "all.npz", images=images, labels=np.arange(count) % 2)
        chosen = {"source": NPZ, "path": str(tmp_path / "all.npz"), "test": 0.2, "val": 0.1, "labelled_per_class": 5}
        params_file({"seed": 0, "replicates": [0, 1], "prepare": chosen})
        del images
        tracemalloc.start()
        main(Paths(tmp_path))
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # only labels, groups, names, orders and thumbnails of 8×8 grow
    assert peaks[4000] - peaks[1000] < 0.2 * 3000 * 48 * 48 * 3


# real data


def real(name):
    if not (REAL_DATA / name).exists():
        pytest.skip(f"real data not found: {name} is expected in ../shared/data, beside the repository")
    return REAL_DATA / name


def test_fashion_mnist_is_prepared_from_an_archive():
    chosen = settings(real("fashion_1813.npz"), NPZ, test=0.4, val=0.1, labelled_per_class=20)
    splits = read_and_split(chosen, 0)
    assert splits.test.shape == (1, 28, 28)
    assert splits.test.classes == tuple("0123456789")
    assert len(splits.pool) + len(splits.val) + len(splits.test) == 1813
    assert not contents(splits.test) & contents(splits.pool)
    draw = draw_training(20, splits.pool, draw_order(splits.pool, 0, 0))
    assert set(splits.pool.subset(draw.train).counts.values()) == {20}


def test_sign_photographs_are_prepared_from_a_folder():
    # 100 JPEGs per class, about 100×100 pixels, one of them 3024×3024
    chosen = settings(real("sign_digits"), {"name": "folder"}, size=32, test=30, val=10, labelled_per_class=10)
    splits = read_and_split(chosen, 0)
    assert splits.test.shape == (3, 32, 32)
    assert set(splits.test.counts.values()) <= {29, 30}  # a pair of identical photographs is not divided
    assert sum(len(part) for part in (splits.pool, splits.val, splits.test)) == 1000
    assert np.asarray(splits.test.images).std() > 20
