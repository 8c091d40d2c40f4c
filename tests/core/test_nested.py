"""Nested mappings as pairs of a dotted name and a value."""

from ganaug.core.nested import leaves


def test_mappings_are_followed_and_lists_and_empty_mappings_are_values():
    tree = {"a": {"b": 1, "c": {"d": None}}, "e": [{"f": 2}], "g": {}}
    assert dict(leaves(tree)) == {"a.b": 1, "a.c.d": None, "e": [{"f": 2}], "g": {}}
    assert list(leaves({1: {2: 3}})) == [("1.2", 3)]
