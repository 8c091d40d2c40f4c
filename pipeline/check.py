"""Check all of params.yaml before any other stage runs."""

from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.experiment.params import check_params


def main(paths: Paths) -> None:
    check_params(ParamsFile.load(paths.params))
    paths.checked.write_text("params.yaml is valid\n", encoding="utf-8")


if __name__ == "__main__":
    run(main, record=False)
