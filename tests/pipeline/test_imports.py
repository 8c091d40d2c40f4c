"""What stages cannot depend on: code that their scripts do not import, inside functions either."""

from modulefinder import ModuleFinder
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def packages(script: str) -> set[str]:
    """Return the packages of ganaug that a pipeline script can import."""
    finder = ModuleFinder(path=[str(ROOT / "src")])
    finder.run_script(str(ROOT / "pipeline" / f"{script}.py"))
    return {name.split(".")[1] for name in finder.modules if name.startswith("ganaug.")}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("train_ensemble", {"core", "data", "classifier"}),
        ("train_baseline", {"core", "data", "classifier", "experiment"}),
        ("train_augmented", {"core", "data", "classifier", "experiment", "gan"}),
    ],
)
def test_classifiers_depend_on_these_packages_alone(script, expected):
    assert packages(script) == expected
