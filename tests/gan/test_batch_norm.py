"""Batch norm over several devices. That two train like one is shown in test_several_devices.py."""

from copy import deepcopy

import pytest
import torch
from torch import distributed, nn

from ganaug.gan.batch_norm import GlobalBatchNorm


@pytest.fixture
def one_process(tmp_path):
    """Start a group of one process."""
    distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


LAYERS = [
    (nn.BatchNorm1d(3), (5, 3)),
    (nn.BatchNorm2d(3, affine=False), (5, 3, 2, 4)),
    (nn.BatchNorm2d(3, momentum=None), (5, 3, 2, 4)),
    (nn.BatchNorm2d(3, track_running_stats=False, eps=0.1), (5, 3, 2, 4)),
    (nn.BatchNorm3d(3), (5, 3, 2, 2, 2)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda value: str(value))
def test_on_one_device_it_is_batch_norm(one_process, layer, shape):
    """Outputs, gradients and running statistics of three batches equal PyTorch's, also in evaluation mode."""
    plain, whole = nn.Sequential(deepcopy(layer)), GlobalBatchNorm().apply(nn.Sequential(deepcopy(layer)))
    assert ("forward" in vars(plain[0]), "forward" in vars(whole[0])) == (False, True)
    results = []
    for network in (plain, whole):
        draws = torch.Generator().manual_seed(0)
        network.train()
        found = []
        for _ in range(3):
            x = torch.randn(shape, generator=draws).mul_(2).add_(1).requires_grad_()
            y = network(x)
            y.square().mul(torch.rand(shape, generator=draws)).sum().backward()
            found += [y.detach(), x.grad]
        network.eval()
        found += [network(torch.ones(shape)).detach(), *(value.clone().float() for value in network.buffers())]
        results.append(found)
    for expected, value in zip(*results, strict=True):
        torch.testing.assert_close(value, expected, rtol=1e-4, atol=1e-5)


def test_layers_are_changed_in_place_and_back():
    class Own(nn.BatchNorm2d):
        """Some other batch norm."""

    network = nn.Sequential(nn.BatchNorm2d(2), nn.Conv2d(2, 2, 1), Own(2))
    before = list(network), list(network.state_dict())
    GlobalBatchNorm().apply(network)
    assert "forward" in vars(network[0])
    assert not any("forward" in vars(layer) for layer in network[1:])
    GlobalBatchNorm().revert(network)
    assert "forward" not in vars(network[0])
    assert (list(network), list(network.state_dict())) == before
