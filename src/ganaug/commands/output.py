"""How commands print: JSON for other programs, tables for people."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 200
"""Characters per line where there is no terminal."""


def print_json(value: Any) -> None:
    """Print plain values as JSON, without escaping letters. Infinite numbers become null, because JSON has none."""
    import json
    from math import isfinite

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): plain(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [plain(inner) for inner in value]
        return None if isinstance(value, float) and not isfinite(value) else value

    print(json.dumps(plain(value), indent=2, ensure_ascii=False))


@contextmanager
def nothing_else(json: bool) -> Iterator[None]:
    """Within this context, print to standard error if `json`: standard output must hold nothing else."""
    if json:
        with redirect_stdout(sys.stderr):
            yield
    else:
        yield


def screen() -> Console:
    """Return the console for tables: in colour and as wide as the terminal, or plain and wide if there is none."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(width=None if terminal else PLAIN_WIDTH, highlight=False, markup=False, soft_wrap=not terminal)
