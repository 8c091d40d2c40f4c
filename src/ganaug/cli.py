"""The `ganaug` command."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ganaug.commands.check import check
from ganaug.commands.compare import compare
from ganaug.commands.doctor import doctor
from ganaug.commands.edit import edit
from ganaug.commands.export import export
from ganaug.commands.init import init
from ganaug.commands.new import new
from ganaug.commands.options import Several
from ganaug.commands.plan import plan
from ganaug.commands.publish import publish
from ganaug.commands.report import report
from ganaug.commands.run import run
from ganaug.commands.sample import sample
from ganaug.commands.status import status
from ganaug.commands.summary import summary
from ganaug.commands.translate import translate
from ganaug.commands.ui import ui
from ganaug.core.errors import InputError
from ganaug.core.paths import HERE

COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    "Begin": (new, init, check, doctor),
    "Run": (plan, status, run),
    "Results": (summary, report, compare, ui, publish),
    "With a finished GAN": (export, sample, translate, edit),
}
"""In the order in which people need them."""


class Commands(TyperGroup):
    """All commands: a user's mistake and Ctrl-C end any of them with a message and without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run one command. Exit status 1 after an InputError, 130 after Ctrl-C, as in a shell."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            print(f"error: {error.shown}", file=sys.stderr)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            print("\ninterrupted; finished stages are kept", file=sys.stderr)
            raise typer.Exit(130) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
for _panel, _functions in COMMANDS.items():
    for _function in _functions:
        app.command(rich_help_panel=_panel, cls=Several)(_function)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"ganaug {version('ganaug')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="print the version", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Find out whether GAN augmentation helps your image classifier, by how much, and at what cost"""


def main() -> None:
    """Run one command in the project in the current folder."""
    app(obj=HERE, prog_name="ganaug")
