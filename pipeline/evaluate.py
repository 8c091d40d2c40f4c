"""Compare the arms, write summary, metrics, plots and report, and log everything to MLflow."""

from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.experiment.evaluate_settings import read_experiment
from ganaug.experiment.evaluation import evaluate
from ganaug.experiment.summary_text import as_text
from ganaug.report.page_and_plots import write_report
from ganaug.report.publish import publish


def main(paths: Paths) -> None:
    params = ParamsFile.load(paths.params)
    experiment = read_experiment(params)
    summary = evaluate(experiment, paths)
    write_report(summary, params, paths)
    print(as_text(summary))
    print(f"\nreport: {paths.report}, or: ganaug report --open", flush=True)
    publish(experiment, params, paths)


if __name__ == "__main__":
    run(main, record=False)
