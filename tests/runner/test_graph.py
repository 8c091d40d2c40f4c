"""Which stages come first, and which have to run."""

import pytest

from ganaug.runner.graph import first_stages, with_descendants


def parents(**stages: str) -> dict[str, frozenset[str]]:
    """Return a graph: stage → the names of its parents."""
    return {stage: frozenset(names.split()) for stage, names in stages.items()}


#        ┌ gan ─ set ┐
# a ─ b ─┤           ├ end
#        └── arm ────┘
GRAPH = parents(a="", b="a", gan="b", set="gan", arm="b", end="set arm")


def test_the_first_stages_are_those_that_nothing_can_run_beside():
    assert first_stages(GRAPH) == ["a", "b"]
    assert first_stages(parents(a="", b="", c="a b")) == []
    assert first_stages(parents(a="", b="a", c="b")) == ["a", "b"]  # the last is left to run
    assert first_stages(parents(a="", aside="")) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (set(), {}),
        ({"end"}, parents(end="")),
        ({"set"}, parents(set="", end="set")),
        ({"gan", "arm"}, parents(gan="", set="gan", arm="", end="set arm")),
    ],
)
def test_what_depends_on_a_change_runs_again_and_waits_only_for_what_runs(changed, expected):
    found = with_descendants(GRAPH, changed)
    assert found == expected
    assert list(found) == list(expected)
