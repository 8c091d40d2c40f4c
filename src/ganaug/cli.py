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
    parsers = {}
    for function in (check, run, summary, publish):
        parsers[function.__name__] = commands.add_parser(function.__name__, help=function.__doc__)
        parsers[function.__name__].set_defaults(function=function)
    parsers["run"].add_argument(
        "--jobs", type=int, metavar="N", help="stages that run side by side; default: what cores and GPUs can serve"
    )
    options = vars(parser.parse_args())
    try:
        options.pop("function")(HERE, **options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\ninterrupted; what is done stays done", file=sys.stderr)
        sys.exit(130)


def check(paths: Paths) -> None:
    """Check params.yaml without running anything"""
    from ganaug.core.config import ParamsFile
    from ganaug.experiment.params import check_params, slow_transforms

    params = check_params(ParamsFile.load(paths.params))
    for sentence in slow_transforms(params):
        print(f"note: {sentence}")
    print("params.yaml is valid")


def run(paths: Paths, jobs: int | None) -> None:
    """Run the pipeline as `dvc repro` does, but several stages side by side"""
    from ganaug.runner.pipeline import run_pipeline

    run_pipeline(paths, jobs)


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
