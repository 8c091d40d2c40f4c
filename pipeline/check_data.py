"""Check params.yaml against the data before anything long starts."""

from pathlib import Path

from ganaug.core.files import read_json
from ganaug.core.paths import PREPARED
from ganaug.core.stage import run
from ganaug.experiment.params import check_against_data, read_params

CHECKED = Path("data/checked_data.txt")


def main() -> None:
    check_against_data(read_params(), read_json(PREPARED / "card.json"))
    CHECKED.write_text("params.yaml suits the data\n", encoding="utf-8")


if __name__ == "__main__":
    run(main, record=False)
