"""Finds and builds plug-ins: each is a file, found by its name, or an entry point of another installed package.

`gan/objectives/non_saturating.py` holds `NonSaturating`, which params.yaml calls `non_saturating`. Your own package
adds a plug-in by an entry point in the group named after the plug-in package, such as `ganaug.gan.objectives`:

    [project.entry-points."ganaug.gan.objectives"]
    cosine = "my_package.cosine:Cosine"

A plug-in is a frozen settings dataclass whose fields are its hyper-parameters. Nothing needs to be registered or
listed. Files whose names begin with an underscore are not plug-ins.
"""

from __future__ import annotations

import json
import pkgutil
import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from ganaug.core.errors import InputError, unknown

T = TypeVar("T")

PROJECT = "project"
"""Key in pydantic's context: the folder that paths start from."""


def available(package: str) -> list[str]:
    """Return the names of all plug-ins of `ganaug.<package>`, sorted, without importing them."""
    return sorted({*_files(package), *_entry_points(package)})


def module_of(package: str, name: str) -> str:
    """Return the dotted name of the module that holds the plug-in, without importing it.

    Raises InputError if there is no such plug-in, or if two plug-ins have that name.
    """
    external = _entry_points(package).get(name)
    if name in _files(package):
        if external:
            raise InputError(f"{package}: '{name}' is built in; rename the entry point {external.value}")
        return f"ganaug.{package}.{name}"
    if external is None:
        raise InputError(unknown(f"name in {package.rpartition('.')[2]}", name, available(package)))
    return external.module


def find(package: str, name: str) -> type:
    """Return the class of the plug-in `name`.

    Raises InputError, listing the choices, if there is no such plug-in; ImportError, with the cause, if it cannot be
    imported; TypeError if its file does not define it.
    """
    place, external = module_of(package, name), _entry_points(package).get(name)
    try:
        module = import_module(place)
        if external:
            return external.load()
    except InputError:
        raise
    except Exception as error:  # pydantic would take a ValueError for a wrong value in params.yaml
        shown = f"{external.value}, an entry point" if external else place
        raise ImportError(
            f"plug-in '{name}' of {package} ({shown}) cannot be imported: {type(error).__name__}: {error}"
        ) from error
    for attribute, value in vars(module).items():
        defined_here = isinstance(value, type) and value.__module__ == module.__name__
        if defined_here and attribute.lower() == name.replace("_", ""):
            return value
    wanted = "".join(part.capitalize() for part in name.split("_"))
    raise TypeError(f"{module.__file__} does not define a class named after the file, such as {wanted}")


def build(package: str, spec: Mapping[str, Any], project: Path = Path()) -> Any:
    """Build the plug-in that `spec` describes: its `name`, and its options. project: as in `from_data`.

    Raises InputError for a missing or unknown name; pydantic.ValidationError for an unknown or wrong option.
    """
    if not isinstance(spec, Mapping) or not isinstance(spec.get("name"), str):
        raise InputError(f"write {{name: …}} with one of: {', '.join(available(package))} (given: {spec!r})")
    options = {key: value for key, value in spec.items() if key != "name"}
    return from_data(find(package, spec["name"]), options, project)


def name_of(cls: type) -> str | None:
    """Return the name of a plug-in's class in params.yaml, or None if the class is not a plug-in."""
    if cls.__module__.startswith("ganaug."):
        return cls.__module__.rpartition(".")[2]
    return next((entry.name for entry in _installed() if _refers_to(entry, cls)), None)


def from_data(schema: type[T], value: Any, project: Path = Path()) -> T:
    """Validate plain data, as read from YAML or JSON, as `schema`. Strict: 1.0, "1" and true are not integers.

    project: the folder that relative paths start from; validators find it in pydantic's context.

    Raises pydantic.ValidationError for anything the schema does not allow.
    """
    from pydantic import TypeAdapter

    return TypeAdapter(schema).validate_json(json.dumps(value, default=str), strict=True, context={PROJECT: project})


def describe(plugin: Any) -> dict[str, Any]:
    """Return the spec from which `build` rebuilds `plugin`: its name and all options, as plain JSON-able values."""
    from pydantic import TypeAdapter

    return {"name": name_of(type(plugin)), **TypeAdapter(type(plugin)).dump_python(plugin, mode="json")}


def _files(package: str) -> set[str]:
    spec = find_spec(f"ganaug.{package}")
    paths = spec.submodule_search_locations if spec else None
    return {module.name for module in pkgutil.iter_modules(paths) if not module.name.startswith("_")}


def _entry_points(package: str) -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in _installed() if entry.group == f"ganaug.{package}"}


def _refers_to(entry: EntryPoint, cls: type) -> bool:
    """Whether an entry point leads to `cls`, even if its module only imports `cls` from another."""
    if (entry.module, entry.attr) == (cls.__module__, cls.__qualname__):
        return True
    return getattr(sys.modules.get(entry.module), entry.attr, None) is cls


@cache  # reads the metadata of every installed distribution
def _installed() -> tuple[EntryPoint, ...]:
    installed = entry_points()
    ours = sorted(group for group in installed.groups if group.startswith("ganaug."))
    return tuple(entry for group in ours for entry in installed.select(group=group))
