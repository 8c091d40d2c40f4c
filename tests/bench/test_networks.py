"""The reference that a network's speed is compared with."""

import networks
import pytest
import torch

from ganaug.core.plugins import available
from ganaug.gan.conditioning import conditions


@pytest.mark.parametrize("player", ["generator", "discriminator"])
@pytest.mark.parametrize("name", available("gan.networks"))
def test_the_reference_is_differentiated_as_the_network_is(name, player, monkeypatch):
    monkeypatch.setattr(networks, "ROUNDS", 1)
    network = networks.build_network(name, 8)
    module = getattr(network, player)(networks.SHAPE, networks.CLASSES)
    images = torch.rand(2, *networks.SHAPE, requires_grad=True)
    first = torch.randn(2, network.z_dim) if player == "generator" else images
    source = (images,) if getattr(module, "translates", False) else ()
    rounds, _ = networks.measure(module, (first, conditions(torch.tensor([0, 1]), networks.CLASSES), *source))
    assert min(rounds[0]) > 0
    # the last to run was a reference: gradients have reached every kernel
    trained = {name: weight for name, weight in module.named_parameters() if weight.requires_grad}
    kernels = {name: kernel for name, kernel in trained.items() if kernel.ndim == 4}
    assert [name for name, kernel in kernels.items() if kernel.grad is None] == []
