"""The shared views of the run table have the form that the installed MLflow's own pages read.

None of this is documented by MLflow: if a test fails after an update, look for the new form in MLflow's pages.
"""

import json
import re
from functools import cache
from pathlib import Path

import mlflow
import pytest
from mlflow_project import store

from ganaug.core.paths import Paths
from ganaug.report.mlflow.runs.view import ARMS, CONFIGURATIONS, EXPERIMENT_KIND, TAG, VIEWS, link
from ganaug.report.mlflow.tracking import describe_experiment, how_to_see, pages, print_address


@cache
def bundle() -> str:
    """Return all code of MLflow's pages."""
    folder = Path(mlflow.__file__).parent / "server/js/build/static/js"
    return "".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.js")))


def test_mlflows_pages_look_for_views_in_these_tags():
    assert f'"{TAG}"' in bundle()
    assert '"viewStateShareKey"' in bundle()
    assert re.search(r'\("workflowType"\)', bundle())
    for key, value in EXPERIMENT_KIND.items():
        assert f'"{key}"' in bundle()
        assert f'"{value}"' in bundle()


@pytest.mark.parametrize("view", VIEWS)
def test_every_part_of_a_view_is_one_that_mlflows_pages_read(view):
    """The pages list the parts of a view that they read: facets of the search, and the state of the table."""
    lists = [re.findall(r'"(\w+)"', found) for found in re.findall(r'=(\["\w+"(?:,"\w+")+\])', bundle())]
    facets = next(names for names in lists if "searchFilter" in names and "orderByKey" in names)
    table = next(names for names in lists if "selectedColumns" in names and "groupBy" in names)
    name, value = view.tag
    assert name == f"{TAG}{view.name}"
    assert set(json.loads(value)) <= {*facets, *table}
    for column in view.columns:
        assert re.fullmatch(r"(tags|metrics|params|attributes)\.`[^`]+`", column)
    assert 'e+".`"+t+"`"' in bundle()  # how the pages write a column's name


def test_groups_of_runs_are_written_as_mlflows_pages_do():
    state = json.loads(ARMS.tag[1])["groupBy"]
    assert re.search(r"{aggregateFunction:\w+,groupByKeys:\w+}", bundle())
    assert set(state) == {"aggregateFunction", "groupByKeys"}
    assert re.search(r"{mode:\w+,groupByData:\w+}", bundle())
    assert set(state["groupByKeys"][0]) == {"mode", "groupByData"}
    assert re.search(r'Average="average"', bundle())
    assert re.search(r'Tag="tag"', bundle())


def test_a_view_fits_in_a_tag_and_is_set_once(paths, monkeypatch):
    found = store(paths)
    describe_experiment(found)
    tags = found.client.get_experiment(found.experiment).tags
    assert tags.items() >= dict([CONFIGURATIONS.tag, ARMS.tag]).items()
    assert "One row for each configuration" in tags["mlflow.note.content"]
    monkeypatch.setattr("mlflow.MlflowClient.set_experiment_tag", lambda *_: pytest.fail("set again"))
    describe_experiment(found)


def test_the_link_leads_to_the_server_or_to_the_local_pages(paths, monkeypatch):
    assert link("http://host:5000/", "3") == (
        "http://host:5000/#/experiments/3/runs?workflowType=machine_learning&viewStateShareKey=ganaug"
    )
    found = store(paths).experiment
    assert pages(found).startswith("http://127.0.0.1:5000/#/experiments/1/")
    assert how_to_see(found) == f"MLflow: ganaug ui, then {pages(found)}"
    monkeypatch.setattr("ganaug.report.mlflow.tracking.pages_installed", lambda: False)
    assert how_to_see(found) == f"MLflow: pip install 'ganaug[ui]', then ganaug ui, then {pages(found)}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://server/mlflow")
    assert pages(found).startswith("https://server/mlflow/#/experiments/1/")
    assert how_to_see(found) == f"MLflow: {pages(found)}"


def test_the_address_is_read_from_mlflows_own_table_without_mlflow(paths, monkeypatch, capsys):
    print_address(paths)
    assert capsys.readouterr().out == (
        "warning: MLflow does not have these results; send them to it with: ganaug publish\n"
    )
    experiment = store(paths).experiment
    monkeypatch.setattr("mlflow.MlflowClient", None)
    print_address(paths)
    assert capsys.readouterr().out == f"{how_to_see(experiment)}\n"
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "another")
    print_address(paths)
    assert "send them to it with: ganaug publish" in capsys.readouterr().out
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME")
    moved = paths.root.with_name("moved")
    paths.root.rename(moved)
    print_address(Paths(moved))
    assert "move the project back" in capsys.readouterr().out
    Paths(moved).mlflow_database.unlink()
    print_address(Paths(moved))
    assert "send them to it with: ganaug publish" in capsys.readouterr().out
    assert not Paths(moved).mlflow_database.exists()
