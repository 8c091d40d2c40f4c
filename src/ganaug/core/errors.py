"""Errors for invalid user input, and the wording they share."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from ganaug.core.text import printable


class InputError(Exception):
    """The user's input (a parameter, a file, a folder) is invalid.

    The message names what is wrong, where, and the remedy. The user sees only this message, without a traceback.
    """

    @property
    def shown(self) -> str:
        """The message for a terminal: it may quote text from files, which could hold control sequences."""
        return "\n".join(map(printable, str(self).split("\n")))


@contextmanager
def error_context(place: str) -> Iterator[None]:
    """Prefix the message of any InputError raised in the block with `place`."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{place}{error}") from None


def first_line(error: BaseException) -> str:
    """Return the first line of another library's error message, or the error's class if it has no message."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def unknown(kind: str, given: str, choices: Iterable[str]) -> str:
    """Return a message that `given` is not a known `kind`, with the closest match and all choices."""
    names = sorted(printable(str(name)) for name in choices)
    near = get_close_matches(str(given), names, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    return f"unknown {kind} {given!r}{guess}; " + (
        f"choose from: {', '.join(names)}" if names else "none are available"
    )
