"""A peer's networks are trained by its own step and by the project's."""

from copy import deepcopy

import pytest
import torch
from gan_step import noise
from peers import PyTorchGan

from ganaug.gan.module import LitGAN
from ganaug.gan.networks import Shape
from ganaug.gan.settings import TrainGan


@pytest.fixture
def peer():
    return PyTorchGan()


def test_the_peers_step_trains_both_networks(peer, monkeypatch):
    g, d = peer.layers()
    before = deepcopy(g.state_dict()), deepcopy(d.state_dict())
    monkeypatch.setattr(PyTorchGan, "layers", lambda _: (g, d))
    peer.step()(torch.rand(4, 3, 32, 32))
    for network, old in zip((g, d), before, strict=True):
        assert all(not torch.equal(value, old[name]) for name, value in network.state_dict().items())


def test_the_project_trains_the_same_networks(peer):
    gan = LitGAN(TrainGan(network=peer, objective=peer.objective, steps=1), noise((3, 32, 32)), 0)
    for mine, theirs in zip((gan.generator, gan.discriminator), peer.layers(), strict=True):
        sizes = [weight.shape for weight in mine.parameters()]
        assert sizes == [weight.shape for weight in theirs.parameters()]
    images = gan.generator(torch.randn(2, peer.z_dim), torch.eye(10)[:2])
    assert images.shape == (2, *Shape(3, 32, 32))
    assert gan.discriminator(images, torch.eye(10)[:2]).realness.shape == (2,)
