"""`ganaug status`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from ganaug.commands.options import Json
from ganaug.commands.output import print_json, screen

if TYPE_CHECKING:
    from ganaug.runner.status import Status

MOST_CHANGES = 6
"""Number of changes to print for each group of stages; the rest are only counted."""


def status(context: typer.Context, json: Json = False) -> None:
    """Show which stages `dvc repro` would run and what has changed since they last ran, without running anything"""
    from ganaug.runner.status import read_status

    result = read_status(context.obj)
    if json:
        print_json({"changes": result.changes, "after_these": result.after, "stages": result.stages})
    else:
        _show(result)


def _show(result: Status) -> None:
    from rich.table import Table

    from ganaug.core.time_words import time_in_words
    from ganaug.runner.status import by_family, reasons

    if not result.changes:
        print("nothing has changed: all results are up to date")
        return
    took = f"; they took {time_in_words(result.seconds)} last time, one after another" if result.seconds else ""
    print(f"{len(result.changes) + len(result.after)} of {result.stages} stages would run{took}\n")
    table = Table("what has changed", "stages", box=None, pad_edge=False, header_style="bold")
    for phrases, families in reasons(result.changes):
        more = [f"… {len(phrases) - MOST_CHANGES} more: --json"] if len(phrases) > MOST_CHANGES else []
        table.add_row("\n".join([*phrases[:MOST_CHANGES], *more]), _counted(families))
    if result.after:
        table.add_row("(their inputs may change)", _counted(by_family(result.after)))
    screen().print(table)


def _counted(families: Mapping[str, int]) -> str:
    """Return "train_gan (5), evaluate"."""
    return ", ".join(f"{name} ({count})" if count > 1 else name for name, count in families.items())
