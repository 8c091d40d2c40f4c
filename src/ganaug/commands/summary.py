"""`ganaug summary`."""

from __future__ import annotations

import typer

from ganaug.commands.options import Json
from ganaug.commands.output import print_json


def summary(context: typer.Context, json: Json = False) -> None:
    """Show the results of the last run"""
    from ganaug.experiment.results import read_summary
    from ganaug.experiment.wording import as_text

    found = read_summary(context.obj.summary)
    if json:
        print_json(found)
        return
    print(as_text(found))
    print(f"\nreport:  {context.obj.report}, or: ganaug report --open\nMLflow:  make ui, or: mlflow ui")
