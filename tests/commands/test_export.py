"""`ganaug export`: the synthetic sets of all replicates, in any format."""

import numpy as np
import pytest
from ruamel.yaml import YAML

from ganaug.core.files import write_json
from ganaug.core.paths import Paths
from ganaug.core.plugins import build
from ganaug.data.images import LabelledImages


@pytest.fixture
def finished(ganaug, tmp_path):
    """Two replicates' synthetic sets, the first with a card."""
    paths = Paths(tmp_path)
    params = YAML(typ="safe").load(paths.params)
    YAML().dump(params | {"replicates": [0, 3]}, paths.params)
    for replicate in (0, 3):
        pixels = np.full((4, 1, 8, 8), 10 * replicate + 5, dtype=np.uint8)
        images = LabelledImages(pixels, np.array([0, 1, 0, 1]), ("cat", "dog"))
        images.save(paths.synthetic(replicate))
        paths.synthetic_report(replicate).mkdir(parents=True)
        (paths.synthetic_report(replicate) / "CARD.md").write_text(f"# Replicate {replicate}")
    paths.prepared.mkdir(parents=True)
    write_json(paths.data_card, {"read": {"black_and_white": [0, 16]}})
    return paths


@pytest.mark.parametrize("form", ["folder", "npz", "webdataset", "huggingface"])
def test_every_replicate_is_written_with_its_card(ganaug, finished, tmp_path, capsys, form):
    assert ganaug("export", str(tmp_path / "out"), "--format", form) == 0
    for replicate in (0, 3):
        assert (tmp_path / f"out/{replicate}/README.md").read_text() == f"# Replicate {replicate}"
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [f"{tmp_path}/out/{replicate}: 4 synthetic images" for replicate in (0, 3)]
    example = YAML(typ="safe").load("{" + said[2].partition("in params.yaml: ")[2] + "}")  # it can be pasted
    raw = build("data.sources", example["source"]).load(type(tmp_path)(example["path"]))
    assert sorted(raw.classes) == ["cat", "dog"]


def test_a_format_has_its_option_after_a_colon(ganaug, finished, tmp_path, capsys):
    assert ganaug("export", str(tmp_path / "out"), "--format", "webdataset:3") == 0
    assert sorted(file.name for file in (tmp_path / "out/0").glob("*.tar")) == ["000000.tar", "000001.tar"]
    for form, message in (
        ("webdataset:0", "--format webdataset:0: after 'webdataset:', Input should be greater than 0"),
        ("npz:3", "--format npz:3: 'npz' takes no value"),
    ):
        assert ganaug("export", str(tmp_path / "more"), "--format", form) == 1
        assert message in capsys.readouterr().err
    assert not (tmp_path / "more").exists()


def test_folders_are_the_default(ganaug, finished, tmp_path):
    assert ganaug("export", str(tmp_path / "out")) == 0
    assert sorted(file.name for file in (tmp_path / "out/0/dog").iterdir()) == ["000001.png", "000003.png"]


def test_an_unknown_format_is_named_with_its_choices_and_nothing_is_written(ganaug, finished, tmp_path, capsys):
    assert ganaug("export", str(tmp_path / "out"), "--format", "folders") == 1
    message = capsys.readouterr().err
    assert "did you mean 'folder'" in message
    assert "choose from: folder, huggingface, npz, webdataset" in message
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(ganaug, finished, tmp_path, capsys):
    (tmp_path / "out/0").mkdir(parents=True)
    assert ganaug("export", str(tmp_path / "out")) == 1
    assert "export to a new folder" in capsys.readouterr().err
