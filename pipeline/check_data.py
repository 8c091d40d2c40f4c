"""Check params.yaml against the data before anything long starts."""

from pathlib import Path

from ganaug.params import check_against_data, read_params
from ganaug.results import PREPARED, read_json
from ganaug.stage import run

CHECKED = Path("data/checked_data.txt")


def main() -> None:
    check_against_data(read_params(), read_json(PREPARED / "card.json"))
    CHECKED.write_text("params.yaml suits the data\n", encoding="utf-8")


if __name__ == "__main__":
    run(main, record=False)
