"""The contract of every data source; plug-ins are discovered automatically. Sources that read files need an example."""

import ast
import inspect
import json

import data_forms
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from ganaug.core.errors import InputError
from ganaug.core.plugins import available, build, describe, find
from ganaug.data.image_files import EncodedImage, decode
from ganaug.data.sources import SPLITS, Dataset

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (6, 9, 8, 3), dtype=np.uint8)


def example_folder(tmp_path, _write_mnist):
    for index, image in enumerate(IMAGES):
        (tmp_path / "ab"[index % 2]).mkdir(exist_ok=True)
        Image.fromarray(image).save(tmp_path / "ab"[index % 2] / f"p{index // 4}_{index}.png")
    return {"name": "folder", "group": r"^(p\d)_"}, tmp_path


def example_npz(tmp_path, _write_mnist):
    arrays = {"x": IMAGES, "y": [0, 1, 2, 0, 1, 2], "names": ["a", "b", "c"], "who": [0, 0, 0, 1, 1, 1]}
    np.savez(tmp_path / "all.npz", **arrays)
    options = {"images": "x", "labels": "y", "classes": "names", "groups": "who"}
    return {"name": "npz", **options}, tmp_path / "all.npz"


def example_table(tmp_path, _write_mnist):
    lines = ["file;kind;part;who"]
    for index, image in enumerate(IMAGES):
        Image.fromarray(image).save(tmp_path / f"{index}.png")
        lines.append(f"{index};{'ab'[index % 2]};{('train', 'test')[index // 4]};p{index // 2}")
    (tmp_path / "all.csv").write_text("\n".join(lines), encoding="utf-8")
    columns = {"image": "file", "label": "kind", "split": "part", "group": "who"}
    return {"name": "table", "file": "all.csv", "suffix": ".png", **columns}, tmp_path


def example_torchvision(tmp_path, write_mnist):
    images, labels = RNG.integers(0, 256, (30, 28, 28)), np.arange(30) % 10
    root = write_mnist(tmp_path / "root", (images[:20], labels[:20]), (images[20:], labels[20:]))
    return {"name": "torchvision", "dataset": "MNIST"}, root


def documented(name):
    """Return a function that makes the first example of a source in docs/data.md."""
    example = next(example for example in data_forms.EXAMPLES if example["source"]["name"] == name)
    return lambda tmp_path, write_mnist: (example["source"], data_forms.make(example, tmp_path, write_mnist))


def without_files(name):
    """Return a function that makes an example of a source that reads no files."""
    return lambda _tmp_path, _write_mnist: (describe(find("data.sources", name).small()), None)


EXAMPLES = {
    "folder": example_folder,
    "hdf5": documented("hdf5"),
    "huggingface": documented("huggingface"),
    "npz": example_npz,
    "recordings": documented("recordings"),
    "table": example_table,
    "torchvision": example_torchvision,
    "webdataset": documented("webdataset"),
}
"""For each source that reads files, a function (tmp_path, write_mnist) → its spec and the path that it reads."""

pytestmark = [pytest.mark.usefixtures("offline"), pytest.mark.parametrize("name", available("data.sources"))]


@pytest.fixture
def example(name, tmp_path, write_mnist):
    """Return the spec and the path of the source."""
    spec, path = EXAMPLES.get(name, without_files(name))(tmp_path, write_mnist)
    assert spec["name"] == name
    return spec, path


@pytest.fixture
def source(example):
    return build("data.sources", example[0])


@pytest.fixture
def raw(source, example, tmp_path):
    return source.load(example[1] or tmp_path / "nowhere")


def test_subclasses_dataset(source):
    assert isinstance(source, Dataset)


def pixels(image):
    return decode(image).pixels if isinstance(image, EncodedImage) else image


def test_images_are_numbers_of_height_width_channels(raw):
    for image in map(pixels, raw.images):
        assert image.dtype.kind in "biuf"
        assert image.ndim == 3
        assert 1 <= image.shape[2] <= 4
        assert min(image.shape) >= 1


def test_every_image_has_a_label_and_a_name(raw):
    count = sum(1 for _ in raw.images)
    assert raw.labels.dtype == np.int64
    assert raw.labels.shape == (count,)
    assert len(set(raw.names)) == count
    assert all(isinstance(name, str) and name for name in raw.names)


def test_labels_index_the_class_names_and_every_class_occurs(raw):
    assert isinstance(raw.classes, tuple)
    assert all(isinstance(name, str) and name for name in raw.classes)
    assert len(set(raw.classes)) == len(raw.classes)
    np.testing.assert_array_equal(np.unique(raw.labels), np.arange(len(raw.classes)))


def test_groups_and_splits_have_one_entry_per_image(raw):
    if raw.groups is not None:
        assert raw.groups.shape == raw.labels.shape
    if raw.splits is not None:
        assert raw.splits.shape == raw.labels.shape
        assert "train" in raw.splits
        assert set(raw.splits.tolist()) <= set(SPLITS)


def test_loading_is_reproducible(raw, source, example, tmp_path):
    again = source.load(example[1] or tmp_path / "nowhere")
    assert (again.names, again.classes) == (raw.names, raw.classes)
    np.testing.assert_array_equal(again.labels, raw.labels)
    for one, other in zip(again.images, raw.images, strict=True):
        np.testing.assert_array_equal(pixels(one), pixels(other))


def test_source_can_be_rebuilt_from_its_description_and_from_json(source):
    assert build("data.sources", json.loads(json.dumps(describe(source)))) == source


def test_missing_path_is_reported(source, example, tmp_path):
    if example[1] is None:
        return  # its data ship with a dependency
    with pytest.raises(InputError) as caught:
        source.load(tmp_path / "nowhere")
    assert str(tmp_path / "nowhere") in str(caught.value)
    assert "prepare.path" in str(caught.value)


def test_misspelt_option_is_reported(example):
    with pytest.raises(ValidationError, match="no_such_option"):
        build("data.sources", {**example[0], "no_such_option": 1})


def test_options_are_immutable(source):
    with pytest.raises(AttributeError):  # FrozenInstanceError is a subclass
        source.images = "other"


def test_every_option_has_a_docstring(name):
    (cls,) = ast.parse(inspect.getsource(find("data.sources", name))).body
    for option, after in zip(cls.body, [*cls.body[1:], None], strict=True):
        if isinstance(option, ast.AnnAssign):
            explained = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            assert explained, f"{name}: option '{ast.unparse(option.target)}' needs a docstring line"
