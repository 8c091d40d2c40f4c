"""Prints messages that `ganaug run` shows, although it hides all other output of stages."""

from __future__ import annotations

WARNING = "warning: "
NOTE = "note: "


def warn(text: str) -> None:
    """Print that something is wrong, although the stage continues."""
    print(WARNING + text, flush=True)


def note(text: str) -> None:
    """Print something worth knowing."""
    print(NOTE + text, flush=True)


def is_message(line: str) -> bool:
    """Return whether a line of a stage's output is a warning or a note."""
    return line.startswith((WARNING, NOTE))
