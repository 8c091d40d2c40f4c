"""Reads the data as the stage `prepare` does, and checks params.yaml against them, without running a stage."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ganaug.data.description import data_card
from ganaug.data.preparation import prepare
from ganaug.experiment.params import Params
from ganaug.experiment.planning.duration import Forecast, forecast
from ganaug.experiment.requirements import check_against_data


def check_data(params: Params) -> tuple[dict[str, Any], Forecast]:
    """Return the data card, and a forecast of how long the whole run will take.

    Raises InputError if the data cannot be read, or if the parameters do not fit them.
    """
    with TemporaryDirectory() as folder:
        splits, _, draws = prepare(params.prepare, params.seed, params.replicates, Path(folder))
        card = data_card(params.prepare, splits, draws)
        check_against_data(params, card)
        train = splits.pool.subset(draws[params.replicates[0]].train)
        return card, forecast(params, train, splits.val, len(splits.whole))
