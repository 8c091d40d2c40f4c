"""`ganaug translate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ganaug.commands.gan import gan_folder
from ganaug.commands.options import Gan, Output, Seed


def translate(
    context: typer.Context,
    images: Annotated[
        Path, typer.Argument(metavar="IMAGES", help="a folder or an archive of images", show_default=False)
    ],
    output: Output,
    to: Annotated[str, typer.Option("--to", metavar="CLASS", help="the class to translate to", show_default=False)],
    gan: Gan = None,
    seed: Seed = 0,
) -> None:
    """Translate your own images to a class with a finished stargan, cyclegan or discogan"""
    from ganaug.core.config import ParamsFile
    from ganaug.core.files import read_json
    from ganaug.data.settings import Prepare
    from ganaug.data.values import Range
    from ganaug.synthesis.use import Reading, translate_images

    paths = context.obj
    prepare, card = ParamsFile.load(paths.params).section("prepare", Prepare), read_json(paths.data_card)["read"]
    reading = Reading(prepare, Range(*card["black_and_white"]), card["value_type"])
    made = translate_images(gan_folder(paths, gan), images, output, to, reading, seed)
    print(f"{output}: {made} images translated to '{to}'")
