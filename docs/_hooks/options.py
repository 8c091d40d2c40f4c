"""What settings declare: each option with its type in words, its default as YAML, and its meaning."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from ganaug.core.plugins import describe

PLAIN = {bool: "true or false", int: "integer", float: "number", str: "text", Path: "path", NoneType: "`null`"}
LIMITS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}


class Option(NamedTuple):
    """An option of a section or a plug-in.

    kind: its type in words. schema: its type. default: as YAML; None if it has to be given. meaning: its docstring, ""
    if it has none.
    """

    name: str
    kind: str
    schema: Any
    default: str | None
    meaning: str

    @property
    def given(self) -> str:
        """What it is if params.yaml does not say."""
        return "required" if self.default is None else f"default `{self.default}`"


def options(cls: type) -> list[Option]:
    """Return the options of settings, in the order in which they are declared."""
    if not is_dataclass(cls):
        return []
    types, meanings = get_type_hints(cls, include_extras=True), _docstrings(cls)
    return [
        Option(
            field.name,
            in_words(types[field.name]),
            types[field.name],
            _default(field),
            meanings.get(field.name, ""),
        )
        for field in fields(cls)
    ]


def _default(field: Field) -> str | None:
    if field.default_factory is not MISSING:
        return as_yaml(field.default_factory())
    return None if field.default is MISSING else as_yaml(field.default)


def in_words(schema: Any) -> str:
    """Return a type in words, such as "integer above 0"; that of a plug-in is a link to all of its kind."""
    origin, inner = get_origin(schema), get_args(schema)
    if schema in PLAIN:
        return PLAIN[schema]
    if origin is Annotated:
        return f"{in_words(inner[0])}{_limits(inner[1:])}"
    if origin in (Union, UnionType):
        return _alternatives([in_words(one) for one in inner])
    if origin is Literal:
        return _alternatives([f"`{as_yaml(value)}`" for value in inner])
    if origin is tuple:
        length = "" if inner[1:] == (...,) else f" of {len(inner)}"
        return f"list{length}: {in_words(inner[0])}"
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return "mapping" if inner[1] is Any else f"mapping of names: {in_words(inner[1])}"
    if inspect.isclass(schema) and is_protocol(schema):
        return f"[plug-in](plug-ins.md#{schema.__module__.removeprefix('ganaug.')})"
    return "mapping"


def is_settings(schema: Any) -> bool:
    """Whether a type is a mapping of options that are declared here, and not a plug-in's."""
    return inspect.isclass(schema) and is_dataclass(schema) and not is_protocol(schema)


def is_protocol(cls: type) -> bool:
    """Whether a class is what all plug-ins of a folder derive from."""
    return (inspect.getmodule(cls).__doc__ or "").startswith("PLUG-IN")


def as_yaml(value: Any) -> str:
    """Return a value as params.yaml has it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) and 0 < abs(value) < 0.001 else str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_yaml, value))}]"
    if is_dataclass(value) and any(is_protocol(base) for base in inspect.getmro(type(value))[1:-1]):
        return as_yaml(describe(value))
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {as_yaml(one)}' for key, one in value.items())}}}"
    return str(value) or "''"


def _alternatives(words: list[str]) -> str:
    """Return "a, b or c", or with words that hold spaces "a a; or b b; or c c"."""
    if any(" " in word for word in words):
        return "; or ".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}" if words[1:] else words[0]


def _limits(constraints: tuple[Any, ...]) -> str:
    """Return what annotations demand of a value, such as " above 0 and below 1"."""
    found = {
        name: getattr(limit, name)
        for one in constraints
        for limit in (one, *getattr(one, "metadata", ()))
        for name in LIMITS
        if hasattr(limit, name)
    }
    return " and".join(f" {word} {found[name]}" for name, word in LIMITS.items() if name in found)


def first_sentence(text: str) -> str:
    """Return the first sentence of a docstring, on one line."""
    return re.split(r"(?<=[.?!])\s", flowing(text.partition("\n\n")[0]))[0]


def flowing(text: str) -> str:
    """Return a docstring's text on one line, in the words of YAML, without what Markdown takes for HTML."""
    parts = re.split(r"(`[^`]*`)", " ".join(inspect.cleandoc(text).split()))
    outside = [re.sub(r"\bNone\b", "null", part).replace("<", "&lt;").replace("*", "\\*") for part in parts[::2]]
    parts[::2] = outside
    return "".join(parts)


def _docstrings(cls: type) -> dict[str, str]:
    """Return name → docstring of all attributes of a class and its ancestors."""
    found: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        if one.__module__ != "builtins":
            found |= _in_file(inspect.getsourcefile(one) or "", one.__name__)
    return found


def _in_file(file: str, cls: str) -> dict[str, str]:
    statements = _classes(file).get(cls, [])
    found = {}
    for declared, after in pairwise(statements):
        if isinstance(declared, ast.AnnAssign) and isinstance(declared.target, ast.Name):
            value = after.value if isinstance(after, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[declared.target.id] = flowing(value.value)
    return found


@cache
def _classes(file: str) -> dict[str, list[ast.stmt]]:
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    return {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}
