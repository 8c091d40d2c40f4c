"""Every command of docs/dvc.md does what the page shows."""

import re
import subprocess

import pytest
from pages import Block, run_by
from project import ROOT, Project
from ruamel.yaml import YAML

BLOCKS = run_by(__file__)

pytestmark = pytest.mark.slow


def plain(text: str) -> list[str]:
    """Return the lines of a text without figures, hashes, times and table rules, which differ from run to run."""
    text = re.sub(r"file://\S+/", "file:///…/", text)
    text = re.sub(r"\b[0-9a-f]{7}\b", "#", text)
    text = re.sub(r"\d\d:\d\d [AP]M", "#", text)
    text = re.sub(r"-?\d+\.\d+|\d+(?= files| s$)", "#", text, flags=re.MULTILINE)
    text = re.sub(r"[-─|]{2,}", " ", text)
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def shown(block: Block) -> list[tuple[str, str]]:
    """Return the commands of a block, each with the output that the page shows."""
    found = re.split(r"^\$ ", block.body, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (one.partition("\n") for one in found)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A new project under git with tiny parameters, and the home folder of a git user."""
    top = tmp_path_factory.mktemp("dvc")
    made = Project(top / "mine")
    (made.folder / ".dvc/config.local").unlink()
    for name in (".gitignore", ".dvc/.gitignore"):
        (made.folder / name).write_text((ROOT / name).read_text())
    made.environment |= {
        "COLUMNS": "200",
        "GIT_CONFIG_GLOBAL": str(top / "gitconfig"),
    }
    (top / "gitconfig").write_text("[user]\n    name = A\n    email = a@b.c\n[init]\n    defaultBranch = main\n")
    return made


def test_the_page_shows_what_happens(folder):
    place, tried = folder.folder, 0
    for command, output in (pair for block in BLOCKS for pair in shown(block)):
        if command.startswith("cd "):
            place = (place / command[3:]).resolve()
            continue
        environment = folder.environment | {"PYTHONPATH": str(folder.folder / "src")}
        done = subprocess.run(
            command, shell=True, cwd=place, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        tried += 1
        printed, wanted = plain(done.stdout + done.stderr), plain(output)
        at = 0
        for line in wanted:
            if line != "…":
                assert line in printed[at:], f"{command}: no {line!r} in\n" + "\n".join(printed)
                at = printed.index(line, at) + 1
    assert tried >= 20
    for needed in ("metrics show", "metrics diff", "params diff", "plots show", "exp run", "exp show", "push", "pull"):
        assert any(f"$ dvc {needed}" in block.body for block in BLOCKS)


def test_plots_open_offline(folder):
    page = (folder.folder / "dvc_plots/index.html").read_text(encoding="utf-8")
    assert "<img" in page
    assert not re.search(r"(src|href)=\"https?://", page)


def test_setting_a_parameter_by_dvc_expands_anchors(folder):
    """The page warns of it. If this test fails, DVC has changed, and the warning can go."""
    path = folder.folder / "anchors.yaml"
    path.write_text("# a comment\na: &shared [1, 2]\nb: *shared\nc: 1\n")
    folder.call("python", "-c", "from dvc.utils.hydra import apply_overrides; apply_overrides('anchors.yaml', ['c=3'])")
    assert "*shared" not in path.read_text()
    assert YAML(typ="safe").load(path) == {"a": [1, 2], "b": [1, 2], "c": 3}
    assert "# a comment" in path.read_text()


def test_the_pictures_of_two_commits_are_side_by_side(folder):
    pictures = list((folder.folder / "dvc_plots/static").iterdir())
    assert {name.name.partition("_")[0] for name in pictures} >= {"HEAD~1", "workspace"}
