"""The contract of every export format; plug-ins are discovered automatically."""

import importlib.util
import json

import numpy as np
import pytest

from ganaug.core.plugins import available, build, describe, find
from ganaug.data.image_files import EncodedImage, decode
from ganaug.data.images import LabelledImages
from ganaug.data.sources.digits import Digits
from ganaug.data.values import Range
from ganaug.synthesis.export import export
from ganaug.synthesis.formats import Exported, Format

CLASSES = ("a cat", "猫", "dog, small")


@pytest.fixture(params=available("synthesis.formats"))
def form(request) -> Format:
    return find("synthesis.formats", request.param).small()


def images(channels: int) -> LabelledImages:
    pixels = np.random.default_rng(0).integers(0, 256, (7, channels, 5, 6), dtype=np.uint8)
    return LabelledImages(pixels, np.array([0, 1, 2, 0, 1, 2, 2]), CLASSES)


def by_class(labels, classes, pixels) -> dict[str, list[bytes]]:
    """Return the images of each class, whatever their order; a grey image may be stored without an axis of channels."""
    found: dict[str, list[bytes]] = {name: [] for name in classes}
    for label, one in zip(labels, pixels, strict=True):
        array = decode(one).pixels if isinstance(one, EncodedImage) else one
        found[classes[label]].append(np.ascontiguousarray(array).tobytes())
    return {name: sorted(group) for name, group in found.items()}


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_written_can_be_read_back(form, channels, tmp_path):
    made = images(channels)
    (tmp_path / "CARD.md").write_text("# Card")
    read = export(Exported(made, Digits(), Range(0, 16)), tmp_path / "CARD.md", form, tmp_path / "new")
    assert (tmp_path / "new/README.md").read_text() == "# Card"
    raw = build("data.sources", read.source).load(tmp_path / "new" / read.path)
    found = by_class(raw.labels, raw.classes, raw.images)
    assert found == by_class(made.labels, made.classes, made.images.transpose(0, 2, 3, 1))
    recognised = type(build("data.sources", read.source)).recognise(tmp_path / "new" / read.path)
    assert recognised is not None  # `ganaug init` detects the format


def test_the_same_images_give_the_same_bytes(form, tmp_path):
    contents = []
    for name in ("one", "other"):
        export(Exported(images(3), Digits(), Range(0, 16)), tmp_path / "none", form, tmp_path / name)
        files = sorted(file for file in (tmp_path / name).rglob("*") if file.is_file())
        contents.append([(file.relative_to(tmp_path / name), file.read_bytes()) for file in files])
    assert contents[0] == contents[1]


def test_a_format_can_be_rebuilt_from_its_description_in_json(form):
    assert build("synthesis.formats", json.loads(json.dumps(describe(form)))) == form


@pytest.mark.skipif(importlib.util.find_spec("datasets") is None, reason="needs the extra huggingface")
def test_the_library_of_hugging_face_reads_its_folder(tmp_path, monkeypatch):
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    form = build("synthesis.formats", {"name": "huggingface"})
    export(Exported(images(3), Digits(), Range(0, 16)), tmp_path / "none", form, tmp_path / "new")
    found = datasets.load_dataset("imagefolder", data_dir=str(tmp_path / "new"), cache_dir=str(tmp_path / "cache"))
    assert found["train"]["label"] == [CLASSES[label] for label in images(3).labels]
    np.testing.assert_array_equal(np.asarray(found["train"][4]["image"]), images(3).images[4].transpose(1, 2, 0))


def test_shards_have_as_many_images_as_is_said(tmp_path):
    form = build("synthesis.formats", {"name": "webdataset", "images_per_shard": 3})
    read = export(Exported(images(1), Digits(), Range(0, 16)), tmp_path / "none", form, tmp_path / "new")
    assert [file.name for file in sorted((tmp_path / "new").iterdir())] == ["000000.tar", "000001.tar", "000002.tar"]
    raw = build("data.sources", read.source).load(tmp_path / "new")
    assert len(raw.labels) == 7
