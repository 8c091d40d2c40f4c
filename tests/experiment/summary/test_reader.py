"""The reader of results/summary.json accepts what this version writes, and names the problem of other files."""

import pytest
from mlflow_project import summary
from summaries import tiny

from ganaug.core.errors import InputError
from ganaug.core.files import write_json
from ganaug.experiment.summary.reader import read_summary


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a summary with these contents."""

    def run(content):
        write_json(tmp_path / "summary.json", content)
        return read_summary(tmp_path / "summary.json")

    return run


@pytest.mark.parametrize("content", [tiny(), summary(), tiny() | {"of a later version": 1}])
def test_a_summary_is_read_as_it_is(read, content):
    found = read(content)
    assert found == content
    assert list(found) == list(content)


def test_what_may_be_missing_may_be_missing(read):
    without = {name: part for name, part in tiny().items() if name != "label_equivalent"}
    assert read(without) == without


def changed(place, value):
    """Return a summary with another value at a dotted key; None: without the key."""
    content = tiny()
    *parents, last = place.split(".")
    part = content
    for name in parents:
        part = part[name]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return content


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        ("spread", None, "spread is missing"),
        ("neighbour", None, "neighbour is missing"),
        ("verdict.headline", None, "verdict.headline is missing"),
        ("verdict.gain", "large", "verdict.gain: Input should be a valid number"),
        ("arms.gan.gan", None, "arms.gan.gan is missing"),
        ("arms.real.roc_auc", None, "arms.real.roc_auc is missing"),
        ("arms.real.val_balanced_accuracy", None, "arms.real.val_balanced_accuracy is missing"),
        ("gains.gan.brier", None, "gains.gan.brier is missing"),
        ("metric", "auc", "metrics.auc is missing"),
        ("verdict.metrics.accuracy", None, "verdict.metrics.accuracy is missing"),
        ("verdict.references", ["nobody"], "arms.nobody is missing"),
        ("pretrained", {}, "pretrained: Input should be a valid list"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(read, place, value, problem):
    with pytest.raises(InputError, match=rf"summary\.json: {problem}: written by an earlier version; run `dvc repro`"):
        read(changed(place, value))


@pytest.mark.parametrize("content", [[], 3, None, {}])
def test_anything_else_is_refused(read, content):
    with pytest.raises(InputError, match=r"summary\.json: .*: written by an earlier version"):
        read(content)
