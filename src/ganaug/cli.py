"""The `ganaug` command."""

from __future__ import annotations

import argparse
import sys

from ganaug.core.errors import InputError
from ganaug.core.paths import HERE, Paths


def main() -> None:
    """Run one sub-command; on an InputError, print only its message and exit with status 1."""
    parser = argparse.ArgumentParser(prog="ganaug", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for function in (check, summary, publish):
        commands.add_parser(function.__name__, help=function.__doc__).set_defaults(function=function)
    try:
        parser.parse_args().function(HERE)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


def check(paths: Paths) -> None:
    """Check params.yaml without running anything"""
    from ganaug.core.config import ParamsFile
    from ganaug.experiment.params import check_params

    check_params(ParamsFile.load(paths.params))
    print("params.yaml is valid")


def summary(paths: Paths) -> None:
    """Show the results of the last run"""
    from ganaug.core.files import read_json
    from ganaug.experiment.wording import as_text

    print(as_text(read_json(paths.summary)))
    print(f"\nreport:  {paths.report}\nMLflow:  make ui, or: mlflow ui")


def publish(paths: Paths) -> None:
    """Send the results of the last run to MLflow, unless they are there already"""
    from ganaug.core.config import ParamsFile
    from ganaug.experiment.evaluate_settings import read_experiment
    from ganaug.report.publish import publish as send

    params = ParamsFile.load(paths.params)
    if not send(read_experiment(params), params, paths):
        sys.exit(1)
