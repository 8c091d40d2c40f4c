"""Compare the arms, write summary, metrics, plots and report, and log everything to MLflow."""

from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.experiment.evaluate_settings import read_experiment
from ganaug.report.html import evaluate
from ganaug.report.publish import publish


def main(paths: Paths) -> None:
    params = ParamsFile.load(paths.params)
    experiment = read_experiment(params)
    evaluate(experiment, params, paths)
    publish(experiment, params, paths)


if __name__ == "__main__":
    run(main, record=False)
