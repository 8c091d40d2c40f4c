"""The `ganaug` command."""

from __future__ import annotations

import argparse
import sys

from ganaug.core.errors import InputError


def main() -> None:
    """Run one sub-command; an InputError ends it with its message alone and status 1."""
    parser = argparse.ArgumentParser(prog="ganaug", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for function in (check, summary, publish):
        commands.add_parser(function.__name__, help=function.__doc__).set_defaults(function=function)
    try:
        parser.parse_args().function()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


def check() -> None:
    """Check params.yaml without running anything"""
    from ganaug.experiment.params import check_params

    check_params()
    print("params.yaml is in order")


def summary() -> None:
    """Show the results of the last run"""
    from ganaug.core.files import read_json
    from ganaug.core.paths import REPORT, SUMMARY
    from ganaug.experiment.wording import as_text

    print(as_text(read_json(SUMMARY)))
    print(f"\nreport:  {REPORT}\nMLflow:  make ui, or: mlflow ui")


def publish() -> None:
    """Send the results of the last run to MLflow, if they are not there yet"""
    from ganaug.experiment.evaluate_settings import read_experiment
    from ganaug.report.tracking import publish as send

    if not send(read_experiment()):
        sys.exit(1)
