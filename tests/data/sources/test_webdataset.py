"""WebDataset: samples whose files share a name, in tar shards."""

import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

from ganaug.core.errors import InputError
from ganaug.data.image_files import decode
from ganaug.data.sources.webdataset import Webdataset


def encoded(value):
    picture = io.BytesIO()
    Image.new("L", (9, 8), value).save(picture, "PNG")
    return picture.getvalue()


def shard(path, **files):
    """Write a shard of these files."""
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("__", ".").replace("_in_", "/"))
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_samples_of_all_shards_are_read_in_order(tmp_path):
    shard(tmp_path / "b.tar", x3__png=encoded(3), x3__cls=b"1")
    shard(tmp_path / "a.tar", x1__png=encoded(1), x1__cls=b"10", x2__cls=b"2\n", x2__png=encoded(2))
    raw = Webdataset().load(tmp_path)
    assert [int(decode(image).pixels[0, 0, 0]) for image in raw.images] == [1, 2, 3]
    assert (raw.classes, raw.labels.tolist()) == (("1", "2", "10"), [2, 1, 0])
    assert raw.splits is None


def test_label_and_group_may_be_in_json(tmp_path):
    files = {}
    for index, (kind, who) in enumerate([("cat", "p"), ("dog", "q"), ("cat", "q")]):
        files |= {f"{index}__png": encoded(index), f"{index}__json": json.dumps({"kind": kind, "who": who}).encode()}
    raw = Webdataset(label="kind", group="who").load(shard(tmp_path / "all.tar", **files))
    assert (raw.classes, raw.labels.tolist()) == (("cat", "dog"), [0, 1, 0])
    assert raw.groups.tolist() == ["p", "q", "q"]


def test_shards_named_after_splits_bring_them(tmp_path):
    for name in ("train-000", "valid-000", "test-000"):
        shard(tmp_path / f"{name}.tar", a__png=encoded(1), a__cls=b"0", b__png=encoded(2), b__cls=b"1")
    assert Webdataset(splits=True).load(tmp_path).splits.tolist() == ["test"] * 2 + ["train"] * 2 + ["val"] * 2
    shard(tmp_path / "more.tar", a__png=encoded(1), a__cls=b"0")
    with pytest.raises(InputError, match=r"more\.tar: the name of the shard does not begin with train, val or test"):
        Webdataset(splits=True).load(tmp_path)


def test_what_has_no_image_is_counted(tmp_path):
    path = shard(
        tmp_path / "all.tar", a__png=encoded(1), a__cls=b"0", b__png=encoded(2), b__cls=b"1", readme__txt=b"hi"
    )
    assert Webdataset().load(path).left_out == {"samples without an image": 1}


def test_a_missing_label_is_reported_with_the_remedy(tmp_path):
    path = shard(tmp_path / "all.tar", a__png=encoded(1), a__txt=b"0")
    with pytest.raises(
        InputError, match=r"the sample has png, txt, but no \.cls and no \.json; set prepare.source.label"
    ):
        Webdataset().load(path)
    path = shard(tmp_path / "all.tar", a__png=encoded(1), a__json=b"{}")
    with pytest.raises(InputError, match=r"no 'cls' in the sample's \.json"):
        Webdataset().load(path)


def test_nothing_in_a_shard_is_executed(tmp_path):
    class Attack:
        def __reduce__(self):
            return (open, (str(tmp_path / "written"), "w"))

    import pickle

    path = shard(
        tmp_path / "all.tar",
        a__png=encoded(1),
        a__cls=b"0",
        a__pyd=pickle.dumps(Attack()),
        b__png=encoded(2),
        b__cls=b"1",
    )
    assert len(list(map(decode, Webdataset().load(path).images))) == 2
    assert not (tmp_path / "written").exists()


def test_a_folder_without_shards_is_reported(tmp_path):
    with pytest.raises(InputError, match="no tar shards there"):
        Webdataset().load(tmp_path)
    np.save(tmp_path / "x.tar.npy", np.zeros(3))
    with pytest.raises(InputError, match="no tar shards there"):
        Webdataset().load(tmp_path)
