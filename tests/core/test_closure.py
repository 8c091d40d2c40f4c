"""Lists of the code that a script can run, and when their hashes change."""

import ast
import sys

import pytest

from ganaug.core import closure as closure_module
from ganaug.core.closure import Closure, Module
from ganaug.core.errors import InputError

PACKAGE = {
    "__init__.py": '"""A package."""\n',
    "first.py": "import my_package.second\n",
    "second.py": "def later():\n    from my_package.nested import third\n",
    "nested/__init__.py": "",
    "nested/third.py": "from . import fourth\n",
    "nested/fourth.py": "from ..fifth import value\n",
    "fifth.py": "value = 1\n",
    "typing_only.py": "raise RuntimeError\n",
    "alone.py": "raise RuntimeError('nothing may be imported')\n",
    "page.html": "<p>",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Write a package that can be found, and return its folder."""
    folder = tmp_path / "my_package"
    for name, text in PACKAGE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    assert not any(name.partition(".")[0] == "my_package" for name in sys.modules)


def paths(script_text, package, packages=("my_package",)):
    """Return the paths in the closure of a script, and its libraries."""
    script = package.parent / "scripts/run.py"
    script.parent.mkdir(exist_ok=True)
    script.write_text(script_text, encoding="utf-8")
    closure = Closure(packages)
    closure.add_script(script)
    return [line.split()[1] for line in closure.lines()]


def test_imports_are_followed_into_functions_and_relatively_and_with_their_packages(package):
    assert paths("from my_package import first\n", package) == [
        *("my_package/__init__.py", "my_package/page.html", "my_package/fifth.py", "my_package/first.py"),
        *("my_package/nested/__init__.py", "my_package/nested/fourth.py", "my_package/nested/third.py"),
        *("my_package/second.py", "scripts/run.py"),
    ]


def test_imports_for_type_checkers_do_not_count_but_their_alternative_does(package):
    text = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import my_package.typing_only\n"
        "else:\n    import my_package.fifth\n"
    )
    found = paths(text, package)
    assert "my_package/fifth.py" in found
    assert "my_package/typing_only.py" not in found


def test_modules_can_be_left_out_with_what_only_they_import(package):
    closure = Closure(("my_package",), {"my_package.second"})
    closure.add_module("my_package.first")
    assert sorted(closure.modules) == ["my_package", "my_package.first"]
    closure.add_module("my_package.fifth")  # `second` leads to it, too
    assert "my_package.fifth" in closure.modules


@pytest.mark.parametrize("test", ["not TYPE_CHECKING", "typing.TYPE_CHECKING or True", "True"])
def test_imports_that_do_run_count(package, test):
    text = f"import typing\nfrom typing import TYPE_CHECKING\nif {test}:\n    import my_package.fifth\n"
    assert "my_package/fifth.py" in paths(text, package)


def test_of_an_installed_library_the_version_is_listed(package, monkeypatch):
    installed = package.parent / "site-packages"
    (installed / "my_library").mkdir(parents=True)
    (installed / "my_library/__init__.py").write_text("raise RuntimeError\n")
    (installed / "my_library-1.2.dist-info").mkdir()
    (installed / "my_library-1.2.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: my-library\nVersion: 1.2\n"
    )
    (installed / "my_library-1.2.dist-info/RECORD").write_text("my_library/__init__.py,,\n")
    monkeypatch.syspath_prepend(installed)
    assert paths("import my_library.part, json, pydantic\n", package) == ["scripts/run.py", "my-library"]
    followed = paths("import my_library\n", package, ("my_library",))
    assert followed == ["my_library/__init__.py", "scripts/run.py"]


def test_code_outside_site_packages_is_followed(package):
    assert "my_package/fifth.py" in paths("import my_package.fifth\n", package, ())


def test_a_module_without_a_package_is_in_it(package, monkeypatch):
    (package.parent / "my_module.py").write_text("import my_package.fifth\n", encoding="utf-8")
    assert {"my_module.py", "my_package/fifth.py"} <= set(paths("import my_module\n", package))


def test_every_folder_of_a_namespace_package_is_searched(package, monkeypatch):
    for part in ("one", "two"):
        folder = package.parent / part / "my_namespace"
        folder.mkdir(parents=True)
        (folder / f"{part}.py").write_text("", encoding="utf-8")
        monkeypatch.syspath_prepend(package.parent / part)
    found = paths("import my_namespace.one, my_namespace.two\n", package)
    assert found == ["my_namespace/one.py", "my_namespace/two.py", "scripts/run.py"]


def test_data_in_folders_of_a_package_is_in_it(package):
    for name in ("weights/small/a.bin", ".hidden/b.bin", ".c.swp"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_bytes(b"data")
    found = paths("import my_package\n", package)
    assert found == [
        "my_package/__init__.py",
        "my_package/page.html",
        "my_package/weights/small/a.bin",
        "scripts/run.py",
    ]


def test_a_file_that_is_not_python_is_named(package):
    (package / "fifth.py").write_text("value = 1\nvalue = = 2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"fifth\.py, line 2: not valid Python: invalid syntax"):
        paths("import my_package.fifth\n", package)


def test_libraries_that_decide_results_are_listed_with_their_version(package):
    found = paths("import numpy.linalg, json\nfrom PIL import Image\n", package)
    assert found == ["scripts/run.py", "pillow", "numpy"]


def test_a_build_for_another_device_is_the_same_version(package, monkeypatch):
    monkeypatch.setattr(closure_module, "_version", closure_module._version.__wrapped__)  # the cache may hold others
    monkeypatch.setattr(closure_module, "version", lambda _: "2.11.0+cu130")
    closure = Closure(())
    script = package.parent / "script.py"
    script.write_text("import torch\n", encoding="utf-8")
    closure.add_script(script)
    assert list(closure.lines())[-1].split() == ["2.11.0", "torch"]


def digest(tmp_path, text, **options):
    file = tmp_path / f"module_{abs(hash(text))}.py"
    file.write_text(text, encoding="utf-8")
    return Module("module", file).digest(**options)


CODE = "def double(x):\n    return 2 * x\n"


@pytest.mark.parametrize(
    "same",
    [
        '"""A module."""\n' + CODE,
        "# twice as much\ndef double(x):\n\n    return (2*x)  # in one line\n",
        'def double(x):\n    """Return twice as much."""\n    return 2 * x\n',
    ],
)
def test_comments_docstrings_and_layout_do_not_count(tmp_path, same):
    assert digest(tmp_path, same) == digest(tmp_path, CODE)


def test_a_docstring_below_an_attribute_does_not_count(tmp_path):
    assert digest(tmp_path, 'A = 1\n"""One."""\n') == digest(tmp_path, "A = 1\n")


@pytest.mark.parametrize(
    "other", [CODE.replace("2", "3"), CODE.replace("double(x)", "double(x, y=0)"), CODE + "A = ''\n"]
)
def test_code_counts(tmp_path, other):
    assert digest(tmp_path, other) != digest(tmp_path, CODE)


def test_docstrings_count_where_they_are_printed(tmp_path):
    documented = '"""Printed."""\n' + CODE
    assert digest(tmp_path, documented, docstrings=True) != digest(tmp_path, CODE, docstrings=True)


def test_python_3_12s_empty_strings_in_nested_formats_do_not_count(tmp_path, monkeypatch):
    written = digest(tmp_path, "a = f'{b:{c}}'\n")
    parse = ast.parse

    def like_3_12(*given):
        tree = parse(*given)
        tree.body[0].value.values[0].format_spec.values.append(ast.Constant(""))
        return tree

    monkeypatch.setattr(ast, "parse", like_3_12)
    assert digest(tmp_path, "a = f'{b:{c}}'\n") == written
