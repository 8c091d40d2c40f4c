"""Messages that a stage wants people to see: `ganaug run`, which hides other output of stages, shows these."""

from __future__ import annotations

WARNING = "warning: "
NOTE = "note: "


def warn(text: str) -> None:
    """Print that something is not as it should be, though the stage goes on."""
    print(WARNING + text, flush=True)


def note(text: str) -> None:
    """Print something worth knowing."""
    print(NOTE + text, flush=True)


def is_message(line: str) -> bool:
    """Return whether a line of a stage's output is such a message."""
    return line.startswith((WARNING, NOTE))
