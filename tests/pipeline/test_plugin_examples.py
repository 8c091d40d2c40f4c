"""The example plug-ins in docs/plug-ins.md run through the whole pipeline and keep their contracts."""

import csv
import json
import re
from pathlib import Path

import pytest
from pages import run_by
from project import ROOT, Project

from ganaug.data.appearance import BRIGHTNESS, SLANT

EXAMPLES = dict(re.fullmatch(r"# (src/ganaug/\S+)\n(.*)", one.body, re.DOTALL).groups() for one in run_by(__file__))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with all examples in it."""
    made = Project(tmp_path_factory.mktemp("examples"))
    for path, code in EXAMPLES.items():
        (made.folder / path).write_text(code, encoding="utf-8")
    made.edit(
        prepare__source={"name": "stripes", "count": 200},
        train_gan__network={"name": "linear"},
        train_gan__objective={"name": "relativistic_average"},
        train_classifier__classifier={"name": "pixels"},
        generate__policy={"name": "spread_out"},
        generate__candidates_per_image=4.0,
        prepare__labelled_per_class={"horizontal": 5, "vertical": 3},
        arms__baseline__mirrored={"oversampling": {"name": "mirror"}},
        evaluate__metric={"name": "top_two"},
    )
    return made


def test_there_is_an_example_of_every_kind():
    kinds = {path.rpartition("/")[0].removeprefix("src/ganaug/") for path in EXAMPLES}
    assert kinds == {
        *("data/describers", "data/sources", "classifier/architectures", "gan/networks", "gan/objectives"),
        *("synthesis/policies", "synthesis/metrics", "synthesis/attacks", "synthesis/directions"),
        *("classifier/oversampling", "experiment/metrics", "synthesis/formats"),
    }


def test_examples_pass_the_checks_of_code_that_a_clone_makes(project):
    config = str(ROOT / "pyproject.toml")
    assert "no issues" in project.call("python", "-m", "mypy", "--config-file", config, *EXAMPLES)
    project.call("python", "-m", "ruff", "check", "--config", config, *EXAMPLES)
    project.call("python", "-m", "ruff", "format", "--check", "--config", config, *EXAMPLES)


def test_all_example_plugins_run_together(project):
    assert "evaluate" in project.repro()
    quality = json.loads((project.folder / "results/synthetic/0/quality.json").read_text())
    assert 0 <= quality["figures"]["brightness"]["synthetic"] <= 1
    summary = json.loads((project.folder / "results/summary.json").read_text())
    assert summary["dataset"]["classes"] == ["horizontal", "vertical"]
    assert summary["arms"]["gan"]["top_two"]["mean"] == 1  # there are only two classes
    assert "top two" in summary["verdict"]["sentence"]
    assert "relativistic_average" in (project.folder / "results/synthetic/0/CARD.md").read_text()


def test_an_image_to_image_network_goes_through_the_whole_pipeline(project):
    project.edit(train_gan__network={"name": "repaint"})
    assert "train_gan@0" in project.repro()
    with (project.folder / "results/synthetic/0/samples.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert all(0 <= int(row["source"]) < 10 for row in rows)  # 5 training images per class
    history = (project.folder / "models/gan/0/history.csv").read_text().splitlines()
    assert "g_identity" in history[0].split(",")


def test_stand_ins_are_attacked_and_an_arm_learns_from_nothing_else(project):
    project.edit(generate__per_class="as_train", arms__augmented__stand_ins_only={"synthetic": 1.0})
    assert "measure@0" in project.repro()
    report = project.folder / "results/synthetic/0"
    found = json.loads((report / "quality.json").read_text())["stand_ins"]["attacks"]
    assert 0 <= found["brightness_order"]["synthetic"] <= 1
    assert found["linkage"]["train"] == 1
    assert not (project.folder / "data/synthetic/0/sources.npy").exists()
    assert "pseudonymous" in (report / "CARD.md").read_text()
    assert "<h3>Stand-ins</h3>" in (project.folder / "results/report.html").read_text()
    assert json.loads((project.folder / "results/shares/stand_ins_only/share.json").read_text())["synthetic"] == 1


def test_descriptions_reach_the_synthetic_set(project):
    project.edit(
        prepare__source={"name": "digits", "words": True},
        prepare__describer={"name": "length"},
        prepare__labelled_per_class=5,
        train_gan__network={"name": "stackgan", "z_dim": 8, "condition_dim": 2, "channels": 4},
        generate__per_class=10,
        arms__baseline__mirrored={},
    )
    assert "train_gan@0" in project.repro()
    with (project.folder / "results/synthetic/0/samples.csv").open() as file:
        described = {row["description"] for row in csv.DictReader(file)}
    assert described <= {f"length={len(f'{first} {second}') / 100:g}" for first in BRIGHTNESS for second in SLANT}
    assert "described as" in (project.folder / "results/synthetic/0/CARD.md").read_text()


STYLES = """
from pathlib import Path
from ganaug.core.plugins import build
from ganaug.gan.networks import Shape
from ganaug.core.weights import ModelSpec
from ganaug.gan.store import save_generator

network, shape = build("gan.networks", {"name": "stylegan2", "z_dim": 4, "channels": 4}), Shape(1, 8, 8)
save_generator(Path("styles"), network.generator(shape, 2), ModelSpec(network, shape, ("a", "b")))
"""


def test_images_are_edited_along_the_direction(project):
    project.call("python", "-c", STYLES)
    project.call("python", "-m", "ganaug", "edit", "edited", "--gan", "styles", "--along", "ganspace:2", "--count", "1")
    assert len(list((project.folder / "edited/a").glob("*.png"))) == 5  # one per strength
    refused = project.try_call("python", "-m", "ganaug", "edit", "more", "--gan", "styles", "--along", "ganspace:4")
    assert "ganspace: this GAN has directions 0 to 3 (given: 4)" in refused.stdout


CONTRACTS = {
    "sources": "data/sources",
    "describers": "data/describers",
    "networks": "gan/networks",
    "objectives": "gan/objectives",
    "architectures": "classifier/architectures",
    "oversampling": "classifier/oversampling",
    "evaluate_metrics": "experiment/metrics",
    "metrics": "synthesis/metrics",
    "policies": "synthesis/policies",
    "attacks": "synthesis/attacks",
    "directions": "synthesis/directions",
    "formats": "synthesis/formats",
}
"""tests/contracts/test_<name>.py → folder of the plug-ins that it tests."""


@pytest.fixture(scope="module")
def passed(project):
    """The names of the contract tests that ran with an example; all of them passed."""
    files = [str(ROOT / f"tests/contracts/test_{contract}.py") for contract in CONTRACTS]
    chosen = " or ".join(Path(path).stem for path in EXAMPLES)
    options = ["-k", chosen, "-rp", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml")]
    return re.findall(r"^PASSED (.*)", project.call("python", "-m", "pytest", *files, *options), re.MULTILINE)


@pytest.mark.parametrize(("contract", "folder"), CONTRACTS.items(), ids=CONTRACTS)
def test_example_plugins_keep_their_contracts(passed, contract, folder):
    names = [Path(path).stem for path in EXAMPLES if f"{folder}/" in path]
    assert names
    for name in names:
        assert any(f"/test_{contract}.py" in test and name in test for test in passed)
