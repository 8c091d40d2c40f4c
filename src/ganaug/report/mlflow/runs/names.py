"""Names in MLflow: parameters are dotted as in params.yaml; a slash in a metric's name puts it in a section."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

LONGEST_NAME = 250
"""Characters of a name in MLflow."""

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
"""Beginning of a column of a history.csv → beginning of its metric's name. What begins otherwise has no section."""


def curve(column: str) -> str:
    """Return the metric's name of a column of a history.csv: a GAN's accuracies are those of its discriminator."""
    beginning = next((old for old in SECTIONS if column.startswith(old)), "")
    return shortened(SECTIONS.get(beginning, "") + escaped(column.removeprefix(beginning)))


def metric(*parts: str) -> str:
    """Return the name of a metric: its sections, separated by slashes; a slash within a part is escaped."""
    return shortened("/".join(map(escaped, parts)))


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return {"a.b": value} for {"a": {"b": value}}; lists become text."""
    leaves: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            leaves |= flat(value, f"{prefix}{key}.")
        else:
            leaves[allowed(f"{prefix}{key}")] = value if isinstance(value, int | float) else str(value)
    return leaves


def escaped(name: str) -> str:
    """Return a name of letters that MLflow accepts, another one for every name: others become :hexadecimal:."""
    return re.sub(r"[^\w.\- ]", lambda match: f":{ord(match[0]):x}:", name, flags=re.ASCII)


def shortened(name: str) -> str:
    """Return a name that is not too long for MLflow; a digest replaces the end of one that is."""
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{name[: LONGEST_NAME - len(digest) - 1]}:{digest}"


def allowed(name: str) -> str:
    """Return a name that MLflow accepts as that of a parameter or a tag, another one for every name."""
    return shortened(escaped(name))
