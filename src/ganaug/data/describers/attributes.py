"""Attributes with values: `age=0.61, sex=f, lens=wide`."""

from collections.abc import Iterator, Sequence

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.data.describers import Describer

LARGEST = 10
"""Largest absolute value of a number: with larger ones, a GAN diverges in its first steps."""


@settings
class Attributes(Describer):
    """Numbers as they are, and a separate attribute for every other value: 1 if the image has that value, else 0.

    A text lists `name=value`, separated by commas; tables with several columns of descriptions are read in this form.
    Numbers should be about -1 to 1: they are not rescaled, and those beyond ±10 are refused.
    """

    def fit(self, texts: Sequence[str]) -> tuple[str, ...]:
        values: dict[str, set[str]] = {}
        for text in texts:
            for name, value in _pairs(text):
                values.setdefault(name, set()).add(value)
        if not values:
            raise InputError("no text has the form name=value")
        for name, distinct in values.items():
            largest = max(map(float, distinct), key=abs) if all(map(_is_number, distinct)) else 0.0
            if abs(largest) > LARGEST:
                raise InputError(f"{name} is {largest:g} in a text; rescale it to about -1 to 1 ({LARGEST} at most)")
        return tuple(
            attribute
            for name, distinct in sorted(values.items())
            for attribute in (
                [name] if all(map(_is_number, distinct)) else [f"{name}={value}" for value in sorted(distinct)]
            )
        )

    def vectors(self, texts: Sequence[str], names: Sequence[str]) -> np.ndarray:
        columns = {name: column for column, name in enumerate(names)}
        vectors = np.zeros((len(texts), len(names)), dtype=np.float32)
        for row, text in enumerate(texts):
            for name, value in _pairs(text):
                if name in columns and _in_range(value):
                    vectors[row, columns[name]] = float(value)
                elif f"{name}={value}" in columns:
                    vectors[row, columns[f"{name}={value}"]] = 1
        return vectors

    def unknown(self, text: str, names: Sequence[str]) -> list[str]:
        return [
            f"{name}={value}"
            for name, value in _pairs(text)
            if f"{name}={value}" not in names and not (name in names and _in_range(value))
        ]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values in a text; a part without = has the value "yes"."""
    for part in text.split(","):
        name, _, value = part.partition("=")
        if name.strip():
            yield name.strip(), value.strip() or "yes"


def _in_range(value: str) -> bool:
    return _is_number(value) and abs(float(value)) <= LARGEST


def _is_number(value: str) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except ValueError:
        return False
