"""`ganaug check`."""

from __future__ import annotations

import typer

from ganaug.commands.options import Json
from ganaug.commands.output import nothing_else, print_json


def check(context: typer.Context, json: Json = False) -> None:
    """Check params.yaml and the data, describe them, and estimate how long a run will take, without running anything"""
    from ganaug.core.config import ParamsFile
    from ganaug.core.messages import NOTE
    from ganaug.data.description import in_words
    from ganaug.experiment.data_check import check_data
    from ganaug.experiment.params import check_params, slow_transforms
    from ganaug.experiment.planning import duration

    with nothing_else(json):
        params = check_params(ParamsFile.load(context.obj.params))
        card, forecast = check_data(params)
        notes = slow_transforms(params, tuple(card["image_shape"]))
    if json:
        estimate = forecast._asdict() | {"total": forecast.total}
        print_json(card | {"slow_transforms": notes, "estimate": estimate})
        return
    print(*in_words(card), *(NOTE + note for note in notes), sep="\n")
    print(*duration.in_words(forecast), "params.yaml is valid and fits the data", sep="\n")
