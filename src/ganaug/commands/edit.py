"""`ganaug edit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganaug.commands.gan import gan_folder
from ganaug.commands.options import Classes, Count, Gan, Halvings, Seed, Truncation, Width

if TYPE_CHECKING:
    from ganaug.classifier.ensemble import Ensemble

STRENGTHS = (-2.0, -1.0, 0.0, 1.0, 2.0)


def edit(
    context: typer.Context,
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="a new folder", show_default=False)],
    gan: Gan = None,
    along: Annotated[
        str | None,
        typer.Option(
            "--along",
            metavar="KIND:VALUE",
            help="direction to move along: sefa:0, attribute:slant, confidence:CLASS, …; default: SeFa's first five",
        ),
    ] = None,
    strengths: Annotated[
        list[float] | None,
        typer.Option(
            "--strengths", metavar="S...", help="how far to move, in standard deviations; default: -2 -1 0 1 2"
        ),
    ] = None,
    classes: Classes = None,
    count: Count = 4,
    seed: Seed = 0,
    truncation: Truncation = 1.0,
    width: Width = 1.0,
    halvings: Halvings = 0,
) -> None:
    """Edit images of a finished stylegan2 along directions in its latent space"""
    from ganaug.core.config import ParamsFile
    from ganaug.gan.networks import Rendering
    from ganaug.synthesis.edit import Edit, edit_images

    paths = context.obj

    def ensemble() -> Ensemble:
        from ganaug.classifier.ensemble import Ensemble

        return Ensemble.load(paths.ensemble(ParamsFile.load(paths.params).replicates[0]))

    rendering = Rendering(truncation=truncation, width=width, halvings=halvings)
    made = edit_images(
        gan_folder(paths, gan), ensemble, output, Edit(along, strengths or STRENGTHS, classes, count, seed, rendering)
    )
    print(f"{output}: {made} images")
