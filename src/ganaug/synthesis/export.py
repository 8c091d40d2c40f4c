"""Writes synthetic sets as files that other programs read."""

from __future__ import annotations

import shutil
from pathlib import Path

from ganaug.core.errors import InputError
from ganaug.synthesis.formats import Exported, Format, ReadBack


def export(exported: Exported, card: Path, form: Format, folder: Path) -> ReadBack | None:
    """Write a synthetic set to the new `folder`, with its card as README.md; return how ganaug reads it, if it can.

    Raises InputError if there is something at `folder`.
    """
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made ({error.strerror}); export to a new folder") from None
    read = form.write(exported, folder)
    if card.exists():  # `measure` may not have run yet
        shutil.copyfile(card, folder / "README.md")
    return read
