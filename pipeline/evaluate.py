"""Compare the arms, write summary, metrics, plots and report, and mirror everything to MLflow."""

from ganaug.core.stage import run
from ganaug.experiment.evaluate_settings import read_experiment
from ganaug.report.html import evaluate
from ganaug.report.tracking import publish


def main() -> None:
    experiment = read_experiment()
    evaluate(experiment)
    publish(experiment)


if __name__ == "__main__":
    run(main, record=False)
