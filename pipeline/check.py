"""Check all of params.yaml before anything is done."""

from pathlib import Path

from ganaug.params import check_params
from ganaug.stage import run

CHECKED = Path("data/checked.txt")


def main() -> None:
    check_params()
    CHECKED.write_text("params.yaml is in order\n", encoding="utf-8")


if __name__ == "__main__":
    run(main, record=False)
