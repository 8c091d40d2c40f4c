"""Text in one line."""

import pytest

from ganaug.core.text import named, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dög 犬 🐕", "dög 犬 🐕"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("one\ntwo\r\t", r"one\ntwo\r\t"),
        ("\u202eexe", r"\u202eexe"),  # from right to left
        ("\x9b2J", r"\x9b2J"),
        ("", ""),
    ],
)
def test_what_moves_the_cursor_is_escaped(text, shown):
    assert printable(text) == shown


def test_names_are_listed():
    assert [named(["a"]), named(["a", "b"]), named(["a", "b", "c"])] == ["`a`", "`a` and `b`", "`a`, `b` and `c`"]
