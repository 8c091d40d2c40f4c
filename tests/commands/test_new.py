"""`ganaug new`: a project anywhere, with the repository's own pipeline."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from data_forms import save
from reader import TINY, Reader
from ruamel.yaml import YAML

from ganaug.commands.project_files import EXAMPLES, FILES

ROOT = Path(__file__).parents[2]
PYTHON = str(Path(sys.executable).parent)


def photos(folder, per_class=12):
    """Write images of two classes, red and green noise."""
    random = np.random.default_rng(0)
    for channel, name in enumerate(("red", "green")):
        for number in range(per_class):
            pixels = random.integers(0, 120, (12, 12, 3), dtype=np.uint8)
            pixels[..., channel] += 100
            save(folder / f"{name}/{number}.png", pixels)


def files_of(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Change to an empty folder outside of any git repository."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


def test_a_new_project_has_the_repository_s_own_files(ganaug, capsys):
    assert ganaug("new", "mine") == 0
    own = {str(path.relative_to(ROOT)) for pattern in FILES for path in ROOT.glob(pattern)}
    assert files_of(Path("mine")) == own | {"README.md", ".dvc/config.local"}
    for name in own:
        assert (Path("mine") / name).read_bytes() == (ROOT / name).read_bytes()
    assert (Path("mine/README.md")).read_text().startswith("# mine\n")
    assert capsys.readouterr().out.endswith("then:\n  cd mine\n  ganaug check\n  dvc repro\n")


def test_dvc_is_told_that_there_is_no_git_unless_there_is(ganaug):
    subprocess.run(["git", "init", "-q", "watched"], check=True)
    assert ganaug("new", "watched/mine") == 0
    assert not Path("watched/mine/.dvc/config.local").exists()
    environment = {**os.environ, "PATH": f"{PYTHON}{os.pathsep}{os.environ['PATH']}"}
    for folder in ("watched/mine", "alone"):
        if folder == "alone":
            assert ganaug("new", folder) == 0
        command = ["dvc", "stage", "list"]
        listed = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
        assert b"train_gan@0" in listed.stdout


def test_an_example_becomes_params_yaml(ganaug, capsys):
    assert ganaug("new", "mine", "--example", "digits_stargan") == 0
    assert Path("mine/params.yaml").read_bytes() == (ROOT / "examples/digits_stargan.yaml").read_bytes()
    assert ganaug("new", "other", "--example", "digits_stragan") == 1
    assert "did you mean 'digits_stargan'" in capsys.readouterr().err
    assert ganaug("new", "other", "--example", "digits_stargan", "--data", "photos") == 1
    assert "give one of them" in capsys.readouterr().err
    assert not Path("other").exists()


@pytest.mark.parametrize(("folder", "written"), [(".", "photos"), ("mine", "{here}/photos")])
def test_data_are_named_from_the_project(ganaug, monkeypatch, folder, written):
    photos(Path("photos"))
    propose = "ganaug.experiment.planning.proposal.propose"
    monkeypatch.setattr(propose, lambda data, base, path: f"path: {path}\nread: {data}\n")
    assert ganaug("new", folder, "--data", "photos") == 0
    params = YAML(typ="safe").load(Path(folder) / "params.yaml")
    assert params == {"path": written.format(here=Path.cwd()), "read": "photos"}


def test_what_exists_is_kept_and_a_failure_leaves_nothing(ganaug, capsys):
    Path("mine").mkdir()
    Path("mine/dvc.yaml").write_text("stages: {}")
    assert ganaug("new", "mine") == 1
    assert "mine/dvc.yaml: already exists; name a new folder" in capsys.readouterr().err
    assert files_of(Path("mine")) == {"dvc.yaml"}
    assert ganaug("new", "other", "--data", "nowhere") == 1
    assert "nowhere: no such file or folder" in capsys.readouterr().err
    assert not Path("other").exists()


def test_the_image_is_built_from_all_that_the_wheel_needs():
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    needed = [str(path.relative_to(ROOT)) for pattern in (*FILES, EXAMPLES) for path in ROOT.glob(pattern)]
    for name in (*needed, "src/ganaug/cli.py", "pyproject.toml", "setup.py", "README.md", "LICENSE", "constraints.txt"):
        assert any(name == place or name.startswith(f"{place}/") for place in kept), name
        assert (ROOT / name).exists()


def installed(folder):
    """Build a wheel from a copy of the repository, install it into `folder`/site, and return that folder."""
    copy = folder / "copy"
    for name in ("src", "pyproject.toml", "setup.py", "README.md", "LICENSE"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            copy.mkdir(exist_ok=True)
            shutil.copy(source, copy / name)
    for pattern in (*FILES, EXAMPLES):
        for path in ROOT.glob(pattern):
            (copy / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy / path.relative_to(ROOT))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    options = ["--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "wheel", *options, "--no-build-isolation", "-w", folder, copy], check=True)
    shutil.rmtree(copy)
    (wheel,) = folder.glob("ganaug-*.whl")
    subprocess.run([*pip, "install", *options, "--target", folder / "site", wheel], check=True)
    return folder / "site"


@pytest.mark.slow
def test_an_installed_package_makes_a_project_of_photos_that_runs(tmp_path):
    """As docs/your-own-photos.md says."""
    here = tmp_path / "empty"
    reader = Reader(here, packages=installed(tmp_path / "built"))
    reader.run("python -c 'import ganaug; print(ganaug.__file__)'")
    assert list(reader.printed.values()) == [f"{reader.packages}/ganaug/__init__.py\n"]
    reader.read(ROOT / "docs/your-own-photos.md", test=__file__)
    made = here / "mine"
    assert {file for file in files_of(made) if file.startswith("pipeline/") and file != "pipeline/dvc.lock"} == {
        str(path.relative_to(ROOT)) for path in (*ROOT.glob("pipeline/*.py"), ROOT / "pipeline/dvc.yaml")
    }
    params = YAML(typ="safe").load(made / "params.yaml")
    assert params["prepare"]["source"] == {"name": "folder"}
    assert "params.yaml is valid and fits the data" in reader.printed["ganaug check"]
    report = Path(reader.printed["ganaug report --open"].strip())
    assert "three" in report.read_text(encoding="utf-8")
    assert len(list((made / "synthetic").rglob("three/*.png"))) == TINY["generate"]["per_class"]
