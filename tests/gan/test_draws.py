"""Devices draw together what one device draws alone."""

import pytest
import torch
from torch import distributed

from ganaug.gan.draws import per_image, same_images


@pytest.fixture
def device(monkeypatch):
    """Return a function that makes this process one of several devices."""

    def become(rank, devices):
        monkeypatch.setattr(distributed, "is_initialized", lambda: True)
        monkeypatch.setattr(distributed, "get_rank", lambda: rank)
        monkeypatch.setattr(distributed, "get_world_size", lambda: devices)

    return become


def draw(count):
    return per_image(torch.randn, count, 2, generator=torch.Generator().manual_seed(5))


def test_devices_have_the_numbers_of_one_device_in_turn(device):
    whole = draw(6)
    assert torch.equal(whole, torch.randn(6, 2, generator=torch.Generator().manual_seed(5)))
    for rank in range(3):
        device(rank, 3)
        assert torch.equal(draw(2), whole[rank::3])


def test_devices_with_the_same_images_draw_the_same_numbers(device):
    whole = draw(4)
    device(1, 2)
    with same_images():
        assert torch.equal(draw(4), whole)
    assert not torch.equal(draw(4), whole)
