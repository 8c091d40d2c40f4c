"""Section `generate` of params.yaml."""

from __future__ import annotations

from pydantic import PositiveInt

from ganaug.config import settings


@settings
class Generate:
    """How many synthetic images there are to be."""

    per_class: PositiveInt
    """Synthetic images of each class."""
