"""`ganaug doctor`."""

from __future__ import annotations

import typer

from ganaug.commands.options import Json
from ganaug.commands.output import nothing_else, print_json, screen

COLOURS = {"ok": "green", "note": "yellow", "fix": "bold red"}


def doctor(context: typer.Context, json: Json = False) -> None:
    """Check the machine and the project, and say what to fix and how; exit status 1 if anything needs fixing"""
    from ganaug.runner.checks.machine import machine_checks
    from ganaug.runner.checks.project import project_checks

    with nothing_else(json):
        checks = [*machine_checks(context.obj), *project_checks(context.obj)]
    fix = [check for check in checks if check.state == "fix"]
    if json:
        print_json({"fix": [check.name for check in fix], "checks": [check._asdict() for check in checks]})
    else:
        from rich.text import Text

        console = screen()
        for name, state, found, remedy in checks:
            console.print(Text.assemble((f"{state:<5}", COLOURS[state]), f"{name:<14}{found}"))
            if remedy:
                console.print(f"{'':19}{remedy}")
        console.print(f"{len(fix)} problem{'s' if len(fix) > 1 else ''} to fix" if fix else "no problems found")
    if fix:
        raise typer.Exit(1)
