"""Which code a script runs, as a readable list of hashes: what a stage depends on, found by reading imports.

Nothing is imported. Imports inside functions count, those for type checkers do not. A hash is taken of the syntax tree
without comments and docstrings, so only a change that can change results changes it.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

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
"""Import and distribution name of every library whose version can change results."""


@dataclass(frozen=True)
class Module:
    """One Python file.

    name: its dotted name, "" for a script.
    """

    name: str
    file: Path

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.file.read_bytes(), self.file)

    @cached_property
    def imports(self) -> set[str]:
        """Dotted names that it may import, `a.b` and `a.b.c` for `from a.b import c`, each with its parents."""
        names: set[str] = set()
        nodes: list[ast.AST] = [self.tree]
        while nodes:
            node = nodes.pop()
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                nodes.extend(node.orelse)
                continue
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
            nodes.extend(ast.iter_child_nodes(node))
        return {parent for name in names for parent in _parents(name)}

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".") if self.file.name == "__init__.py" else self.name.split(".")[:-1]
        return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])

    @cache  # noqa: B019 - modules live as long as the process, which reads each file once
    def digest(self, *, docstrings: bool = False) -> str:
        """Return a hash of the code; of its docstrings too if they are part of what it does."""
        return hashlib.sha256(repr(_plain(self.tree, docstrings)).encode()).hexdigest()[:16]


@dataclass
class Closure:
    """All modules that some scripts and modules can load, of the packages that are followed.

    packages: top-level packages to follow; other imports count as libraries.
    """

    packages: Collection[str]
    modules: dict[str, Module] = field(default_factory=dict)
    """By dotted name; scripts by folder and name."""

    def add_script(self, script: Path) -> None:
        """Add a script and all that it can load."""
        self._add(f"{script.parent.name}/{script.name}", _module("", script))

    def add_module(self, name: str) -> None:
        """Add a module, by its dotted name, and all that it can load. Other names are ignored."""
        for parent in _parents(name):
            if parent not in self.modules and (file := self._file(parent)):
                self._add(parent, _module(parent, file))

    def _add(self, key: str, module: Module) -> None:
        self.modules[key] = module
        for name in module.imports:
            self.add_module(name)

    def _file(self, name: str) -> Path | None:
        top, *rest = name.split(".")
        root = _folder(top) if top in self.packages else None
        if root is None:
            return None
        stem = root.joinpath(*rest)
        candidates = (stem / "__init__.py", stem.with_suffix(".py"))
        return next((file for file in candidates if file.is_file()), None)

    def lines(self, documented: Iterable[str] = ()) -> Iterator[str]:
        """Yield `hash  path` for every file, then `version  library` for every library that decides results.

        Data files beside a package's modules, such as templates, belong to it. documented: packages whose docstrings
        count because they are printed.
        """
        for key, module in sorted(self.modules.items()):
            shown = any(key.startswith(f"{package}.") for package in documented)
            yield f"{module.digest(docstrings=shown)}  {_readable(key, module)}"
            if module.file.name == "__init__.py":
                for file in sorted(module.file.parent.iterdir()):
                    if file.is_file() and file.suffix not in (".py", ".pyc"):
                        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
                        yield f"{digest}  {key.replace('.', '/')}/{file.name}"
        imported = {name for module in self.modules.values() for name in module.imports}
        for name, library in LIBRARIES.items():
            if name in imported:
                yield f"{version(library).partition('+')[0]:16}  {library}"  # builds for other devices are alike


_module = cache(Module)
"""The stages' closures share most of their modules."""


def _parents(name: str) -> list[str]:
    """Return `a`, `a.b` and `a.b.c` for `a.b.c`: importing a module runs its packages first."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _folder(package: str) -> Path | None:
    """Return the folder of a top-level package; None if there is none."""
    spec = find_spec(package)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _readable(key: str, module: Module) -> str:
    """Return a path that does not depend on where the package is installed."""
    if not module.name:
        return key
    path = key.replace(".", "/")
    return f"{path}/__init__.py" if module.file.name == "__init__.py" else f"{path}.py"


def _plain(node: Any, docstrings: bool) -> Any:
    """Return a syntax tree as nested tuples that every Python version writes alike: empty fields are left out."""
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
        return type(node).__name__, *((name, _plain(value, docstrings)) for name, value in fields)
    if isinstance(node, list):
        return [_plain(one, docstrings) for one in node if docstrings or not _is_docstring(one)]
    return node


def _is_docstring(node: Any) -> bool:
    """Whether a statement is a string that nothing uses: a docstring, also one below an attribute."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
