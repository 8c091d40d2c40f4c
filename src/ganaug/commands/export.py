"""`ganaug export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="a new folder", show_default=False)],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="folder, npz, webdataset or webdataset:IMAGES_PER_SHARD, huggingface, or a plug-in's name",
        ),
    ] = "folder",
) -> None:
    """Write the synthetic images as files for other programs: one set per replicate, each with its card"""
    from ganaug.core.config import ParamsFile
    from ganaug.core.files import read_json
    from ganaug.data.images import LabelledImages
    from ganaug.data.settings import Prepare
    from ganaug.data.values import Range
    from ganaug.synthesis.export import export as write
    from ganaug.synthesis.formats import Exported
    from ganaug.synthesis.plugin_option import plugin_option

    paths, chosen = context.obj, plugin_option("synthesis.formats", "--format", form)
    params = ParamsFile.load(paths.params)
    source = params.section("prepare", Prepare).source
    limits = Range(*read_json(paths.data_card)["read"]["black_and_white"])
    for replicate in params.replicates:
        exported = Exported(LabelledImages.load(paths.synthetic(replicate)), source, limits)
        place, card = folder / str(replicate), paths.synthetic_report(replicate) / "CARD.md"
        read = write(exported, card, chosen, place)
        print(f"{place}: {len(exported.images)} synthetic images")
    if read is not None:
        options = ", ".join(f"{name}: {value}" for name, value in read.source.items())
        print(f"to read them with ganaug, in params.yaml: source: {{{options}}}, path: {place / read.path}")
