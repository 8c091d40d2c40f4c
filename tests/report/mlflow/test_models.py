"""A run's models: those that it offers, their form, and the choice of the champion."""

import json
import os
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pytest
from mlflow_project import store, summary
from models import CLASSES, generated, untrained_models

from ganaug.classifier.prediction import predict
from ganaug.classifier.store import load_classifier
from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.files import write_json
from ganaug.core.paths import Paths
from ganaug.experiment.arms.predictions import Predictions
from ganaug.experiment.evaluate_settings import read_experiment
from ganaug.report.mlflow import publish
from ganaug.report.mlflow.models.merit import Merit
from ganaug.report.mlflow.models.offers import offers
from ganaug.report.mlflow.models.registry import requirements, save

GENERATOR, CLASSIFIER = "ganaug-x-generator", "ganaug-x-classifier"


def experiment(paths: Paths):
    return read_experiment(ParamsFile.load(paths.params))


def sent(paths: Paths) -> bool:
    return publish.publish(experiment(paths), ParamsFile.load(paths.params), paths)


def answer(paths: Paths, reached: float = 0.75, **changes) -> None:
    """Change the finished run's verdict, and the validation score of the arm with the GAN."""
    told = summary()
    told["arms"]["gan"]["val_accuracy"] = reached
    told["verdict"] |= changes
    write_json(paths.summary, told)


def aliases(paths: Paths, name: str) -> dict[str, str]:
    found = store(paths).client.get_registered_model(name).aliases
    return {alias: str(version) for alias, version in found.items()}


def test_the_classifier_to_use_is_the_arms_if_it_helps_and_else_the_references(results, paths):
    def runs():
        return [offer.run for offer in offers(experiment(paths), paths)]

    assert runs() == ["gan 0", "gan 0 classifier"]
    for undecided in ("undecided", "not used", "harms", "no effect"):
        answer(paths, answer=undecided)
        assert runs() == ["gan 0", "real 0 classifier"]


def test_of_several_replicates_the_best_on_validation_is_offered(results, paths):
    paths.params.write_text(paths.params.read_text().replace("replicates: [0]", "replicates: [0, 1]"))
    for name in ("real", "gan"):
        paths.arm(name, 1).mkdir()
    for name in ("classifier.json", "classifier.safetensors"):
        (paths.arm("gan", 1) / name).write_bytes((paths.arm("gan", 0) / name).read_bytes())
    right = np.eye(2, dtype=np.float32)[None]
    for replicate, probabilities in ((0, right[:, ::-1]), (1, right)):
        Predictions(probabilities, probabilities).save(paths.arm("gan", replicate))
    paths.gan(1).mkdir()
    for name in ("generator.json", "generator.safetensors"):
        (paths.gan(1) / name).write_bytes((paths.gan(0) / name).read_bytes())
    for folder in (paths.train, paths.synthetic):
        folder(1).mkdir(parents=True)
        for file in folder(0).iterdir():
            (folder(1) / file.name).write_bytes(file.read_bytes())
    assert [offer.run for offer in offers(experiment(paths), paths)] == ["gan 1", "gan 1 classifier"]


@pytest.mark.parametrize(
    ("changes", "replaces"),
    [
        ({"score": 0.8}, True),
        ({"score": 0.7}, False),  # not better
        ({"score": 0.6}, False),
        ({"score": 0.8, "sound": False}, False),
        ({"score": 0.8, "metric": "accuracy"}, False),  # another metric: not comparable
        ({"score": 0.8, "images": "other"}, False),
    ],
)
def test_what_replaces_a_champion(changes, replaces):
    champion = Merit(0.7, "recall of é", "high", "digest", sound=True)
    assert champion._replace(**changes).replaces(champion) is replaces
    assert Merit.of_tags(champion.as_tags()) == champion


def test_without_a_champion_any_sound_model_becomes_one_and_low_scores_may_be_better():
    merit = Merit(0.7, "log_loss", "low", "digest", sound=True)
    assert merit.replaces(None)
    assert not merit._replace(sound=False).replaces(None)
    assert merit._replace(score=0.6).replaces(merit)
    assert not merit._replace(score=0.8).replaces(merit)
    assert Merit.of_tags({"validation.score": "0.7"}) is None


def test_publishing_again_registers_nothing_and_other_results_a_new_candidate(results, paths, capsys):
    for _ in range(2):
        assert sent(paths)
        assert aliases(paths, GENERATOR) == aliases(paths, CLASSIFIER) == {"candidate": "1", "champion": "1"}
    assert capsys.readouterr().out.count("models:/ganaug-x-classifier@champion") == 1
    (paths.arm("gan", 0) / "classifier.safetensors").write_bytes(b"others, no better")
    assert sent(paths)
    assert aliases(paths, CLASSIFIER) == {"candidate": "2", "champion": "1"}
    (paths.arm("gan", 0) / "classifier.safetensors").write_bytes(b"better ones")
    answer(paths, reached=0.9)
    assert sent(paths)
    assert aliases(paths, CLASSIFIER) == {"candidate": "3", "champion": "3"}
    assert aliases(paths, GENERATOR) == {"candidate": "1", "champion": "1"}


def test_the_verdict_decides_whether_a_model_may_be_champion(results, paths):
    answer(paths, answer="undecided")
    assert sent(paths)
    assert aliases(paths, GENERATOR) == {"candidate": "1"}
    assert aliases(paths, CLASSIFIER) == {"candidate": "1", "champion": "1"}


def test_where_nothing_was_learned_there_is_no_champion(results, paths):
    answer(paths, answer="nothing learned")
    assert sent(paths)
    assert aliases(paths, GENERATOR) == aliases(paths, CLASSIFIER) == {"candidate": "1"}


def test_a_server_that_fails_between_version_and_alias_is_made_good_later(results, paths, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr("mlflow.MlflowClient.set_registered_model_alias", lambda *_: 1 / 0)
        assert not sent(paths)
    assert "warning: MLflow did not accept the results" in capsys.readouterr().out
    assert sent(paths)
    assert aliases(paths, GENERATOR) == {"candidate": "1", "champion": "1"}


def test_a_champion_that_a_person_chose_stays(results, paths):
    assert sent(paths)
    store(paths).client.delete_registered_model_alias(CLASSIFIER, "champion")
    assert sent(paths)
    assert aliases(paths, CLASSIFIER) == {"candidate": "1"}


def test_a_version_says_what_it_is_and_belongs_to_its_run(results, paths):
    assert sent(paths)
    client = store(paths).client
    version = client.get_model_version_by_alias(CLASSIFIER, "champion")
    assert version.run_id == store(paths).run("gan 0 classifier")
    assert "The classifier of the arm gan in replicate 0" in version.description
    assert "Labels: 0: a, 1: b." in version.description
    assert version.tags["validation.score"] == "0.75"
    outputs = client.get_run(version.run_id).outputs.model_outputs
    assert [output.model_id in version.source for output in outputs] == [True]


@pytest.mark.parametrize(
    ("title", "name"), [("x", "ganaug-x-generator"), ("Café: a/b", "ganaug-Caf-a-b-generator"), ("猫", GENERATOR[:7])]
)
def test_models_have_a_name_for_each_data_set_that_mlflow_takes(results, paths, title, name):
    told = summary()
    told["dataset"]["name"] = title
    write_json(paths.summary, told)
    assert offers(experiment(paths), paths)[0].name.startswith(name)


@pytest.fixture
def saved(results, paths, tmp_path) -> dict[str, Path]:
    """Untrained models as MLflow saves them, by kind."""
    untrained_models(paths)
    folders = {}
    for offer in offers(experiment(paths), paths):
        folders[offer.kind] = tmp_path / offer.kind
        save(offer, folders[offer.kind])
    return {kind: folder / "model" for kind, folder in folders.items()}


def test_a_generator_makes_of_labels_and_seeds_the_images_that_it_makes_in_the_project(saved, paths):
    model = mlflow.pyfunc.load_model(str(saved["generator"]))
    given = {"label": np.array([1, 0, 1]), "seed": np.array([5, 6, 2**40])}
    np.testing.assert_array_equal(model.predict(given), generated(paths, [1, 0, 1], [5, 6, 2**40]))
    assert model.predict(model.input_example).shape == (2, 8, 8, 1)
    assert model.metadata.metadata["classes"] == list(CLASSES)
    with pytest.raises(InputError, match="label: 2 is not a label of this generator; use one of: 0 a, 1 b"):
        model.predict({"label": np.array([2]), "seed": np.array([0])})


def test_a_classifier_makes_of_images_the_probabilities_that_it_makes_in_the_project(saved, paths):
    model = mlflow.pyfunc.load_model(str(saved["classifier"]))
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), dtype=np.uint8)
    expected = predict(load_classifier(paths.arm("gan", 0))[0], images.transpose(0, 3, 1, 2))
    np.testing.assert_allclose(model.predict(images), expected, atol=1e-6)
    assert model.predict(model.input_example).shape == (2, 2)
    with pytest.raises(mlflow.exceptions.MlflowException, match="Shape of input"):
        model.predict(np.zeros((1, 9, 8, 1), np.uint8))


def test_a_model_holds_no_pickled_object(saved):
    for folder in saved.values():
        kinds = {file.suffix for file in folder.rglob("*") if file.is_file()}
        texts = {".py", ".json", ".yaml", ".txt", ".html", ".md", ".css", ".js"}
        assert kinds <= {"", ".safetensors"} | texts, kinds
        assert "__pycache__" not in {path.name for path in folder.rglob("*")}


IMPORTS = """
import builtins, json, sys
found, original = set(), builtins.__import__
def watched(name, globals=None, locals=None, fromlist=(), level=0):
    if level == 0 and (globals or {}).get("__name__", "").partition(".")[0] in ("ganaug", "code_model"):
        found.add(name.partition(".")[0])
    return original(name, globals, locals, fromlist, level)
builtins.__import__ = watched
import mlflow
model = mlflow.pyfunc.load_model(sys.argv[1])
model.predict(model.input_example)
import ganaug
print(json.dumps([ganaug.__file__, sorted(found - set(sys.stdlib_module_names) - {"ganaug", "pydantic_core"})]))
"""


def test_a_model_needs_neither_the_project_nor_more_than_its_requirements(saved, paths, tmp_path):
    for offer in offers(experiment(paths), paths):
        command = [sys.executable, "-P", "-c", IMPORTS, str(saved[offer.kind])]
        printed = subprocess.check_output(command, cwd=tmp_path, env=without_pythonpath(), text=True)
        place, imported = json.loads(printed.splitlines()[-1])
        assert place.startswith(str(saved[offer.kind]))  # the copy of ganaug's code inside the model
        required = {line.partition("==")[0] for line in requirements(offer)}
        assert set(imported) <= required, offer.kind
        assert (saved[offer.kind] / "requirements.txt").read_text().splitlines() == requirements(offer)


def without_pythonpath() -> dict[str, str]:
    """Return an environment in which only the installed ganaug is found."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
