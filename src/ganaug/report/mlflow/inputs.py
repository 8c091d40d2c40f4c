"""Logs the sets of images that a run has read as its inputs in MLflow."""

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
    """Log the sets as inputs of a run, each with digest, shape and content. MLflow stores each set once."""
    if sets:
        client.log_inputs(run, [_input(data) for data in sets])


def _input(data: DataSet) -> DatasetInput:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    shape = [-1, *data.profile["image_shape"]]
    images = {"name": "images", "type": "tensor", "tensor-spec": {"dtype": "uint8", "shape": shape}}
    labels = {"name": "labels", "type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}
    dataset = Dataset(
        name=data.name,
        digest=data.digest,
        source_type="ganaug",
        source=json.dumps({"folder": data.place} | data.source),
        schema=json.dumps({"mlflow_tensorspec": {"features": json.dumps([images, labels]), "targets": None}}),
        profile=json.dumps(data.profile),
    )
    return DatasetInput(dataset, [InputTag(CONTEXT, data.context)])
