"""Views of MLflow's run table: its runs, its columns and their order.

MLflow keeps shared views as JSON in tags of the experiment; a link names the view to open. This is not documented:
tests/report/mlflow/runs/test_view.py checks it against the code of the installed MLflow's pages.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from ganaug.report.mlflow.runs.tags import ARM, CLASSIFIER, CONFIGURATION, KIND

TAG = "mlflow.sharedViewState."
"""Prefix of the names of tags that hold views."""
RUN_NAME, STARTED, DURATION = "attributes.`Run Name`", "runDateAndNestInfo", "duration"
"""Names in MLflow's pages of columns that are always there."""
EXPERIMENT_KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Tag that makes MLflow open an experiment with its runs, not with traces of language models."""


class View(NamedTuple):
    """A view of the run table."""

    name: str
    kind: str
    """Value of the tag `kind` of the runs that it shows."""
    columns: tuple[str, ...]
    group_by: tuple[str, ...] = ()
    """Tags to group by: runs with equal values become one row, with their means."""

    @property
    def tag(self) -> tuple[str, str]:
        """Name and value of the experiment's tag that holds the view."""
        groups = [{"mode": "tag", "groupByData": name} for name in self.group_by]
        state = {
            "searchFilter": f"tags.{KIND} = '{self.kind}'",
            "orderByKey": "attributes.start_time",
            "orderByAsc": False,
            "selectedColumns": list(self.columns),
            "columnOrder": [RUN_NAME, STARTED, *self.columns, DURATION],
            "columnWidths": {RUN_NAME: 400, STARTED: 130} | {name: _width(name) for name in self.columns},
            "groupBy": {"aggregateFunction": "average", "groupByKeys": groups} if groups else None,
        }
        return f"{TAG}{self.name}", json.dumps(state)


WIDE = {"tags.`best arm`": 130, "tags.`reference`": 110, "tags.`metric`": 140}
"""Columns whose values are wider than their names, in pixels."""


def _width(column: str) -> int:
    """Return the width in pixels that shows a column's name and its values."""
    return WIDE.get(column, max(85, 30 + 7 * len(column.partition("`")[2])))


def _columns(group: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{group}.`{name}`" for name in names)


CONFIGURATIONS = View(
    "ganaug",
    CONFIGURATION,
    (
        *_columns("tags", "answer"),
        *_columns("metrics", "gain", "gain/low", "gain/high"),
        *_columns("tags", "best arm", "reference", "metric"),
        *_columns("metrics", "score/arm", "score/reference", "label equivalent"),
        *_columns("metrics", "quality/cas", "quality/fid", "quality/near_copies", "replicates", "seconds"),
        *_columns("tags", "data"),
        *_columns("attributes", "Models"),
    ),
)
"""One row for each configuration."""
ARMS = View(
    "ganaug-arms",
    CLASSIFIER,
    (*_columns("params", "share", "arm.labels"), *_columns("metrics", "test/balanced_accuracy", "test/accuracy")),
    group_by=(CONFIGURATION, ARM),
)
"""One row for each arm of a configuration: the means of its replicates."""
VIEWS = (CONFIGURATIONS, ARMS)


def link(server: str, experiment: str, view: View = CONFIGURATIONS) -> str:
    """Return the address of a view. server: address of MLflow's pages. experiment: its id."""
    return (
        f"{server.rstrip('/')}/#/experiments/{experiment}/runs"
        f"?workflowType=machine_learning&viewStateShareKey={view.name}"
    )
