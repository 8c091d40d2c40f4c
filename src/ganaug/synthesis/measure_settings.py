"""Section `measure` of params.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import PositiveInt

from ganaug.core.config import ProjectPath, plugin, settings
from ganaug.core.errors import InputError
from ganaug.core.plugins import name_of
from ganaug.synthesis.attacks import Attack
from ganaug.synthesis.metrics import Metric


@settings
class Measure:
    """How the quality and privacy of synthetic sets are measured. No training depends on the results."""

    metrics: tuple[Annotated[Metric, plugin("synthesis.metrics")], ...] | None = None
    """The metrics, with their options, such as `[{name: fid}, {name: precision, neighbours: 5}]`; null: all metrics,
    with their defaults."""
    attacks: tuple[Annotated[Attack, plugin("synthesis.attacks")], ...] | None = None
    """The attacks on stand-ins (`generate.per_class: as_train`), with their options, such as `[{name: linkage}]`; null:
    all attacks, with their defaults. Other synthetic sets have no link to attack."""
    inception: ProjectPath | None = None
    """File with torch-fidelity's Inception weights, for figures that can be compared with published ones; null: use
    features of the ensemble, which is trained on the user's images instead of ImageNet."""

    max_images: PositiveInt = 10_000
    """Maximum number of images measured per set (synthetic, training and validation); larger sets are sampled at
    random. Twice as many images take four times as long."""

    def __post_init__(self) -> None:
        """Raise InputError if a metric or an attack is listed twice: results are keyed by its name."""
        for key, listed in (("metrics", self.metrics), ("attacks", self.attacks)):
            names = [name_of(type(plug_in)) for plug_in in listed or ()]
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice:
                raise InputError(f"{key}: {twice} is listed twice; list each {key.removesuffix('s')} once")
