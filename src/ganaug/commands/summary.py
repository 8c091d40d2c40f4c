"""`ganaug summary`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from ganaug.commands.options import Json
from ganaug.commands.output import print_json, screen

if TYPE_CHECKING:
    from ganaug.experiment.summary.types import Summary
    from ganaug.experiment.verdicts import Answer

COLOURS: Mapping[Answer, str] = {"helps": "bold green", "harms": "bold red", "nothing learned": "bold red"}
"""Answer → how its sentence is printed on a terminal; others are bold."""


def summary(context: typer.Context, json: Json = False) -> None:
    """Show the results of the last run"""
    from ganaug.experiment.summary.reader import read_summary
    from ganaug.report.mlflow.tracking import pages_opened_by

    found = read_summary(context.obj.summary)
    if json:
        print_json(found)
        return
    show(found)
    print(f"\nreport: {context.obj.report}, or: ganaug report --open\nMLflow: {pages_opened_by()}")


def show(found: Summary) -> None:
    """Print a summary; on a terminal, the answer and what speaks against it stand out."""
    from ganaug.experiment.summary.text import as_text
    from ganaug.experiment.words.sentences import sentences

    console, answer = screen(), found["verdict"]["answer"]
    said = dict.fromkeys(sentences(found), COLOURS.get(answer, "bold"))
    for line in as_text(found).split("\n"):
        doubt = "yellow" if line.startswith(("Finding: ", "GAN of replicate ")) else None
        console.print(line, style=said.get(line, doubt), soft_wrap=True)
