"""Lists the code that a script can run, with hashes, by following its imports: a stage depends on this list.

Nothing is imported. Imports inside functions count; imports for type checkers do not. Hashes cover the syntax tree
without comments and docstrings, so they change only if results can change. Code under development is hashed, wherever
it is; installed libraries are listed with their versions.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ganaug.core.errors import InputError

LIBRARIES = {
    "PIL": "pillow",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "pytorch_lightning": "pytorch-lightning",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "torch": "torch",
    "torch_fidelity": "torch-fidelity",
    "torchvision": "torchvision",
}
"""Import name → distribution name of each of ganaug's dependencies whose version can change results."""

HARMLESS = {
    *("_typeshed", "huggingface_hub", "jinja2", "markupsafe", "mlflow", "psutil", "pydantic", "pydantic_core"),
    *("pynvml", "ruamel", "safetensors", "tqdm", "typing_extensions"),
}
"""Import names of ganaug's dependencies whose version cannot change results."""

BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")
"""Fields of a syntax tree's statements that hold statements, among them all imports."""


@dataclass(frozen=True)
class Module:
    """One Python file.

    name: its dotted name, "" for a script.
    """

    name: str
    file: Path

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree. Raises InputError if the file is not valid Python."""
        try:
            return ast.parse(self.file.read_bytes(), self.file)
        except SyntaxError as error:
            raise InputError(f"{self.file}, line {error.lineno}: not valid Python: {error.msg}") from None

    @cached_property
    def imports(self) -> set[str]:
        """Dotted names that it may import, each with its parents; `a.b` and `a.b.c` for `from a.b import c`."""
        names: set[str] = set()
        nodes: list[ast.AST] = [self.tree]
        while nodes:
            node = nodes.pop()
            if isinstance(node, ast.If) and _is_type_checking(node.test):
                nodes.extend(node.orelse)
                continue
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
            nodes.extend(child for block in BLOCKS for child in getattr(node, block, ()))
        return {parent for name in names for parent in _parents(name)}

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".") if self.file.name == "__init__.py" else self.name.split(".")[:-1]
        return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])

    @cache  # noqa: B019 - modules live as long as the process, which reads each file once
    def digest(self, *, docstrings: bool = False) -> str:
        """Return a hash of the code. docstrings: whether they count, because the code prints them."""
        return hashlib.sha256(repr(_plain(self.tree, docstrings)).encode()).hexdigest()[:16]


@dataclass
class Closure:
    """The modules that the added scripts and modules can load, directly or indirectly.

    packages: top-level packages to follow wherever they are. Others are followed too unless they are libraries, that
    is, in site-packages or part of Python. without: dotted names of modules to leave out, along with modules that only
    they import.
    """

    packages: Collection[str]
    without: Collection[str] = ()
    modules: dict[str, Module] = field(default_factory=dict)
    """By dotted name; scripts by folder and name."""

    def add_script(self, script: Path) -> None:
        """Add a script and everything that it can load."""
        self._add(f"{script.parent.name}/{script.name}", _module("", script))

    def add_module(self, name: str) -> None:
        """Add a module, by its dotted name, and everything that it can load. Other names are ignored."""
        for parent in _parents(name):
            if parent not in self.modules and parent not in self.without and (file := self._file(parent)):
                self._add(parent, _module(parent, file))

    def _add(self, key: str, module: Module) -> None:
        self.modules[key] = module
        for name in module.imports:
            self.add_module(name)

    def _file(self, name: str) -> Path | None:
        top = name.partition(".")[0]
        followed = top in self.packages or not (_is_known(top) or _is_installed(top))
        return _file_of(name, tuple(sys.path)) if followed else None

    def lines(self, documented: Iterable[str] = ()) -> Iterator[str]:
        """Yield `hash  path` for every file, then `version  library` for every library that can change results.

        Data files in a package's folder, such as templates, belong to the package. documented: prefixes of the names
        of modules whose docstrings count because they are printed.
        """
        for key, module in sorted(self.modules.items()):
            shown = key.startswith(tuple(documented))
            yield f"{module.digest(docstrings=shown)}  {_readable(key, module)}"
            if module.file.name == "__init__.py":
                folder = module.file.parent
                for file in _data_files(folder):
                    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
                    yield f"{digest}  {key.replace('.', '/')}/{file.relative_to(folder).as_posix()}"
        imported = {name for module in self.modules.values() for name in module.imports}
        for name, library in LIBRARIES.items():
            if name in imported:
                yield f"{_version(library):16}  {library}"
        others = {name for name in imported if name.isidentifier() and not _is_known(name) and _is_installed(name)}
        if others - set(self.packages):
            distributions = _distributions(tuple(sys.path))
            libraries = {library for name in others - set(self.packages) for library in distributions.get(name, ())}
            yield from (f"{_version(library):16}  {library}" for library in sorted(libraries))


_module = cache(Module)
"""Module, cached, because the stages' closures share most of their modules."""


def _parents(name: str) -> list[str]:
    """Return `a`, `a.b` and `a.b.c` for `a.b.c`: importing a module runs its packages first."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _is_type_checking(test: ast.expr) -> bool:
    """Whether a condition is `TYPE_CHECKING` or `typing.TYPE_CHECKING`, which is false whenever code runs."""
    return "TYPE_CHECKING" in (getattr(test, "id", None), getattr(test, "attr", None))


def _is_known(top: str) -> bool:
    """Whether a top-level package is part of Python, or a library that ganaug itself uses."""
    return top in sys.stdlib_module_names or top in LIBRARIES or top in HARMLESS


def _is_installed(top: str) -> bool:
    """Whether a top-level package is in site-packages: nobody changes it without a new version."""
    return any(part in ("site-packages", "dist-packages") for place in _places(top) for part in place.parts)


def _places(top: str) -> list[Path]:
    """Return the folders of a top-level package, or the file of a top-level module; empty if there is neither."""
    spec = find_spec(top) if top else None
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        return [Path(place) for place in spec.submodule_search_locations]
    return [Path(spec.origin)] if spec.origin is not None and spec.origin.endswith(".py") else []


@cache
def _file_of(name: str, _path: tuple[str, ...]) -> Path | None:
    """Return the file of a module, by its dotted name, or None if that names no module. _path: sys.path."""
    top, *rest = name.split(".")
    for root in _places(top):
        stem = root.joinpath(*rest)
        candidates = stem / "__init__.py", stem.with_suffix(".py")
        file = root if root.is_file() and not rest else next((path for path in candidates if path.is_file()), None)
        if file is not None:
            return file
    return None


def _data_files(folder: Path) -> Iterator[Path]:
    """Yield the files in a package's folder that are not Python, except those of nested packages."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name != "__pycache__" and not path.name.startswith(".") and not (path / "__init__.py").exists():
                yield from _data_files(path)
        elif path.suffix not in (".py", ".pyc") and not path.name.startswith("."):
            yield path


@cache
def _distributions(_path: tuple[str, ...]) -> Mapping[str, list[str]]:
    """Return the distributions of each top-level package; takes half a second. _path: sys.path."""
    return packages_distributions()


@cache
def _version(library: str) -> str:
    """Return a library's version, without the suffix that tells builds for different devices apart."""
    try:
        return version(library).partition("+")[0]
    except PackageNotFoundError:  # another distribution provides the same package
        return "unknown"


def _readable(key: str, module: Module) -> str:
    """Return a path that does not depend on where the package is installed."""
    if not module.name:
        return key
    path = key.replace(".", "/")
    return f"{path}/__init__.py" if module.file.name == "__init__.py" else f"{path}.py"


def _plain(node: Any, docstrings: bool) -> Any:
    """Return a syntax tree as nested tuples that are the same in every Python version: they omit empty fields."""
    if isinstance(node, ast.JoinedStr):  # the first releases of Python 3.12 add empty strings to nested formats
        node.values = [part for part in node.values if not (isinstance(part, ast.Constant) and part.value == "")]
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
        return type(node).__name__, *((name, _plain(value, docstrings)) for name, value in fields)
    if isinstance(node, list):
        return [_plain(item, docstrings) for item in node if docstrings or not _is_docstring(item)]
    return node


def _is_docstring(node: Any) -> bool:
    """Whether a statement is an unused string: a docstring, including those below attributes."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
