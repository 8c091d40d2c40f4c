"""Tells MLflow which sets of images a run has read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ganaug.report.mlflow.runs.data_sets import DataSet

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput

CONTEXT = "mlflow.data.context"


def log_inputs(client: MlflowClient, run: str, sets: Sequence[DataSet]) -> None:
    """Log the sets as inputs of a run, each with digest, shape and what it holds. MLflow keeps each once."""
    if sets:
        client.log_inputs(run, [_input(one) for one in sets])


def _input(one: DataSet) -> DatasetInput:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    shape = [-1, *one.profile["image_shape"]]
    images = {"name": "images", "type": "tensor", "tensor-spec": {"dtype": "uint8", "shape": shape}}
    labels = {"name": "labels", "type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}
    found = Dataset(
        name=one.name,
        digest=one.digest,
        source_type="ganaug",
        source=json.dumps({"folder": one.place} | one.source),
        schema=json.dumps({"mlflow_tensorspec": {"features": json.dumps([images, labels]), "targets": None}}),
        profile=json.dumps(one.profile),
    )
    return DatasetInput(found, [InputTag(CONTEXT, one.context)])
