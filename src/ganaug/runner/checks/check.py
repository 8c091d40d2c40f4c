"""What was found of one part of the machine or of the project."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Check(NamedTuple):
    """What was found of one part."""

    name: str
    state: Literal["ok", "note", "fix"]
    """fix: something will fail. note: something is missing that only some need."""
    found: str
    remedy: str = ""
