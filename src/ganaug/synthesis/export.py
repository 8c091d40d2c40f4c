"""Exports synthetic sets to files for other programs."""

from __future__ import annotations

import shutil
from pathlib import Path

from ganaug.core.errors import InputError
from ganaug.synthesis.formats import Exported, Format, ReadBack


def export(exported: Exported, card: Path, form: Format, folder: Path) -> ReadBack | None:
    """Write a synthetic set to the new `folder`, with its card as README.md.

    Return how ganaug can read the set back, or None if it cannot. Raises InputError if `folder` exists or cannot be
    created.
    """
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be created ({error.strerror}); export to a new folder") from None
    read = form.write(exported, folder)
    if card.exists():  # `measure` may not have run yet
        shutil.copyfile(card, folder / "README.md")
    return read
