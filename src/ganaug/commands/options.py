"""Arguments and options that several commands have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

Json = Annotated[bool, typer.Option("--json", help="print JSON for other programs")]
Output = Annotated[Path, typer.Argument(metavar="OUTPUT", help="a new folder, or a new .npz file", show_default=False)]
Gan = Annotated[
    str | None,
    typer.Option(
        "--gan", metavar="GAN", help="a folder written by train_gan, or its address in MLflow, such as runs:/<id>/0"
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="random seed")]
Classes = Annotated[
    list[str] | None,
    typer.Option("--classes", metavar="CLASS...", help="classes to make images of; default: all", show_default=False),
]
Count = Annotated[int, typer.Option("--count", metavar="N", help="number of images per class")]
Truncation = Annotated[
    float, typer.Option("--truncation", metavar="T", help="below 1: more typical images; above 1: more varied ones")
]
Width = Annotated[
    float, typer.Option("--width", metavar="W", help="fraction of the generator's channels to use; lower is faster")
]
Halvings = Annotated[int, typer.Option("--halvings", metavar="N", help="number of times to halve the image size")]


class Several(TyperCommand):
    """A command whose list options take several values at once: `--classes cat dog`.

    Plain Typer needs the option repeated: `--classes cat --classes dog`, which works as well.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat a list option before each of its values, then parse as usual.

        If a list may have swallowed an argument, the error says where to write the argument.
        """
        lists = {name for option in self.params if getattr(option, "multiple", False) for name in option.opts}
        spread: list[str] = []
        current = last = None
        for position, word in enumerate(args):
            if word == "--":  # from here on, nothing is an option
                return super().parse_args(ctx, [*spread, *args[position:]])
            if word.startswith("-") and not re.fullmatch(r"-[\d.]+(e-?\d+)?", word):
                current = word if word in lists else None
                last = current or last
                spread += [] if current else [word]
            else:
                spread += [current, word] if current else [word]
        try:
            return super().parse_args(ctx, spread)
        except typer.BadParameter as error:
            missing = not error.message and error.param is not None and error.param.param_type_name == "argument"
            if missing and last:
                error.message = f"All words after {last} are its values; write the argument before it, or after --"
            raise
