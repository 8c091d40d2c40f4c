"""Results and models make the round trip through real servers, on SQLite and PostgreSQL."""

import json
import os
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path

import mlflow
import mlflow_project
import numpy as np
import pytest
import servers
from mlflow import MlflowClient
from models import generated, untrained_models
from pages import run_by

from ganaug.core.config import ParamsFile
from ganaug.experiment.evaluate_settings import read_experiment
from ganaug.report.mlflow.publish import publish

pytestmark = pytest.mark.slow
GENERATOR, CLASSIFIER = "ganaug-x-generator", "ganaug-x-classifier"

LOADING, SERVING = (block.body.replace("ganaug-digits-", "ganaug-x-") for block in run_by(__file__))

LOAD = """
import sys, mlflow, numpy as np
model = mlflow.pyfunc.load_model("models:/ganaug-x-generator@candidate")
np.save(sys.argv[1], model.predict({"label": np.array([1, 0]), "seed": np.array([3, 4])}))
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request, tmp_path_factory):
    """MLflow's server on a database of this kind, as MLFLOW_TRACKING_URI."""
    database, folder = getattr(servers, request.param), tmp_path_factory.mktemp("server")
    with (
        database(folder) as store,
        servers.mlflow_server(store, folder / "artifacts") as address,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("MLFLOW_TRACKING_URI", address)
        yield address


@pytest.fixture(scope="module")
def paths(server, tmp_path_factory):
    """A finished run, published twice."""
    found = mlflow_project.project(tmp_path_factory.mktemp("project"))
    mlflow_project.results(found)
    untrained_models(found)
    params = ParamsFile.load(found.params)
    for _ in range(2):
        assert publish(read_experiment(params), params, found)
    return found


@pytest.fixture
def published(paths, server):
    """A client of the server that has the run."""
    return MlflowClient(server)


def test_results_and_models_go_there_once_and_come_back(published, paths, server, tmp_path):
    experiment = published.get_experiment_by_name("ganaug").experiment_id
    runs = {run.info.run_name: run for run in published.search_runs([experiment])}
    title = "x · resnet hinge · 5 per class"
    assert set(runs) == {title, "gan 0", "real 0 classifier", "gan 0 classifier"}
    assert runs[title].data.metrics["gain/high"] == 0.3
    assert runs["gan 0"].inputs.dataset_inputs[0].dataset.name == "x, training set of replicate 0"
    assert len(published.list_artifacts(runs["gan 0"].info.run_id, "images")) == 4
    report = published.download_artifacts(runs[title].info.run_id, "report.html", str(tmp_path))
    assert Path(report).read_text() == "report"
    for name in (GENERATOR, CLASSIFIER):
        assert len(published.search_model_versions(f"name = '{name}'")) == 1
        assert set(published.get_registered_model(name).aliases) == {"candidate", "champion"}
    images = tmp_path / "images.npy"  # written by another process, in another folder, that knows only the server
    subprocess.run([sys.executable, "-c", LOAD, str(images)], check=True, cwd=tmp_path, env=os.environ)
    np.testing.assert_array_equal(np.load(images), generated(paths, [1, 0], [3, 4]))


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_models_are_loaded_and_served_as_the_docs_say(published, paths, server, tmp_path):
    check = "print(images.shape, images.dtype, probabilities.shape, generator.metadata.metadata['classes'])"
    command = [sys.executable, "-c", f"{LOADING}\n{check}"]
    printed = subprocess.check_output(command, cwd=tmp_path, env=os.environ, text=True)
    assert printed.splitlines()[-1] == "(3, 8, 8, 1) uint8 (3, 2) ['a', 'b']"
    serving, asking = SERVING.splitlines()
    serve = shlex.split(serving.removeprefix("mlflow "))
    body = shlex.split(asking)[-1]
    port = servers.free_port()
    serve[serve.index("--port") + 1] = str(port)
    with servers.running([sys.executable, "-m", "mlflow", *serve], f"http://127.0.0.1:{port}/ping") as address:
        asked = urllib.request.Request(f"{address}/invocations", body.encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=120) as answer:
            assert json.load(answer)["predictions"] == generated(paths, [1, 0], [0, 1]).tolist()


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_classifier_is_served_too(published, paths, server):
    images, port = generated(paths, [1, 0], [3, 4]), servers.free_port()
    expected = mlflow.pyfunc.load_model(f"models:/{CLASSIFIER}@champion").predict(images)
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", f"models:/{CLASSIFIER}@champion"]
    command += ["--env-manager", "local", "--port", str(port)]
    with servers.running(command, f"http://127.0.0.1:{port}/ping") as address:
        body = json.dumps({"inputs": images.tolist()}).encode()
        asked = urllib.request.Request(f"{address}/invocations", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=120) as answer:
            np.testing.assert_allclose(json.load(answer)["predictions"], expected, atol=1e-5)
