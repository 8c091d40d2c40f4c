"""`ganaug run` in a small DVC project: what it asks of DVC, how often, and what it says when a stage fails."""

from pathlib import Path

import pytest
from dvc.repo import Repo
from dvc.repo.index import Index
from small_pipeline import make_pipeline, write_stages

from ganaug.core.errors import InputError
from ganaug.core.paths import Paths
from ganaug.runner.graph import open_project
from ganaug.runner.pipeline import run_pipeline


@pytest.fixture
def paths(tmp_path, monkeypatch):
    """A project of small commands that has been run; one command always runs."""
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("threads: 1\ntrain_gan: {}\n")
    make_pipeline(Path())
    with open_project() as project:
        project.reproduce()
    return Paths()


def test_with_nothing_to_do_the_project_is_read_once(paths, monkeypatch, capfd):
    read = []
    for owner, name in ((Repo, "__init__"), (Index, "from_repo")):
        original = getattr(owner, name)

        def counted(*arguments, original=original, name=name, **options):
            read.append(name)
            return original(*arguments, **options)

        monkeypatch.setattr(owner, name, counted)
    run_pipeline(paths, 1)
    assert capfd.readouterr().out.splitlines() == [
        "4 stages; first, one after another: list, check",
        "nothing has changed since the last run",
    ]
    assert sorted(read) == ["__init__", "from_repo"]


def test_what_has_changed_is_found_after_the_first_stages_ran(paths):
    with open_project() as project:
        assert project.changed() == {"list"}  # which always runs
    Path("params.yaml").write_text("threads: 2\n")
    Path("left.txt").unlink()
    with open_project() as project:
        assert project.parents["right"] == {"check"}
        project.reproduce("check")
        assert project.changed() - {"list"} == {"left", "right"}
        assert Path("checked.txt").read_text() == "threads: 2\n"
        project.reproduce()
        assert project.changed() == {"list"}


def test_a_failed_stage_is_named_and_a_missing_input_too(paths, capfd):
    write_stages(Path(), left={"cmd": "echo the disk is full; exit 3"})
    with pytest.raises(InputError, match=r"^failed to reproduce 'left'; see above$"), open_project() as project:
        project.reproduce()
    assert "the disk is full" in capfd.readouterr().out
    write_stages(Path(), left={"deps": ["nowhere"]})
    with pytest.raises(InputError, match=r"'left'.*nowhere"), open_project() as project:
        project.reproduce()


def test_messages_of_a_stage_are_shown_and_its_other_output_is_not(paths, capfd):
    say = "echo 10 of 20; echo warning: no images of a class; echo note: 3 of 20 were rejected; touch left.txt"
    write_stages(Path(), left={"cmd": say})
    run_pipeline(paths, 2)
    lines = capfd.readouterr().out.splitlines()
    assert {"left: warning: no images of a class", "left: note: 3 of 20 were rejected"} <= set(lines)
    assert "10 of 20" not in lines
    assert not list(paths.log("").parent.iterdir())
    with open_project() as project:
        assert project.changed() == {"list"}  # what was written side by side is what DVC reads


def test_a_folder_without_a_project_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="you are not inside of a DVC repository"), open_project():
        pass
