"""Regular expressions that find a class or a group in the path of each file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ganaug.core.errors import InputError
from ganaug.data.image_files import EncodedImage

NAMED = {"label": "class", "group": "group"}
"""Option with a regular expression → the kind of name that it finds."""


def check_pattern(option: str, pattern: str | None) -> None:
    """Raise InputError if `pattern` is not a regular expression with parentheses. None is fine."""
    try:
        parentheses = re.compile("()" if pattern is None else pattern).groups
    except re.error as error:
        raise InputError(f"{option}: {pattern} is not a valid regular expression ({error}); correct it") from None
    if parentheses < 1:
        raise InputError(f"{option}: {pattern} needs parentheses around the part that names the {NAMED[option]}")


def find_in_paths(
    option: str, pattern: str, paths: Sequence[tuple[str, ...]], files: Sequence[EncodedImage]
) -> list[str]:
    """Return the text in the first parentheses of `pattern` for each file.

    option: the option that holds the pattern. paths: the paths to search, split into folders. Raises InputError for
    files without a match.
    """
    matches = [re.search(pattern, "/".join(path)) for path in paths]
    unmatched = [file.name for file, match in zip(files, matches, strict=True) if match is None or not match[1]]
    if unmatched:
        raise InputError(
            f"prepare.source.{option}: {pattern} finds no {NAMED[option]} in the paths of {len(unmatched)} of "
            f"{len(files)} files, such as {unmatched[0]}; fix the expression, or rename or remove the files"
        )
    return [match[1] for match in matches if match]


def repeats(pattern: str, paths: Sequence[tuple[str, ...]]) -> bool:
    """Whether `pattern` matches all paths and finds at least two texts, each in at least two paths on average."""
    matches = [re.search(pattern, "/".join(path)) for path in paths]
    texts = {match[1] for match in matches if match}
    return all(matches) and 2 <= len(texts) <= len(paths) / 2
