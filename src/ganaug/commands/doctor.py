"""`ganaug doctor`."""

from __future__ import annotations

import typer

from ganaug.commands.options import Json
from ganaug.commands.output import nothing_else, print_json, screen

COLOURS = {"ok": "green", "note": "yellow", "mend": "bold red"}


def doctor(context: typer.Context, json: Json = False) -> None:
    """Look at machine and project, and say what to mend and how; exit status 1 if something is to be mended"""
    from ganaug.commands.checks import checks

    with nothing_else(json):
        found = list(checks(context.obj))
    mend = [check for check in found if check.state == "mend"]
    if json:
        print_json({"mend": [check.name for check in mend], "checks": [check._asdict() for check in found]})
    else:
        from rich.text import Text

        console = screen()
        for state, name, about, remedy in ((one.state, one.name, one.found, one.remedy) for one in found):
            console.print(Text.assemble((f"{state:<5}", COLOURS[state]), f"{name:<14}{about}"))
            if remedy:
                console.print(f"{'':19}{remedy}")
        console.print(f"{len(mend)} to mend" if mend else "all is well")
    if mend:
        raise typer.Exit(1)
