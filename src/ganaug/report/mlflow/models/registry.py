"""Registers the models that a run offers in MLflow's model registry, and moves the aliases `candidate` and `champion`.

A model is a pyfunc model whose code is a file beside this one, with ganaug's own code and weights as safetensors. It
contains no pickled objects.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import ganaug
from ganaug.core.closure import Closure
from ganaug.core.files import read_json
from ganaug.core.plugins import module_of
from ganaug.report.mlflow.models.merit import Merit
from ganaug.report.mlflow.models.offers import Offer

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models import ModelSignature

CANDIDATE, CHAMPION = "candidate", "champion"
DIGEST, JUDGED = "ganaug.digest", "ganaug.judged"
"""Tags of a version: hash of run and files; set when its aliases have been moved."""
ALWAYS_NEEDED = ("pydantic", "safetensors", "tqdm")
"""Distributions that a model needs besides MLflow, although their versions cannot change what it returns."""
PACKAGES = {"generator.json": "gan.networks", "classifier.json": "classifier.architectures"}
"""File with a spec → package of the plug-in that it names."""


def register(client: MlflowClient, experiment: str, run: str, offer: Offer) -> list[str]:
    """Register a model of a run. Return lines about its alias and version; [] if it was already registered.

    The newest model is the candidate, and also the champion if it replaces the last one (`Merit.replaces`).
    """
    tags = {DIGEST: f"{run} {offer.digest}", **offer.merit.as_tags()}
    entry = _version(client, offer.name, tags[DIGEST])
    if entry is not None and entry.tags.get(JUDGED):
        return []
    if entry is None:
        _describe(client, offer)
        model = _log(client, experiment, run, offer)
        place = client.get_logged_model(model).artifact_location  # models:/… would be looked up at the global address
        entry = client.create_model_version(
            offer.name, place, run, tags=tags, description=_about(offer), model_id=model
        )
    client.set_registered_model_alias(offer.name, CANDIDATE, entry.version)
    champion = _champion(client, offer.name)
    alias = CANDIDATE
    if champion != entry.version and offer.merit.replaces(_merit(client, offer.name, champion)):
        client.set_registered_model_alias(offer.name, CHAMPION, entry.version)
        alias = CHAMPION
    client.set_model_version_tag(offer.name, entry.version, JUDGED, alias)
    return [f"model: models:/{offer.name}@{alias} (version {entry.version})"]


def _version(client: MlflowClient, name: str, digest: str) -> ModelVersion | None:
    versions = client.search_model_versions(f"name = '{name}'")
    return next((entry for entry in versions if entry.tags.get(DIGEST) == digest), None)


def _champion(client: MlflowClient, name: str) -> str | None:
    """Return the champion's version, if there is one."""
    champion = client.get_registered_model(name).aliases.get(CHAMPION)
    return None if champion is None else str(champion)


def _merit(client: MlflowClient, name: str, number: str | None) -> Merit | None:
    return None if number is None else Merit.of_tags(client.get_model_version(name, number).tags)


def _describe(client: MlflowClient, offer: Offer) -> None:
    """Create the registered model that an offer is a version of, unless there is one."""
    if not client.search_registered_models(f"name = '{offer.name}'"):
        about = f"{offer.kind.capitalize()}s that ganaug has trained on {offer.data}."
        client.create_registered_model(offer.name, description=f"{about} {ALIASES}")


ALIASES = (
    "`candidate` is the latest; `champion` is the best of those that the verdict allows, on validation images by the "
    "metric that decides the verdict."
)


def _about(offer: Offer) -> str:
    labels = ", ".join(f"{label}: {name}" for label, name in enumerate(offer.classes))
    score = f"{offer.merit.metric} of its arm on validation images: {offer.merit.score:g}"
    return f"{offer.about}.\n\n{score}.\n\nLabels: {labels}."


def _log(client: MlflowClient, experiment: str, run: str, offer: Offer) -> str:
    """Save a model and attach it to its run; return its id."""
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus

    params = client.get_run(run).data.params
    model = client.create_logged_model(experiment, offer.kind, run, params=params, model_type=offer.kind).model_id
    with TemporaryDirectory() as folder:
        save(offer, Path(folder), model_id=model, run_id=run)
        client.log_model_artifacts(model, f"{folder}/model")
    client.finalize_logged_model(model, LoggedModelStatus.READY)
    client.log_outputs(run, [LoggedModelOutput(model, step=0)])
    return model


def save(offer: Offer, folder: Path, **ids: str) -> None:
    """Write the model to `folder`/model, with the code that it needs. ids: model_id and run_id."""
    import mlflow.pyfunc
    from mlflow.models import Model

    code = folder / "ganaug"
    copytree(Path(ganaug.__file__).parent, code, ignore=ignore_patterns("__pycache__"))
    about = {"classes": list(offer.classes), "data": offer.data, "ganaug": ganaug.__version__}
    for name in ("mlflow.models", "mlflow.pyfunc"):  # silenced, as they report every step
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("mlflow.utils.environment").setLevel(logging.ERROR)  # it warns if there is no pip
    mlflow.pyfunc.save_model(
        folder / "model",
        python_model=str(Path(__file__).with_name(f"{offer.kind}.py")),
        artifacts={file.name: str(file) for file in offer.files},
        code_paths=[str(code)],
        signature=_signature(offer),
        input_example=dict(offer.inputs) if len(offer.inputs) > 1 else offer.inputs["images"],
        pip_requirements=requirements(offer),
        mlflow_model=Model(metadata=about, **ids),
    )


def _signature(offer: Offer) -> ModelSignature:
    """Return types and shapes of inputs and output. A generator's inputs have names, a classifier's input has none."""
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    names: Mapping[str, str | None] = {"images": None}
    inputs = [
        TensorSpec(example.dtype, (-1, *example.shape[1:]), names.get(name, name))
        for name, example in offer.inputs.items()
    ]
    kind, shape = offer.output
    return ModelSignature(Schema(inputs), Schema([TensorSpec(_dtype(kind), (-1, *shape))]))


def _dtype(kind: str) -> Any:
    import numpy as np

    return np.dtype(kind)


def requirements(offer: Offer) -> list[str]:
    """Return a model's pip requirements: the libraries that its code and its plug-in import, at their versions here."""
    spec = next(file for file in offer.files if file.suffix == ".json")
    plugin = module_of(PACKAGES[spec.name], read_json(spec)["plugin"]["name"])
    closure = Closure({"ganaug", plugin.partition(".")[0]})
    closure.add_script(Path(__file__).with_name(f"{offer.kind}.py"))
    closure.add_module(plugin)
    lines = (line.split() for line in closure.lines())
    libraries = {name: number for number, name in lines if not name.endswith(".py")}
    return [
        f"mlflow=={version('mlflow-skinny')}",  # not mlflow-skinny: users who load a model may want to serve it
        *sorted(f"{name}=={number}" for name, number in libraries.items()),
        *(f"{name}=={version(name)}" for name in ALWAYS_NEEDED),
    ]
