"""`ganaug init`."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Annotated

import typer


def init(
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Option("--data", metavar="PATH", help="file or folder that contains your images", show_default=False),
    ],
) -> None:
    """Look at your data and write a params.yaml that fits them"""
    from ganaug.core.config import ParamsFile
    from ganaug.experiment.planning.proposal import propose

    params = context.obj.params
    text = propose(data, ParamsFile.load(params))
    numbered = (params.with_suffix(f".before{number or ''}.yaml") for number in count())
    kept = next(path for path in numbered if not path.exists())
    params.replace(kept)
    params.write_text(text, encoding="utf-8")
    print(f"{params} now fits {data}; the previous file is {kept}. Read the new one, then: ganaug check")
