"""Classifiers with pretrained weights, from the check to the summary."""

import json

import pytest
import torch
from project import Project
from safetensors.torch import save_file

from ganaug.core.weight_files import sha256

timm = pytest.importorskip("timm", reason="needs the extra `pretrained`")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose classifiers and GAN use a tiny pretrained network, with its weights in a file of the project."""
    made = Project(tmp_path_factory.mktemp("project"))
    write_weights(made, seed=0)
    spec = {"name": "timm", "model": "test_efficientnet", "weights": "weights.safetensors", "input_size": 32}
    probe = spec | {"train": "head"}
    network = {name: spec[name] for name in ("model", "weights", "input_size")} | {"name": "projected", "channels": 4}
    made.edit(train_ensemble__classifier=probe, train_classifier__classifier=probe, train_gan__network=network)
    made.first = made.repro()
    return made


def write_weights(project: Project, seed: int) -> str:
    torch.manual_seed(seed)
    save_file(timm.create_model("test_efficientnet").state_dict(), project.folder / "weights.safetensors")
    return sha256(project.folder / "weights.safetensors")


def read(project: Project, name: str):
    return json.loads((project.folder / name).read_text(encoding="utf-8"))


def test_the_checksum_is_wherever_results_are_shown(project):
    told = {
        "model": "test_efficientnet",
        "library": f"timm {timm.__version__}",
        "weights": "weights.safetensors",
        "sha256": sha256(project.folder / "weights.safetensors"),
    }
    summary = read(project, "results/summary.json")
    users = ["train_classifier.classifier", "train_ensemble.classifier", "train_gan.network"]
    assert summary["pretrained"] == [told | {"used_by": users}]
    for spec in ("models/ensemble/0/ensemble.json", "models/gan/0/training.json"):
        assert read(project, spec)["pretrained"] == told
    assert read(project, "results/arms/real/0/classifier.json")["pretrained"] == told
    assert told["sha256"] in (project.folder / "results/synthetic/0/CARD.md").read_text(encoding="utf-8")
    assert told["sha256"] in (project.folder / "results/report.html").read_text(encoding="utf-8")
    assert [tags.get("pretrained") for tags in project.runs()] == 4 * [told["sha256"]]


def test_other_weights_in_the_same_file_run_again_what_depends_on_them(project):
    assert project.repro() == []
    checksum = write_weights(project, seed=1)
    ran = project.repro()
    assert {"train_ensemble@0", "train_gan@0", "measure@0", "train_baseline@real-0", "evaluate"} <= set(ran)
    assert "prepare" not in ran
    assert read(project, "results/summary.json")["pretrained"][0]["sha256"] == checksum


def test_weights_that_are_gone_are_reported_before_anything_runs(project):
    weights = project.folder / "weights.safetensors"
    weights.rename(project.folder / "elsewhere")
    failed = project.try_call("dvc", "repro")
    (project.folder / "elsewhere").rename(weights)
    assert failed.returncode != 0
    assert "train_ensemble.classifier.weights: weights.safetensors: no such file; set it to none" in failed.stdout
    assert "Running stage 'train" not in failed.stdout
