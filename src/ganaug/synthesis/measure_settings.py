"""Section `measure` of params.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import PositiveInt

from ganaug.core.config import plugin, settings
from ganaug.core.errors import InputError
from ganaug.core.plugins import name_of
from ganaug.synthesis.metrics import Metric


@settings
class Measure:
    """How the quality and privacy of synthetic sets are measured. No training depends on the results."""

    metrics: tuple[Annotated[Metric, plugin("synthesis.metrics")], ...] | None = None
    """The metrics, with their options, such as `[{name: fid}, {name: precision, neighbours: 5}]`; null: all metrics,
    with their defaults."""
    inception: Path | None = None
    """File with torch-fidelity's Inception weights, for figures that can be compared with published ones; null: use
    features of the ensemble, which knows the user's images and not ImageNet's. DVC does not watch the file."""

    max_images: PositiveInt = 10_000
    """Images of each set, synthetic, training and validation, that are measured at most; of larger sets, this many
    random ones. Twice as many take four times as long."""

    def __post_init__(self) -> None:
        """Raise InputError if a metric is named twice: results are keyed by its name."""
        names = [name_of(type(metric)) for metric in self.metrics or ()]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise InputError(f"metrics: {twice} is named twice; name each metric once")
