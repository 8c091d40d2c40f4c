"""`ganaug compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganaug.commands.options import Json
from ganaug.commands.output import nothing_else, print_json, screen

if TYPE_CHECKING:
    from ganaug.report.compare.evaluated_configuration import EvaluatedConfiguration


def compare(
    context: typer.Context,
    places: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN",
            help="two or more project folders, summary.json files, or MLflow runs as runs:/<id>",
            show_default=False,
        ),
    ],
    json: Json = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="also write the comparison to this HTML file")
    ] = None,
) -> None:
    """Show finished configurations side by side: answers, gains, and the parameters that differ"""
    from ganaug.report.compare.comparison import as_dict
    from ganaug.report.compare.evaluated_configuration import read_all
    from ganaug.report.compare.page import as_html

    with nothing_else(json):
        configurations = read_all(places, context.obj)
    if html is not None:
        html.write_text(as_html(configurations), encoding="utf-8")
    if json:
        print_json(as_dict(configurations))
        return
    _show(configurations)
    if html is not None:
        print(f"also written to {html}")


def _show(configurations: list[EvaluatedConfiguration]) -> None:
    """Print the comparison as tables."""
    from rich.table import Table
    from rich.text import Text

    from ganaug.report.compare.comparison import cautions, sentences, tables

    console = screen()
    for name, sentence in sentences(configurations):
        console.print(Text.assemble((name, "bold"), f": {sentence}"))
    for caution in cautions(configurations):
        console.print(caution, style="yellow")
    for heading, rows in tables(configurations):
        names = [configuration.name for configuration in configurations]
        table = Table("", *names, title=heading, title_justify="left", box=None)
        table.columns[0].overflow = "fold"  # names of parameters are long, and some differ only at the end
        for name, cells in rows.items():
            table.add_row(name, *cells)
        console.print()
        console.print(table if rows else f"{heading}: none")
