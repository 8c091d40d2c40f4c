"""Check all of params.yaml before anything is done."""

from pathlib import Path

from ganaug.core.stage import run
from ganaug.experiment.params import check_params

CHECKED = Path("data/checked.txt")


def main() -> None:
    check_params()
    CHECKED.write_text("params.yaml is in order\n", encoding="utf-8")


if __name__ == "__main__":
    run(main, record=False)
