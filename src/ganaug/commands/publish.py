"""`ganaug publish`."""

from __future__ import annotations

import typer


def publish(context: typer.Context) -> None:
    """Send the results of the last run to MLflow, unless they are there already"""
    from ganaug.core.config import ParamsFile
    from ganaug.experiment.evaluate_settings import read_experiment
    from ganaug.report.mlflow.publish import publish as send

    params = ParamsFile.load(context.obj.params)
    if not send(read_experiment(params), params, context.obj):
        raise typer.Exit(1)
