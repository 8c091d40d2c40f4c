"""Evaluation turns the stages' files into summary.json."""

import json

import finished_run
import pytest
from finished_run import evaluate_run

from ganaug.core.paths import Paths
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.evaluate_settings import Evaluate, Experiment, TrainedOn
from ganaug.experiment.summary.cost import costs_in
from ganaug.experiment.summary.reader import read_summary
from ganaug.experiment.summary.stage_costs import stage_costs

BASELINE, GAN = {"real": Arm(), "real_all": Arm(labels="all")}, {"gan": Arm(synthetic=(0.0, 0.5))}
RIGHT = {"real": (10, 12), "real_all": (18, 18), "gan": (14, 18)}


@pytest.fixture
def evaluated(tmp_path, two_colours):
    """Return a function that evaluates an experiment, and returns its summary."""
    return lambda *arguments, **options: evaluate_run(tmp_path, two_colours, *arguments, **options)[0]


@pytest.mark.parametrize("idle", [[], ["gan"]])
def test_what_is_written_can_be_read(evaluated, tmp_path, idle):
    summary = evaluated(RIGHT, BASELINE, GAN, idle=idle)
    assert read_summary(Paths(tmp_path).summary) == summary
    assert (summary["verdict"]["answer"] == "nothing learned") == bool(idle)
    metrics = json.loads(Paths(tmp_path).metrics.read_text(encoding="utf-8"))
    assert metrics["verdict"] == {"gain": summary["verdict"]["gain"]}


def test_what_stages_measured_at_the_same_time_counts_once(evaluated, tmp_path):
    evaluated(RIGHT, BASELINE, GAN)
    for file in (tmp_path / "results/seconds").glob("*.json"):
        file.write_text('{"seconds": 10, "joules": 100, "jobs": 16, "ended": 1800000000, "machine": "a"}')
    experiment = Experiment((0, 1), BASELINE, GAN, Evaluate(), TrainedOn.LABELS)
    found = costs_in(stage_costs(experiment, Paths(tmp_path)))
    assert sum(cost["joules"] for cost in found) == pytest.approx(100, rel=0.02)  # each part is rounded


@pytest.mark.parametrize(
    ("arm", "labelled", "gan"),
    [
        (Arm(pseudo_labels=0.5), 10, 22.0),  # the reference needs the ensembles, 8 s, too
        (Arm(other_domain=0.5), 9, 22.0),
        (Arm(other_domain=0.5), 10, 30.0),  # no image is left for ensembles to label
    ],
)
def test_ensembles_cost_nothing_more_if_the_reference_needs_them_too(evaluated, monkeypatch, arm, labelled, gan):
    counts = {"images": 10, "labelled": {"black": labelled - 4, "white": 4}}
    monkeypatch.setattr(finished_run, "OTHER_DOMAIN", counts)
    right = RIGHT | {"further": (11, 13)}
    summary = evaluated(right, BASELINE, GAN, informed={"further": arm}, reference="further")
    assert summary["cost"]["seconds"]["gan"] == gan


def test_only_the_cost_depends_on_the_time_that_stages_took(evaluated):
    summary = evaluated(RIGHT, BASELINE, GAN)
    assert "second" not in json.dumps({part: content for part, content in summary.items() if part != "cost"})
