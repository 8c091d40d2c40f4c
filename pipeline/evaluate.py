"""Compare the arms, write summary, metrics, plots and report, and mirror everything to MLflow."""

from ganaug.report import evaluate
from ganaug.sections import read_params
from ganaug.stage import run
from ganaug.tracking import publish


def main() -> None:
    params = read_params()
    evaluate(params)
    publish(params)


if __name__ == "__main__":
    run(main, record=False)
