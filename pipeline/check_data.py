"""Check params.yaml against the data before any training starts."""

from ganaug.core.config import ParamsFile
from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.experiment.params import read_params
from ganaug.experiment.requirements import check_against_data


def main(paths: Paths) -> None:
    params = read_params(ParamsFile.load(paths.params))
    check_against_data(params, read_json(paths.data_card))
    paths.checked_data.write_text("params.yaml fits the data\n", encoding="utf-8")


if __name__ == "__main__":
    run(main, record=False)
