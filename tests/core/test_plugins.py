"""A plug-in is a file: found, built and described by its name."""

import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import ganaug.data.sources
from ganaug.core.errors import InputError
from ganaug.core.plugins import available, build, describe, find
from ganaug.data.sources.folder import Folder
from ganaug.data.sources.npz import Npz

PACKAGES = ("classifiers", "datasets", "metrics", "networks", "objectives")


@pytest.fixture
def add_plugin(monkeypatch, tmp_path):
    """Return a function that writes a new plug-in of `datasets`; it is gone after the test."""
    monkeypatch.setattr(ganaug.data.sources, "__path__", [*ganaug.data.sources.__path__, str(tmp_path)])
    before = set(sys.modules)

    def add(name, source):
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")

    yield add
    for name in {name for name in sys.modules if name.startswith("ganaug.data.sources.")} - before:
        del sys.modules[name]


@pytest.mark.parametrize("package", PACKAGES)
def test_available_are_the_files_of_the_package(package):
    folder = Path(ganaug.__file__).parent / package
    assert available(package) == sorted(file.stem for file in folder.glob("*.py") if file.stem != "__init__")


def test_new_file_is_a_plugin_at_once(add_plugin):
    source = "from ganaug.core.config import settings\n\n@settings\nclass WhiteNoise:\n    level: int = 3\n"
    add_plugin("white_noise", source)
    assert "white_noise" in available("data.sources")
    assert build("data.sources", {"name": "white_noise", "level": 5}).level == 5
    assert describe(build("data.sources", {"name": "white_noise"})) == {"name": "white_noise", "level": 3}


def test_plugins_are_listed_without_being_imported(add_plugin):
    add_plugin("explosive", "raise RuntimeError('imported')\n")
    assert "explosive" in available("data.sources")


def test_file_without_a_class_of_its_name_is_named(add_plugin):
    add_plugin("hollow", "class Other:\n    pass\n")
    with pytest.raises(TypeError, match=r"hollow\.py holds no class that is called like the file"):
        find("data.sources", "hollow")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_plugin_file_holds_its_class(package):
    for name in available(package):
        assert find(package, name).__name__.lower() == name.replace("_", "")


@pytest.mark.parametrize("package", PACKAGES)
def test_unknown_name_lists_the_choices(package):
    with pytest.raises(InputError) as caught:
        build(package, {"name": "nothing_like_it"})
    assert str(caught.value).endswith(f"choose from: {', '.join(available(package))}")


def test_unknown_name_guesses_what_was_meant():
    with pytest.raises(InputError, match="did you mean 'folder'"):
        build("data.sources", {"name": "foldr"})


@pytest.mark.parametrize("spec", ["folder", None, {}, {"group": "(a)"}, {"name": 3}])
def test_spec_without_a_name_shows_how_to_write_one(spec):
    with pytest.raises(InputError) as caught:
        build("data.sources", spec)
    assert f"write {{name: …}} with one of: {', '.join(available('datasets'))}" in str(caught.value)
    assert repr(spec) in str(caught.value)


def test_misspelt_option_is_an_error_that_names_it():
    with pytest.raises(ValidationError, match="grup"):
        build("data.sources", {"name": "folder", "grup": "(a)"})


def test_describe_tells_defaults_too():
    assert describe(Folder()) == {"name": "folder", "group": None}


words = st.text(min_size=1)


@given(
    st.one_of(
        st.builds(Folder, group=st.none() | words.map(lambda word: f"({re.escape(word)})")),
        st.builds(Npz, images=words, labels=words, groups=words),
    )
)
def test_described_plugin_builds_again_also_by_way_of_json(plugin):
    assert build("data.sources", json.loads(json.dumps(describe(plugin)))) == plugin
