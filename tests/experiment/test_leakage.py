"""Synthetic images do not depend on the test set, and nothing is trained on validation images."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from project import warm_server
from ruamel.yaml import YAML

from ganaug.data.images import LabelledImages

ROOT = Path(__file__).parents[2]
STAGES = ("choose_precision",), ("train_ensemble", "0"), ("train_gan", "0"), ("generate", "0"), ("measure", "0")
WEIGHTS = {
    "models/ensemble/0/folds.npy",
    "models/ensemble/0/member_0.safetensors",
    "models/ensemble/0/member_1.safetensors",
    "models/ensemble/0/probabilities/other_domain.npy",
    "models/ensemble/0/probabilities/unlabelled.npy",
    "models/gan/0/discriminator.safetensors",
    "models/gan/0/generator.safetensors",
    "data/synthetic/0/images.npy",
    "data/synthetic/0/labels.npy",
}

pytestmark = pytest.mark.slow


def watermarked(images: LabelledImages) -> LabelledImages:
    """Return the images with a watermark: a bright corner."""
    marked = np.array(images.images)
    marked[:, :, :3, :3] = 255
    return LabelledImages(marked, images.labels, images.classes, images.source)


def run(
    folder: Path, changes: dict[str, object], train: LabelledImages, val: LabelledImages, test: LabelledImages | None
) -> dict[str, bytes]:
    """Run the stages on these sets and return the content of everything they write, except seconds.

    changes: to section train_gan of the tiny run.
    """
    params = YAML(typ="safe").load(ROOT / "tests/tiny_params.yaml")
    params["train_gan"] |= changes | {"keep": "last", "unlabelled": "pseudo_labels", "pseudo_label_threshold": 0.0}
    params["generate"] |= {"candidates_per_image": 2.0, "policy": {"name": "density_ratio"}, "labels": "soft"}
    folder.mkdir()
    YAML().dump(params, folder / "params.yaml")
    shutil.copytree(ROOT / "pipeline", folder / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    prepared = folder / "data/prepared"
    train.save(prepared / "0/train")
    train.subset(np.arange(0, len(train), 2)).without_labels().save(prepared / "0/unlabelled")
    train.subset([]).save(prepared / "other_domain")
    val.save(prepared / "val")
    if test is not None:
        test.save(prepared / "test")
    before = set(folder.rglob("*"))
    for stage, *arguments in STAGES:
        command = [*shlex.split(warm_server()), "python", f"pipeline/{stage}.py", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    written = (file for top in ("data", "models", "results/synthetic") for file in (folder / top).rglob("*.*"))
    return {str(file.relative_to(folder)): file.read_bytes() for file in written if file not in before}


@pytest.fixture(scope="module")
def sets(two_colours):
    """Return training, validation and test images; the last two have a watermark."""
    return two_colours(12), watermarked(two_colours(10, seed=1)), watermarked(two_colours(20, seed=2))


@pytest.fixture(scope="module", params=["from_noise", "translated"])
def gan(request):
    """Return changes to section train_gan: a GAN that starts from noise, and one that starts from training images."""
    if request.param == "from_noise":
        return {}
    return {"network": {"name": "stargan", "channels": 4, "blocks": 1}}


@pytest.fixture(scope="module")
def whole(gan, sets, tmp_path_factory):
    return run(tmp_path_factory.mktemp("leakage") / "whole", gan, *sets)


def test_there_is_something_to_compare(whole):
    assert WEIGHTS | {"results/synthetic/0/CARD.md", "models/gan/0/health.json"} <= set(whole)
    assert not any("test" in name for name in whole)


def test_without_a_test_set_the_results_are_the_same(gan, sets, whole, tmp_path):
    assert run(tmp_path / "run", gan, *sets[:2], None) == whole


def test_other_validation_images_change_measurements_and_no_weights(gan, sets, whole, tmp_path, two_colours):
    # members are evaluated once and the last generator is kept, so val chooses nothing
    train, _, test = sets
    others = two_colours(14, seed=3)
    wrong = LabelledImages(others.images, 1 - others.labels, others.classes, others.source)
    found = run(tmp_path / "run", gan, train, wrong, test)
    changed = {name for name in whole if found[name] != whole[name]}
    assert not changed & WEIGHTS
    assert {
        "models/gan/0/health.json",
        "results/synthetic/0/quality.json",
        "results/synthetic/0/samples.csv",
    } <= changed
