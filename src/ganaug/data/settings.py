"""Section `prepare` of params.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from ganaug.core.config import plugin, settings
from ganaug.data.sources import Dataset

Share = Annotated[float, Field(gt=0, lt=1)]
Pixels = Annotated[int, Field(ge=8, le=128)]


@settings
class Prepare:
    """The data, and how it is divided."""

    source: Annotated[Dataset, plugin("data.sources")]
    """Where the images come from."""
    path: Path
    """Folder or file that the source reads; a change there makes the stage run again."""
    size: Pixels | tuple[Pixels, Pixels] | None = None
    """Height and width in pixels, one number for both; None: the images' own, which must then be equal."""
    channels: Literal[1, 2, 3, 4] | None = None
    """1 grey, 2 grey + alpha, 3 RGB, 4 RGBA; None: as they are, or the most that occur where they differ."""
    test: PositiveInt | Share | None
    """Test images: a share of each class or a number a class, as near as whole groups come to it; None: the test set
    that comes with the source."""
    val: PositiveInt | Share
    """Validation images, in the same way."""
    labelled_per_class: PositiveInt | Literal["all"] | Mapping[str, PositiveInt]
    """Labelled training images a class: one number, a number for each class name, or "all"."""
