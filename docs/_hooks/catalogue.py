"""The page of all plug-ins, found in their folders and in installed packages."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple, get_args

from options import Option, flowing, options
from parameters import sections

import ganaug
from ganaug.core.plugins import available, find


class Kind(NamedTuple):
    """A kind of plug-in.

    package: its folder, such as "gan.objectives". title: what they are. protocol: what all of them derive from.
    """

    package: str
    title: str
    protocol: type


def kinds() -> list[Kind]:
    """Return all kinds of plug-ins: folders whose docstring begins with PLUG-IN."""
    found = []
    for module in pkgutil.walk_packages(ganaug.__path__, "ganaug."):
        if not module.ispkg:
            continue
        said = import_module(module.name).__doc__ or ""
        if said.startswith("PLUG-IN: "):
            title = said.removeprefix("PLUG-IN: ").partition("\n")[0].partition(",")[0].rstrip(".")
            name = module.name.removeprefix("ganaug.")
            found.append(Kind(name, title[0].upper() + title[1:], _protocol(name)))
    return found


def _protocol(package: str) -> type:
    """Return the class, declared in the folder's `__init__.py`, that all of its plug-ins derive from."""
    plugins = [find(package, name) for name in available(package)]
    declared = [one for one in plugins[0].__mro__ if one.__module__ == f"ganaug.{package}"]
    return next(one for one in declared if all(issubclass(plugin, one) for plugin in plugins))


class Plugin(NamedTuple):
    """A plug-in: what it is, where it comes from, and the options that are its own or have a default of its own."""

    name: str
    meaning: str
    source: str
    options: list[Option]


def plugins(kind: Kind) -> Iterator[Plugin]:
    """Yield all plug-ins of a kind."""
    shared = options(kind.protocol)
    for name in available(kind.package):
        cls = find(kind.package, name)
        own = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
        written = (
            "" if own.startswith(f"{cls.__name__}(") else own
        )  # a dataclass without a docstring gets its signature
        module = inspect.cleandoc(inspect.getmodule(cls).__doc__ or "")
        yield Plugin(name, flowing(written), flowing(module), [one for one in options(cls) if one not in shared])


def page() -> str:
    """Return the page as Markdown."""
    lines = [
        "# Plug-ins",
        "",
        "Everything that `params.yaml` and commands call by a `name`, with its options and its source. A file of your",
        "own joins them: [write a plug-in](../plug-ins.md). Options with a default can be left out.",
    ]
    for kind in kinds():
        lines += [
            "",
            f"## {kind.title} {{ #{kind.package} }}",
            "",
            f"{_place(kind)}Folder `src/ganaug/{kind.package.replace('.', '/')}/`.",
        ]
        if options(kind.protocol):
            lines += ["", "Options of all of them:", "", *_listed(options(kind.protocol))]
        for plugin in plugins(kind):
            lines += ["", f"### `{plugin.name}` {{ #{kind.package}.{plugin.name} }}", "", f"*{plugin.source}*", ""]
            lines += [plugin.meaning, "", *_listed(plugin.options)]
    return "\n".join(lines) + "\n"


def _listed(found: list[Option]) -> list[str]:
    return [f"* `{one.name}` (*{one.kind}*, {one.given}): {one.meaning}" for one in found]


def _place(kind: Kind) -> str:
    """Return where params.yaml names plug-ins of a kind."""
    keys = [one.name for _, _, parameters in sections() for one in parameters if _mentions(one.schema, kind.protocol)]
    return f"In `params.yaml`: {', '.join(f'`{key}`' for key in keys)}. " if keys else ""


def _mentions(schema: Any, protocol: type) -> bool:
    return schema is protocol or any(_mentions(inner, protocol) for inner in get_args(schema))
