"""Reads the recorded costs of all stages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.experiment.arms.groups import GROUPS
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.stages import STAGES, Axis
from ganaug.experiment.summary.energy_shares import energy_shared


def stage_costs(experiment: Experiment, paths: Paths) -> dict[str, Any]:
    """Return what each stage cost in its last run, including imports: by stage, then by arm, then by replicate.

    The joules of stages that ran side by side are divided among them. Raises InputError if a record is missing.
    """
    values: dict[Axis, Iterable[object]] = {"replicate": experiment.replicates}
    values |= {group: getattr(experiment, group) for group in GROUPS}

    def recorded(name: str, per: Sequence[Axis]) -> dict[str, Any]:
        if not per:
            return read_json(paths.stage_seconds(name))
        return {str(value): recorded(f"{name}@{value}", per[1:]) for value in values[per[0]]}

    all_stages = {name: recorded(name, stage.per) for name, stage in STAGES.items() if stage.per or name == "prepare"}
    return energy_shared({name: costs for name, costs in all_stages.items() if costs})  # there may be no informed arm
