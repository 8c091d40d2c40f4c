"""The result of one check of `ganaug doctor`."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Check(NamedTuple):
    """The result of checking one part of the machine or the project."""

    name: str
    state: Literal["ok", "note", "fix"]
    """fix: something will fail. note: something is missing that only some need."""
    found: str
    remedy: str = ""
