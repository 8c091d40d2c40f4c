"""A finished run: everything that the report shows, read from the stages' files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ganaug.core.config import ParamsFile
from ganaug.core.files import read_json, read_rows
from ganaug.core.paths import Paths
from ganaug.experiment.summary.types import Summary
from ganaug.experiment.words.quantity import Quantity


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A finished run."""

    summary: Summary
    """results/summary.json."""
    seconds: Mapping[str, Any]
    """results/seconds.json."""
    healths: Mapping[int, Any]
    """health.json of each replicate's GAN."""
    histories: Mapping[int, list[dict[str, float]]]
    """history.csv of each replicate's GAN."""
    selections: Mapping[int, Any]
    """selection.json of each replicate's synthetic set."""
    card: Mapping[str, Any]
    """The description of the prepared data."""
    params: ParamsFile
    paths: Paths

    @classmethod
    def read(cls, summary: Summary, params: ParamsFile, paths: Paths) -> Finished:
        """Read the run with this summary. Raises InputError if a stage's file is missing."""
        replicates = summary["replicates"]
        return cls(
            summary=summary,
            seconds=read_json(paths.seconds),
            healths={number: read_json(paths.gan(number) / "health.json") for number in replicates},
            histories={number: read_rows(paths.gan(number) / "history.csv") for number in replicates},
            selections={number: read_json(paths.synthetic_report(number) / "selection.json") for number in replicates},
            card=read_json(paths.data_card),
            params=params,
            paths=paths,
        )

    @property
    def quantity(self) -> Quantity:
        """The metric that decides."""
        return Quantity.deciding(self.summary)

    @property
    def first(self) -> int:
        """The replicate whose pictures are shown."""
        return self.summary["replicates"][0]
