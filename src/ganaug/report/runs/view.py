"""The run table as it opens: which runs, which columns, in which order.

MLflow keeps views that users share as JSON in tags of the experiment; a link names one. That is not documented:
tests/report/test_view.py pins it to what the installed MLflow's own pages read.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from ganaug.report.runs.nested_runs import ARM, CLASSIFIER, CONFIGURATION, KIND

TAG = "mlflow.sharedViewState."
"""Beginning of the names of tags that hold views."""
EXPERIMENT_KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Tag by which MLflow opens an experiment on its runs instead of traces of language models."""


class View(NamedTuple):
    """A way to look at the run table."""

    name: str
    kind: str
    """Which runs it shows: the tag `kind`."""
    columns: tuple[str, ...]
    group_by: str | None = None
    """Tag whose equal values become one row, with the means of its runs."""

    @property
    def tag(self) -> tuple[str, str]:
        """Name and value of the experiment's tag that holds it."""
        state = {
            "searchFilter": f"tags.{KIND} = '{self.kind}'",
            "orderByKey": "attributes.start_time",
            "orderByAsc": False,
            "selectedColumns": list(self.columns),
            "columnOrder": [],
            "groupBy": self.group_by
            and {"aggregateFunction": "average", "groupByKeys": [{"mode": "tag", "groupByData": self.group_by}]},
        }
        return f"{TAG}{self.name}", json.dumps(state)


def _columns(group: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{group}.`{name}`" for name in names)


CONFIGURATIONS = View(
    "ganaug",
    CONFIGURATION,
    (
        *_columns("tags", "answer", "data", "best arm", "reference", "metric"),
        *_columns("metrics", "gain", "gain/low", "gain/high", "score/arm", "score/reference", "label equivalent"),
        *_columns("metrics", "quality/cas", "quality/fid", "quality/near_copies", "replicates", "seconds"),
    ),
)
"""One row for each configuration."""
ARMS = View(
    "ganaug-arms",
    CLASSIFIER,
    (*_columns("params", "share", "arm.labels"), *_columns("metrics", "test/balanced_accuracy", "test/accuracy")),
    group_by=ARM,
)
"""One row for each arm: the means of its replicates."""
VIEWS = (CONFIGURATIONS, ARMS)


def link(server: str, experiment: str, view: View = CONFIGURATIONS) -> str:
    """Return the address of a view. server: that of MLflow's pages. experiment: its id."""
    return (
        f"{server.rstrip('/')}/#/experiments/{experiment}/runs"
        f"?workflowType=machine_learning&viewStateShareKey={view.name}"
    )
