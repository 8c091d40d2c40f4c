"""Every network of the bench gets a valid experiment that differs in the GAN only."""

import argparse
import runpy
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ganaug.core.config import ParamsFile
from ganaug.experiment.params import read_params

FOLDER = Path(__file__).parents[2] / "bench"
OPTIONS = argparse.Namespace(replicates=2, seeds=3, steps=400, batch=32, input_size=96)


@pytest.fixture
def bench():
    return runpy.run_path(str(FOLDER / "projected.py"))


def test_networks_differ_in_the_gan_only(bench, tmp_path):
    pytest.importorskip("timm", reason="needs the extra `pretrained`")

    def read(network):
        path = tmp_path / f"{network}.yaml"
        YAML().dump(bench["params"](network, Path("data/raw"), OPTIONS), path)
        return read_params(ParamsFile.load(path))

    first, *others = (read(network) for network in bench["NETWORKS"])
    assert first.augmented[bench["ARM"]].synthetic_shares == (0, 0.25, 0.5)
    assert (first.train_gan.steps, first.train_gan.batch_size, first.train_classifier.seeds) == (400, 32, 3)
    for other in others:
        assert other.train_gan.network.input_size == 96
        assert other.train_gan.steps == first.train_gan.steps
        assert other._replace(train_gan=first.train_gan, path=first.path) == first
