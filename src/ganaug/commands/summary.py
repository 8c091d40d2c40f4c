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
"""Answer → style of its sentence on a terminal; other answers are bold."""


def summary(context: typer.Context, json: Json = False) -> None:
    """Show the results of the last run"""
    from ganaug.experiment.summary.reader import read_summary
    from ganaug.report.mlflow.tracking import pages_opened_by

    results = read_summary(context.obj.summary)
    if json:
        print_json(results)
        return
    show(results)
    print(f"\nreport: {context.obj.report}, or: ganaug report --open\nMLflow: {pages_opened_by()}")


def show(results: Summary) -> None:
    """Print a summary; on a terminal, the answer and any doubts about it stand out."""
    from ganaug.experiment.summary.text import as_text
    from ganaug.experiment.words.sentences import sentences

    console, answer = screen(), results["verdict"]["answer"]
    answer_styles = dict.fromkeys(sentences(results), COLOURS.get(answer, "bold"))
    for line in as_text(results).split("\n"):
        doubt = "yellow" if line.startswith(("Finding: ", "GAN of replicate ")) else None
        console.print(line, style=answer_styles.get(line, doubt), soft_wrap=True)
