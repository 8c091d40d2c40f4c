"""Names in MLflow: parameters are dotted as in params.yaml; a slash in a metric's name puts it in a section."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from ganaug.core.nested import leaves

LONGEST_NAME = 250
"""Maximum number of characters of a name in MLflow."""

SECTIONS = {
    "accuracy_": "discriminator/accuracy_",
    "p_": "discriminator/p_",
    "d_": "discriminator/d_",
    "g_": "generator/g_",
    "diversity": "samples/diversity",
    "near_copies": "samples/near_copies",
    "distance": "samples/distance",
    "source_": "samples/source_",
    "val_": "validation/",
    "loss": "training/loss",
}
"""Prefix of a column of a history.csv → prefix of its metric's name. Other columns have no section."""


def curve(column: str) -> str:
    """Return the metric's name for a column of a history.csv. A GAN's accuracies are those of its discriminator."""
    beginning = next((old for old in SECTIONS if column.startswith(old)), "")
    return shortened(SECTIONS.get(beginning, "") + escaped(column.removeprefix(beginning)))


def metric(*parts: str) -> str:
    """Return the name of a metric: its sections, separated by slashes; a slash within a part is escaped."""
    return shortened("/".join(map(escaped, parts)))


def flat(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return {"a.b": value} for {"a": {"b": value}}; values other than numbers become text."""
    pairs = leaves(tree) if tree else ()  # an empty tree would count as a value without a name
    return {allowed(name): value if isinstance(value, int | float) else str(value) for name, value in pairs}


def escaped(name: str) -> str:
    """Return a name of characters that MLflow accepts, unique for every name: other characters become :hexadecimal:."""
    return re.sub(r"[^\w.\- ]", lambda match: f":{ord(match[0]):x}:", name, flags=re.ASCII)


def shortened(name: str) -> str:
    """Return a name that is not too long for MLflow; a digest replaces the end of a name that is."""
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{name[: LONGEST_NAME - len(digest) - 1]}:{digest}"


def allowed(name: str) -> str:
    """Return a name that MLflow accepts for a parameter or a tag, unique for every name."""
    return shortened(escaped(name))
