"""Writes synthetic sets as files that other programs read."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ganaug.core.errors import InputError

if TYPE_CHECKING:
    from ganaug.synthesis.formats import Exported, Format, ReadBack

UNSAFE = re.compile(r'[%/\\:*?"<>|\x00-\x1f\x7f]|^\.|[. ]$')
"""What a folder must not have in its name on one system or another."""


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


def folder_name(name: str) -> str:
    """Return a class name as the name of a folder on any system: other characters become % and two digits."""
    return UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", name)
