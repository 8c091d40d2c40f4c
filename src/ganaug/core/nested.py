"""Flattens nested mappings, such as the content of params.yaml, to pairs of a dotted name and a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def leaves(tree: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield ("a.b", value) for {"a": {"b": value}}; an empty mapping counts as a value."""
    if isinstance(tree, Mapping) and tree:
        for key, value in tree.items():
            yield from leaves(value, f"{name}.{key}" if name else str(key))
    else:
        yield name, tree
