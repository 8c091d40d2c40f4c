"""Plug-ins: one file a plug-in, the file name is the key.

A plug-in package holds modules whose one public class is called like the file: `objectives/non_saturating.py` holds
`NonSaturating`. The class is a frozen settings dataclass whose fields are the plug-in's hyper-parameters. Nothing has
to be registered or listed.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Any, TypeVar

from ganaug.core.errors import InputError, unknown

T = TypeVar("T")


def available(package: str) -> list[str]:
    """Return the names of all plug-ins in `ganaug.<package>`, sorted, without importing them."""
    path = import_module(f"ganaug.{package}").__path__
    return sorted(module.name for module in pkgutil.iter_modules(path))


def find(package: str, name: str) -> type:
    """Return the class of the plug-in `name`.

    Raises InputError, which lists the choices, if there is no such plug-in.
    """
    if name not in available(package):
        raise InputError(unknown(f"name in {package.rpartition('.')[2]}", name, available(package)))
    module = import_module(f"ganaug.{package}.{name}")
    for attribute, value in vars(module).items():
        if isinstance(value, type) and attribute.lower() == name.replace("_", ""):
            return value
    raise TypeError(f"{module.__file__} holds no class that is called like the file")


def build(package: str, spec: Mapping[str, Any]) -> Any:
    """Build the plug-in that `spec` describes: its `name`, and its options.

    Raises InputError for a missing or unknown name; pydantic.ValidationError for an unknown or wrong option.
    """
    if not isinstance(spec, Mapping) or not isinstance(spec.get("name"), str):
        raise InputError(f"write {{name: …}} with one of: {', '.join(available(package))} (given: {spec!r})")
    options = {key: value for key, value in spec.items() if key != "name"}
    return from_data(find(package, spec["name"]), options)


def from_data(schema: type[T], value: Any) -> T:
    """Return plain data, as YAML and JSON hold it, as `schema`: 1.0, "1" and true are no whole numbers here.

    Raises pydantic.ValidationError for anything else than the schema allows.
    """
    from pydantic import TypeAdapter

    return TypeAdapter(schema).validate_json(json.dumps(value, default=str), strict=True)


def describe(plugin: Any) -> dict[str, Any]:
    """Return the spec that `build` makes `plugin` from again: name and every option, as plain JSON-able values."""
    from pydantic import TypeAdapter

    name = type(plugin).__module__.rpartition(".")[2]
    return {"name": name, **TypeAdapter(type(plugin)).dump_python(plugin, mode="json")}
