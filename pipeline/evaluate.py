"""Compare the arms, write summary, metrics, plots and report, and mirror everything to MLflow."""

from ganaug.report import evaluate
from ganaug.sections.evaluate import read_experiment
from ganaug.stage import run
from ganaug.tracking import publish


def main() -> None:
    experiment = read_experiment()
    evaluate(experiment)
    publish(experiment)


if __name__ == "__main__":
    run(main, record=False)
