"""Plug-ins: finding, building and describing them by their file name."""

import json
import pkgutil
import re
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import ganaug
import ganaug.data.sources
from ganaug.core import plugins
from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.plugins import available, build, describe, find, module_of
from ganaug.data.settings import Prepare
from ganaug.data.sources.folder import Folder
from ganaug.data.sources.npz import Npz

ROOT = Path(__file__).parents[2]
PACKAGES = [
    module.name.removeprefix("ganaug.")
    for module in pkgutil.walk_packages(ganaug.__path__, "ganaug.")
    if module.ispkg and (import_module(module.name).__doc__ or "").startswith("PLUG-IN: ")
]


@pytest.fixture
def add_plugin(monkeypatch, tmp_path):
    """Return a function that writes a new plug-in of `data.sources`, removed after the test."""
    folders = [*ganaug.data.sources.__path__, str(tmp_path)]
    monkeypatch.setattr(ganaug.data.sources, "__path__", folders)
    monkeypatch.setattr(ganaug.data.sources.__spec__, "submodule_search_locations", folders)
    before = set(sys.modules)

    def add(name, source):
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")

    yield add
    for name in {name for name in sys.modules if name.startswith("ganaug.data.sources.")} - before:
        del sys.modules[name]


@pytest.mark.parametrize("package", PACKAGES)
def test_available_plugins_are_the_files_of_the_package(package):
    folder = Path(ganaug.__file__).parent / package.replace(".", "/")
    assert available(package) == sorted(file.stem for file in folder.glob("*.py") if file.stem != "__init__")


def test_new_file_is_a_plugin(add_plugin):
    source = "from ganaug.core.config import settings\n\n@settings\nclass WhiteNoise:\n    level: int = 3\n"
    add_plugin("white_noise", source)
    assert "white_noise" in available("data.sources")
    assert build("data.sources", {"name": "white_noise", "level": 5}).level == 5
    assert describe(build("data.sources", {"name": "white_noise"})) == {"name": "white_noise", "level": 3}


def test_plugins_are_listed_without_being_imported(add_plugin):
    add_plugin("broken", "raise RuntimeError('imported')\n")
    assert "broken" in available("data.sources")


def test_file_without_the_matching_class_is_reported(add_plugin):
    add_plugin("empty", "class Other:\n    pass\n")
    with pytest.raises(TypeError, match=r"empty\.py does not define a class named after the file"):
        find("data.sources", "empty")


@pytest.mark.parametrize("source", ["import nowhere_to_be_found\n", "1 +\n", "raise ValueError('bad')\n"])
def test_a_broken_file_is_not_taken_for_a_wrong_value_in_params(add_plugin, source):
    add_plugin("broken", source)
    content = {"prepare": {"source": {"name": "broken"}, "test": 0.5, "val": 0.1, "labelled_per_class": 1}}
    with pytest.raises(
        ImportError, match=r"'broken' of data\.sources \(ganaug\.data\.sources\.broken\) cannot be"
    ) as caught:
        ParamsFile(Path("params.yaml"), content).section("prepare", Prepare)
    assert caught.value.__cause__ is not None


def test_file_with_a_leading_underscore_is_not_a_plugin(add_plugin):
    add_plugin("_shared", "class Shared:\n    pass\n")
    assert "_shared" not in available("data.sources")


def test_imported_class_is_not_a_plugin(add_plugin):
    add_plugin("npz_twin", "from ganaug.data.sources.npz import Npz as NpzTwin\n")
    with pytest.raises(TypeError, match="does not define a class named after the file"):
        find("data.sources", "npz_twin")


@pytest.fixture
def install(monkeypatch, tmp_path):
    """Return a function that installs a distribution with an entry point, removed after the test."""

    def install(group, name, source, **modules):
        for module, text in {"my_package": source, **modules}.items():
            (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
        metadata = tmp_path / "my_package-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[{group}]\n{name} = my_package:Cosine\n")
        monkeypatch.syspath_prepend(tmp_path)
        plugins._installed.cache_clear()

    yield install
    for name in ("my_package", "my_cosine"):
        sys.modules.pop(name, None)
    plugins._installed.cache_clear()


COSINE = "from ganaug.core.config import settings\n\n@settings\nclass Cosine:\n    level: int = 3\n"


def test_installed_package_adds_a_plugin_through_an_entry_point(install):
    install("ganaug.gan.objectives", "cosine", COSINE)
    assert "cosine" in available("gan.objectives")
    assert "cosine" not in available("gan.networks")
    built = build("gan.objectives", {"name": "cosine", "level": 5})
    assert describe(built) == {"name": "cosine", "level": 5}
    assert module_of("gan.objectives", "cosine") == "my_package"


def test_entry_point_cannot_replace_a_built_in_plugin(install):
    install("ganaug.gan.objectives", "hinge", COSINE)
    with pytest.raises(InputError, match="'hinge' is built in; rename the entry point my_package:Cosine"):
        build("gan.objectives", {"name": "hinge"})


def test_a_class_that_the_entry_points_module_only_imports_keeps_its_name(install):
    install("ganaug.gan.objectives", "cosine", "from my_cosine import Cosine\n", my_cosine=COSINE)
    assert describe(build("gan.objectives", {"name": "cosine"})) == {"name": "cosine", "level": 3}


@pytest.mark.parametrize("source", ["import nowhere_to_be_found\n", "1 +\n", "raise ValueError('bad')\n", "A = 1\n"])
def test_an_entry_point_that_cannot_be_imported_is_named_with_the_cause(install, source):
    install("ganaug.gan.objectives", "cosine", source)
    with pytest.raises(
        ImportError, match=r"'cosine' of gan\.objectives \(my_package:Cosine, an entry point\).*Error: "
    ):
        build("gan.objectives", {"name": "cosine"})


def test_of_two_copies_of_a_distribution_the_one_that_python_imports_counts(install, monkeypatch, tmp_path):
    install("ganaug.gan.objectives", "cosine", COSINE)
    shadowed = tmp_path / "shadowed/my_package-0.9.dist-info"
    shadowed.mkdir(parents=True)
    (shadowed / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 0.9\n")
    (shadowed / "entry_points.txt").write_text("[ganaug.gan.objectives]\ncosine = former_package:Cosine\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(shadowed.parent)])
    assert module_of("gan.objectives", "cosine") == "my_package"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_plugin_file_defines_its_class(package):
    for name in available(package):
        assert find(package, name).__name__.lower() == name.replace("_", "")


@pytest.mark.parametrize("package", PACKAGES)
def test_unknown_name_lists_the_choices(package):
    with pytest.raises(InputError) as caught:
        build(package, {"name": "nothing_like_it"})
    assert str(caught.value).endswith(f"choose from: {', '.join(available(package))}")


def test_unknown_name_suggests_the_closest_match():
    with pytest.raises(InputError, match="did you mean 'folder'"):
        build("data.sources", {"name": "foldr"})


@pytest.mark.parametrize("spec", ["folder", None, {}, {"group": "(a)"}, {"name": 3}])
def test_spec_without_a_name_shows_the_expected_form(spec):
    with pytest.raises(InputError) as caught:
        build("data.sources", spec)
    assert f"write {{name: …}} with one of: {', '.join(available('data.sources'))}" in str(caught.value)
    assert repr(spec) in str(caught.value)


def test_misspelt_option_is_reported():
    with pytest.raises(ValidationError, match="grup"):
        build("data.sources", {"name": "folder", "grup": "(a)"})


def test_description_includes_defaults():
    unset = dict.fromkeys(("splits", "label", "group", "include"))
    assert describe(Folder()) == {"name": "folder", **unset, "exclude": []}


words = st.text(min_size=1)


@given(
    st.one_of(
        st.builds(Folder, group=st.none() | words.map(lambda word: f"({re.escape(word)})")),
        st.builds(Npz, images=words, labels=words, groups=words),
    )
)
def test_plugin_can_be_rebuilt_from_its_description_and_from_json(plugin):
    assert build("data.sources", json.loads(json.dumps(describe(plugin)))) == plugin


def test_independence_is_checked_for_plugins_of_every_kind():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {one["name"]: one for one in settings["tool"]["importlinter"]["contracts"]}
    assert set(contracts["Plug-ins do not import each other"]["modules"]) == {f"ganaug.{one}.*" for one in PACKAGES}
