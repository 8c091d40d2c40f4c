"""`ganaug run`."""

from __future__ import annotations

from typing import Annotated

import typer

from ganaug.commands.summary import show
from ganaug.core.errors import InputError


def run(
    context: typer.Context,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            metavar="N",
            help="number of stages to run side by side; default: as many as the cores or GPUs can serve",
        ),
    ] = None,
    until_decided: Annotated[
        bool,
        typer.Option(
            "--until-decided", help="add replicates, from one of evaluate.looks to the next, until the answer is known"
        ),
    ] = False,
    hours: Annotated[
        float | None,
        typer.Option(
            "--hours",
            metavar="H",
            help="with --until-decided: time budget in hours; no look starts that would exceed it",
        ),
    ] = None,
) -> None:
    """Run the pipeline as `dvc repro` does, but several stages side by side"""
    from ganaug.experiment.summary.reader import read_summary
    from ganaug.report.mlflow.tracking import print_address
    from ganaug.runner.pipeline import run_pipeline

    if until_decided:
        from ganaug.runner.until_decided import run_until_decided

        run_until_decided(context.obj, jobs, hours)
    elif hours is not None:
        raise InputError("--hours needs --until-decided: without it, everything in params.yaml is run")
    else:
        run_pipeline(context.obj, jobs)
    show(read_summary(context.obj.summary))
    print(f"\nreport: {context.obj.report}, or: ganaug report --open")
    print_address(context.obj)
