"""Check params.yaml against the data before anything long starts."""

import json
from pathlib import Path

from ganaug.params import check_against_data, read_params
from ganaug.results import PREPARED
from ganaug.stage import run

CHECKED = Path("data/checked_data.txt")


def main() -> None:
    check_against_data(read_params(), json.loads((PREPARED / "card.json").read_text(encoding="utf-8")))
    CHECKED.write_text("params.yaml suits the data\n", encoding="utf-8")


if __name__ == "__main__":
    run(main, record=False)
