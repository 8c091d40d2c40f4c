"""`ganaug sample`."""

from __future__ import annotations

from typing import Annotated

import typer

from ganaug.commands.gan import gan_folder
from ganaug.commands.options import Classes, Count, Gan, Halvings, Output, Seed, Truncation, Width


def sample(
    context: typer.Context,
    output: Output,
    gan: Gan = None,
    classes: Classes = None,
    count: Count = 100,
    seed: Seed = 0,
    describe: Annotated[
        str | None,
        typer.Option(
            "--describe", metavar="TEXT", help="description of the images, for a GAN that was trained with descriptions"
        ),
    ] = None,
    truncation: Truncation = 1.0,
    width: Width = 1.0,
    halvings: Halvings = 0,
) -> None:
    """Generate images with a finished GAN"""
    from ganaug.gan.networks import Rendering
    from ganaug.synthesis.use import sample_images

    rendering = Rendering(truncation=truncation, width=width, halvings=halvings)
    made = sample_images(gan_folder(context.obj, gan), output, classes, count, seed, rendering, describe)
    print(f"{output}: {made} images")
