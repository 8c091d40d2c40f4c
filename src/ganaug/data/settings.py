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
    """The data source, preprocessing, and the size of each split."""

    source: Annotated[Dataset, plugin("data.sources")]
    """The data source, such as `{name: folder}`."""
    path: Path
    """Folder or file that the source reads; the stage reruns if its content changes."""
    size: Pixels | tuple[Pixels, Pixels] | None = None
    """Height and width in pixels, or one number for both; None: keep the original size, which all images must share."""
    channels: Literal[1, 2, 3, 4] | None = None
    """1 grey, 2 grey + alpha, 3 RGB, 4 RGBA; None: keep the channels, or use the largest number if images differ."""
    test: PositiveInt | Share | None
    """Test images: a share of each class, or a number per class, as closely as whole groups allow; None: the test set
    that comes with the source."""
    val: PositiveInt | Share
    """Validation images: a share of each class, or a number per class, as for `test`."""
    labelled_per_class: PositiveInt | Literal["all"] | Mapping[str, PositiveInt]
    """Labelled training images per class: one number, a number for each class name, or "all"."""
