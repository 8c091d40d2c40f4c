"""`ganaug init` proposes a params.yaml that fits the data."""

import json
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from data_forms import EXAMPLES, make, noise, save
from ruamel.yaml import YAML
from scipy.io import wavfile

from ganaug.core import parallel
from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.plugins import build
from ganaug.data import preparation
from ganaug.data.preparation import prepare
from ganaug.data.sources.recordings import Recordings
from ganaug.experiment.params import check_params
from ganaug.experiment.planning import proposal
from ganaug.experiment.planning.duration import of_threads
from ganaug.experiment.planning.proposal import propose, recognise

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "example",
    [
        example
        for example in EXAMPLES
        if example["source"]["name"] not in ("digits", "mnist_5k", "recordings") and "labelled" not in example
    ],
    ids=lambda example: json.dumps(example["source"])[:60],
)
def test_documented_forms_are_recognised(example, tmp_path, write_mnist):
    path = make(example, tmp_path, write_mnist)
    found = recognise(path)
    assert found["name"] == example["source"]["name"]
    ours, expected = (build("data.sources", spec).load(path) for spec in (found, example["source"]))
    np.testing.assert_array_equal(ours.labels, expected.labels)
    assert ours.names == expected.names
    assert (ours.splits is None) == (expected.splits is None)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        # 8 speakers with 3000 to 5100 samples: the median, 4050, holds 2048 once
        ("digits", {"label": "^([^_]+)_", "window": 2048, "fft": 128}),
        ("bearings", {"window": 1024, "block": 6144, "fft": 64}),
    ],
)
def test_recordings_are_recognised(form, expected, tmp_path, write_mnist):
    path = make({"path": form}, tmp_path, write_mnist)
    found = recognise(path)
    assert found == {"name": "recordings"} | expected
    assert len(build("data.sources", found).load(path).classes) == 2


@pytest.mark.parametrize("content", ["nothing", "text", "one class", "arrays without labels"])
def test_what_no_source_reads_is_refused_with_the_remedy(tmp_path, content):
    path = tmp_path / "data"
    path.mkdir()
    if content == "text":
        (path / "notes.txt").write_text("to do", encoding="utf-8")
    elif content == "one class":
        save(path / "a/1.png")
    elif content == "arrays without labels":
        np.save(path / "images.npy", noise((5, 8, 8)))
    with pytest.raises(InputError, match=r"a folder for each of two or more classes; docs/data.md shows .*: .*folder"):
        recognise(path)


def test_missing_data_are_reported(tmp_path):
    with pytest.raises(InputError, match="no such file or folder; give the path that contains your images"):
        recognise(tmp_path / "nowhere")


@pytest.fixture
def proposed(tmp_path, monkeypatch):
    """Return a function that proposes params.yaml for tmp_path/raw, checks it, and returns its content and text."""

    def propose_here(seconds=0.05, prepared=True, base="params.yaml"):
        monkeypatch.setattr(proposal, "seconds_per_step", lambda *_: seconds)
        monkeypatch.setattr(parallel, "cores", lambda: 2)
        text = propose(tmp_path / "raw", ParamsFile.load(ROOT / base))
        file = tmp_path / "params.yaml"
        file.write_text(text, encoding="utf-8")
        params = check_params(ParamsFile.load(file))
        if prepared:  # there are enough images in every split
            work = tmp_path / "work"
            work.mkdir(exist_ok=True)
            prepare(params.prepare, 0, params.replicates, work)
        return YAML(typ="safe").load(text), text

    return propose_here


def fill(folder, per_class, shape=(40, 40, 3), dtype=np.uint8, scale=1):
    for name, count in per_class.items():
        for index in range(count):
            save(folder / "raw" / name / f"{index}.png", noise(shape).astype(dtype) * scale)


def test_few_photographs_use_all_labels(tmp_path, proposed):
    fill(tmp_path, {"a": 30, "b": 30})
    content, text = proposed()
    chosen = content["prepare"]
    assert chosen["source"] == {"name": "folder"}
    assert (chosen["size"], chosen["test"], chosen["val"]) == (None, 0.3, 0.2)
    assert chosen["labelled_per_class"] == "all"
    assert "all images have 40×40 pixels" in text
    assert "source: {name: folder}  " in text  # on one line, as people write it
    assert "gan_classical: {synthetic: [0, 0.25, 0.5], transforms: *classical}" in text
    assert content["arms"]["baseline"].keys() == {"real", "classical"}
    assert content["train_gan"]["diffaugment"] == ["color", "affine", "cutout"]
    # 5 replicates on 2 cores are 3 rounds: 2700 s / 3 / 0.05 s = 18,000 steps, more than MOST_STEPS
    assert content["train_gan"]["steps"] == 10_000


@pytest.mark.parametrize(("seconds", "steps", "rate"), [(0.5, 1800, 5e-4), (1.0, 900, 2e-3), (50.0, 400, 2e-3)])
def test_steps_are_what_fits_into_an_hour(tmp_path, proposed, seconds, steps, rate):
    fill(tmp_path, {"a": 30, "b": 30}, (16, 16))
    content, _ = proposed(seconds)
    assert content["train_gan"]["steps"] == steps
    assert content["train_gan"]["learning_rate"] == rate
    assert content["train_gan"]["diffaugment"] == ["affine"]


def test_a_value_that_stays_keeps_its_spelling(tmp_path, proposed):
    fill(tmp_path, {"a": 30, "b": 30}, (16, 16))
    _, text = proposed(1.0)
    assert text.count("learning_rate: 2.0e-3") == 4  # of ensembles, generator and discriminator, and arms
    assert "0.002" not in text
    _, text = proposed(0.5)
    assert "\n  learning_rate: 0.0005 " in text


def test_large_batches_are_not_timed_if_small_ones_are_slow(tmp_path, monkeypatch):
    fill(tmp_path, {"a": 30, "b": 30}, (16, 16))
    timed = Mock(return_value=1.0)
    monkeypatch.setattr(proposal, "seconds_per_step", timed)
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    propose(tmp_path / "raw", ParamsFile.load(ROOT / "params.yaml"))
    (settings, _), _ = timed.call_args
    assert (timed.call_count, settings.batch_size) == (1, 32)


def test_a_file_without_classical_transforms_is_a_base_too(tmp_path, proposed):
    fill(tmp_path, {"a": 200, "b": 210}, (8, 8))
    content, _ = proposed(base="tests/tiny_params.yaml")
    assert content["arms"]["baseline"]["classical"] == {"transforms": []}


def test_splits_fit_few_patients_with_many_images_each(tmp_path, proposed):
    """0.1 of 60 images would be 6, and each patient has 20: the validation set would be empty."""
    lines = [f"{name}{index},{name},{name}{index // 20}" for name in ("a", "b") for index in range(60)]
    for line in lines:
        save(tmp_path / f"raw/{line.partition(',')[0]}.png", noise((8, 8, 3)).astype(np.uint8))
    (tmp_path / "raw/labels.csv").write_text("\n".join(["image,label,patient", *lines]))
    content, _ = proposed()
    assert content["prepare"]["source"]["group"] == "patient"
    assert content["prepare"]["val"] == 0.2


def test_many_labels_are_limited_and_arms_have_more(tmp_path, proposed):
    fill(tmp_path, {"a": 200, "b": 210}, (8, 8))
    content, _ = proposed()
    assert content["prepare"]["labelled_per_class"] == 20
    assert content["arms"]["baseline"].keys() == {"real", "classical", "classical_40", "classical_all"}


def test_rare_classes_get_arms_of_their_own(tmp_path, proposed):
    fill(tmp_path, {"a": 80, "b": 12}, (8, 8))
    content, text = proposed()
    assert content["train_gan"]["balanced"] is True
    assert content["arms"]["augmented"]["gan_rare"]["synthetic_for"] == "short"
    assert "images of the rarest class" in text


def test_oblong_photographs_are_cropped_to_a_square(tmp_path, proposed):
    fill(tmp_path, {"a": 30, "b": 30}, (90, 140, 3))
    content, _ = proposed()
    assert (content["prepare"]["size"], content["prepare"]["fit"]) == (32, "crop")


def test_scans_of_unknown_depth_get_percentiles(tmp_path, proposed):
    fill(tmp_path, {"a": 30, "b": 30}, (16, 16), np.uint16, 16)
    content, _ = proposed()
    assert content["prepare"]["values"] == {"percentiles": [0.5, 99.5]}


@pytest.fixture
def spoken(tmp_path):
    """Write 30 recordings of each of two classes, each one window long."""
    (tmp_path / "raw").mkdir()
    for name in ("no", "yes"):
        for index in range(30):
            wavfile.write(tmp_path / "raw" / f"{name}_{index}.wav", 8000, noise(1024).astype(np.int16) * 100)


def test_spectrograms_are_shifted_in_time_only(spoken, proposed):
    content, text = proposed()
    assert content["prepare"]["source"]["name"] == "recordings"
    shift = {"name": "RandomAffine", "degrees": 0, "translate": [0.1, 0]}  # torchvision takes the horizontal part first
    ensemble, arm = content["train_ensemble"], content["arms"]["augmented"]["gan_classical"]
    assert ensemble["transforms"] == arm["transforms"] == [shift]
    assert content["train_gan"]["diffaugment"] == ["translation", "cutout"]
    assert "mirrored images keep their class" not in text


def test_steps_are_timed_with_the_threads_of_a_stage(tmp_path, monkeypatch):
    fill(tmp_path, {"a": 30, "b": 30}, (16, 16))
    seen = []
    monkeypatch.setattr(proposal, "seconds_per_step", lambda *_: seen.append(torch.get_num_threads()) or 1.0)
    with of_threads(2):
        propose(tmp_path / "raw", ParamsFile.load(ROOT / "params.yaml"))  # its `threads` is 1
        assert torch.get_num_threads() == 2
    assert seen == [1]


def test_data_are_read_once(spoken, proposed, monkeypatch):
    loads = Mock(side_effect=Recordings.load)
    monkeypatch.setattr(Recordings, "load", lambda source, path: loads(source, path))
    reads = Mock(side_effect=preparation.read_uniform)
    monkeypatch.setattr(preparation, "read_uniform", reads)
    content, _ = proposed(prepared=False)
    assert content["prepare"]["values"] == {"percentiles": [0.5, 99.5]}  # decibels are not grey levels
    assert loads.call_count == reads.call_count == 1


def test_own_splits_are_kept(tmp_path, proposed):
    for part, count in (("train", 20), ("valid", 6), ("test", 9)):
        for name in "ab":
            for index in range(count):
                save(tmp_path / "raw" / part / name / f"{index}.png")
    content, _ = proposed()
    assert (content["prepare"]["val"], content["prepare"]["test"]) == (None, None)
    assert content["prepare"]["source"] == {"name": "folder", "splits": "auto"}
