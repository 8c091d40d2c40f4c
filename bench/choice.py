"""Chooses what a bench measures, by its option --only."""

import sys
from collections.abc import Mapping
from typing import TypeVar

Item = TypeVar("Item")


def chosen(items: Mapping[str, Item], start: str) -> dict[str, Item]:
    """Return the items whose names begin with `start`; end the process, naming all of them, if there are none."""
    found = {name: item for name, item in items.items() if name.startswith(start)}
    return found or sys.exit(f"--only {start}: no such name; there are {', '.join(items)}")
