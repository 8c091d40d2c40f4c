"""Markdown formatting of the card: rows of tables, names, numbers and plug-ins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ganaug.core.plugins import find


def row(cells: Iterable[Any]) -> str:
    """Format one row of a table."""
    return f"| {' | '.join(map(str, cells))} |"


def literal(name: str) -> str:
    """Escape the name of a class or data set, so that Markdown shows it unchanged, on one line."""
    return re.sub(r"([\\`*|<&\[])", r"\\\1", " ".join(name.split()))


def number(value: float | None) -> str:
    """Format a figure; None means that there were too few images."""
    return "too few images" if value is None else f"{value:.3g}"


def meaning(package: str, name: str, described: Mapping[str, Any]) -> str:
    """Return a line that explains a figure: the plug-in's name, the options `described`, and its summary."""
    return f"* {options({'name': name, **described})}: {summary(package, name)}"


def summary(package: str, name: str) -> str:
    """Return the first paragraph of a plug-in's docstring, on one line."""
    return " ".join((find(package, name).__doc__ or "").split("\n\n")[0].split())


def options(spec: Mapping[str, Any]) -> str:
    """Format a plug-in's name and options."""
    listed = ", ".join(f"{key} {_plain(value)}" for key, value in spec.items() if key != "name")
    return f"`{spec.get('name', '?')}`" + (f" ({listed})" if listed else "")


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)
