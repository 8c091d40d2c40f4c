"""`ganaug plan`."""

from __future__ import annotations

from typing import Annotated

import typer

from ganaug.commands.options import Json
from ganaug.commands.output import print_json


def plan(
    context: typer.Context,
    hours: Annotated[float, typer.Option("--hours", metavar="H", help="time budget in hours", show_default=False)],
    json: Json = False,
) -> None:
    """Plan the replicates and seeds that detect the smallest gain within a time budget"""
    from ganaug.core.config import ParamsFile
    from ganaug.core.files import read_json
    from ganaug.experiment.evaluate_settings import Evaluate
    from ganaug.experiment.planning.plan import Pilot, advise, in_words
    from ganaug.experiment.summary.reader import read_summary
    from ganaug.experiment.words.quantity import Quantity
    from ganaug.runner.pipeline import slots_of

    paths = context.obj
    params, summary = ParamsFile.load(paths.params), read_summary(paths.summary)
    pilot = Pilot.read(summary, read_json(paths.seconds), len(slots_of(params, None)))
    advice = advise(pilot, hours, summary["confidence_level"], summary["smallest_gain"])
    if json:
        print_json(advice.as_dict())
        return
    print(*in_words(pilot, advice, Quantity.deciding(summary)), sep="\n")
    if params.section("evaluate", Evaluate).looks is not None:
        print("this plan assumes a single look: set evaluate.looks to null, or use ganaug run --until-decided instead")
