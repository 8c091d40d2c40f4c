"""The page of all commands, from the `ganaug` command itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from options import flowing

from ganaug.cli import COMMANDS, app


def commands() -> Iterator[tuple[str, str, Any]]:
    """Yield panel, name and command, in the order of `ganaug --help`."""
    found = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # it is a group
    for panel, functions in COMMANDS.items():
        for function in functions:
            yield panel, function.__name__, found[function.__name__]


def page() -> str:
    """Return the page as Markdown."""
    lines = ["# Commands", "", "All work in a project's folder, but `new`. `-h` after a command shows the same."]
    shown = ""
    for panel, name, command in commands():
        lines += ["", f"## {panel}"] * (panel != shown)
        shown = panel
        lines += ["", f"### `ganaug {name}` {{ #{name} }}", "", f"{flowing(command.help or '')}.", ""]
        lines += [f"* {_names(one)}: {described(one)}{_default(one)}" for one in command.params if one.name != "help"]
    return "\n".join(lines) + "\n"


def described(parameter: Any) -> str:
    """Return the help of an argument or an option."""
    return flowing(getattr(parameter, "help", None) or "")


def _names(parameter: Any) -> str:
    metavar = parameter.metavar or parameter.name.upper()
    if parameter.param_type_name == "argument":
        return f"`{metavar}`"
    valued = "" if parameter.is_flag else f" {metavar}"
    return ", ".join(f"`{name}{valued}`" for name in parameter.opts)


def _default(parameter: Any) -> str:
    if parameter.required:
        return " (required)"
    default = parameter.default
    shown = default is not None and default is not False and default != () and not callable(default)
    if not shown or not getattr(parameter, "show_default", True):
        return ""
    return f" (default: `{' '.join(map(str, default)) if isinstance(default, list | tuple) else default}`)"
