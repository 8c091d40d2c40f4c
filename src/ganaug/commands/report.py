"""`ganaug report`."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from ganaug.core.errors import InputError
from ganaug.core.files import existing


def report(
    context: typer.Context,
    open: Annotated[bool, typer.Option("--open", help="open it in your browser")] = False,  # noqa: A002
) -> None:
    """Print the path of the last run's report, or open it"""
    path = existing(context.obj.report).absolute()
    print(path)
    if open and not webbrowser.open(path.as_uri()):
        raise InputError(f"found no browser to open the report with; open {path} in one, here or on another machine")
