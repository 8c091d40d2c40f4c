"""Every command of README.md and docs/ works, in the order of its page; those that cannot be run say why."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import commands
import pytest
from pages import BLOCK, PAGES, ROOT, Block, blocks
from PIL import Image
from reader import Reader, without_results

from ganaug.core.plugins import build
from ganaug.core.weights import ModelSpec
from ganaug.gan.networks import Shape
from ganaug.gan.store import save_generator

TUTORIAL = ROOT / "docs/tutorial.md"
LANGUAGES = {"sh", "console", "python", "yaml", "toml", "text"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The project of a reader who has followed the tutorial."""
    reader = Reader(tmp_path_factory.mktemp("tutorial"))
    reader.read(TUTORIAL)
    return reader.folder


def gan(folder: Path, network: dict) -> None:
    """Write an untrained GAN for the digits to a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shape, classes, built = Shape(1, 8, 8), tuple("0123456789"), build("gan.networks", network)
    save_generator(folder, built.generator(shape, 10), ModelSpec(built, shape, classes))


def beside(project: Path) -> None:
    """Make another finished project beside this one."""
    shutil.copytree(project, project.parent / "other")


def raw_data(project: Path) -> None:
    for name in ("cat", "dog"):
        for number in range(10):
            (project / "data/raw/mine" / name).mkdir(parents=True, exist_ok=True)
            Image.new("L", (8, 8), 20 * number).save(project / f"data/raw/mine/{name}/{number}.png")


def photos_and_networks(project: Path) -> None:
    """Give the project a translator, a network with styles and photos."""
    (project / "photos").mkdir()
    Image.new("L", (8, 8)).save(project / "photos/one.png")
    gan(project / "models/gan/0", {"name": "stylegan2", "z_dim": 4, "channels": 4})
    gan(project / "models/translator/0", {"name": "stargan", "channels": 4})


NEEDED: dict[str, Callable[[Path], None]] = {
    "docs/data.md": raw_data,
    "docs/running.md": beside,
    "docs/using-a-gan.md": photos_and_networks,
}
"""Page whose readers have more than the tutorial's project → function that makes it."""
READ = [page for page in PAGES if page != TUTORIAL and any(block.runs for block in blocks(page))]


@pytest.mark.slow
def test_the_tutorial_ends_with_an_answer(finished):
    assert "GAN augmentation" in (finished / "results/report.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", READ, ids=lambda page: page.stem)
def test_a_page_works_in_a_finished_project(page, finished, tmp_path):
    typed = {command for one in blocks(TUTORIAL) if one.runs for command in one.commands()}
    typed |= {command for one in blocks(ROOT / "docs/dvc.md") for command in one.commands()}  # they are run elsewhere
    reader = Reader(tmp_path)
    reader.folder = Path(shutil.copytree(finished, tmp_path / "mine", symlinks=True))
    NEEDED.get(str(page.relative_to(ROOT)), lambda project: None)(reader.folder)
    reader.read(page, typed)


ALL = [block for page in PAGES for block in blocks(page)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_says_what_it_is(page):
    found = list(blocks(page))
    assert 2 * len(found) == len(re.findall("^ *```", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert {block.language for block in found} <= LANGUAGES


@pytest.mark.parametrize("block", [one for one in ALL if one.said], ids=lambda one: f"{one.page} {one.said[:40]}")
def test_who_does_not_run_here_is_run_elsewhere_or_says_why(block: Block):
    where = re.fullmatch(r"(?:all )?run by (\S+)", block.said)
    if where is None:
        assert re.fullmatch("not run: .{5,}", block.said)
    elif where[1].endswith(".md"):
        known = [command for one in blocks(ROOT / where[1]) if one.runs or one.said for command in one.commands()]
        assert set(block.commands()) <= set(known)
    else:
        taken = (ROOT / where[1]).read_text(encoding="utf-8")
        assert re.search(r"\b(run_by\(|test=)__file__", taken), f"{where[1]} does not take the blocks that it is to run"


KNOWN = {name: {option for one in command.params for option in one.opts} for _, name, command in commands.commands()}
MENTIONED = {said for page in PAGES for said in re.findall(r"`ganaug\s+([^`]+)`", page.read_text(encoding="utf-8"))} | {
    command.removeprefix("ganaug ")
    for block in ALL
    if block.language in ("sh", "console")
    for command in block.commands()
    if command.startswith("ganaug ")
}


@pytest.mark.parametrize("said", sorted(MENTIONED))
def test_commands_in_the_text_exist_with_their_options(said):
    name, *words = said.split()
    if name != "COMMAND" and not name.startswith("-"):
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= KNOWN[name] | {"--help"}


def test_outputs_are_compared_where_they_are_shown_with_commands():
    assert all(block.said for block in ALL if block.language == "console")


def test_a_comment_belongs_to_the_block_that_follows():
    text = "<!-- not run: a reason -->\n```sh\nganaug check    # what?\n```\n\n```text\nout\n```\n"
    first, second = BLOCK.finditer(text)
    assert (first["said"], first["language"], second["said"]) == ("not run: a reason", "sh", None)
    assert Block("x.md", "sh", "# why\ncd mine && ganaug check   # what?\n\n", "").commands() == [
        "cd mine",
        "ganaug check",
    ]
    assert Block("x.md", "console", "$ dvc push\n2 files\n", "").commands() == ["dvc push"]


def test_shown_outputs_differ_from_printed_ones_in_figures_only():
    shown = without_results("3 images,  2.5 s each\n…\ntrain_gan@0: 189 of 400, about 11 s left  p_real 0.74\n")
    assert shown == without_results("40 images, 1 min each") == ["# images, # each"]
    assert without_results("in 3 h 20 min") == without_results("in 12 min") == ["in #"]
    assert without_results("3 pictures, 2.5 s each") != shown
