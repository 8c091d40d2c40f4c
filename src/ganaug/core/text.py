"""Formats text for one line: names that come from files, and lists of names."""

from collections.abc import Iterable


def printable(text: str) -> str:
    r"""Return `text` in one line, safe to print: it cannot move a terminal's cursor or change its colours.

    Characters that cannot be printed become Python's escapes, such as `\x1b`.
    """
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def joined(names: Iterable[str], word: str = "and") -> str:
    """Return "a", "a and b" or "a, b and c", with `word` before the last name."""
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def named(names: Iterable[str], word: str = "and") -> str:
    """Return the same as `joined`, with each name in backticks."""
    return joined([f"`{name}`" for name in names], word)
