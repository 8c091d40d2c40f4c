"""What a user is told when something they gave is wrong."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches


class InputError(Exception):
    """Something the user gave (a parameter, a file, a folder) is wrong.

    The message names what is wrong, where, and the remedy: it is all that the user sees, without a traceback.
    """


@contextmanager
def error_context(place: str) -> Iterator[None]:
    """Put `place` before what an InputError from inside says."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{place}{error}") from None


def unknown(kind: str, given: str, choices: Iterable[str]) -> str:
    """Say that `given` is no `kind`, list what there is, and guess what was meant."""
    names = sorted(map(str, choices))
    near = get_close_matches(str(given), names, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    return f"unknown {kind} {given!r}{guess}; " + (f"choose from: {', '.join(names)}" if names else "there is none")
