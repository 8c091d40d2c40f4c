"""The average of the weights, against sequences computed by hand."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from ganaug.gan.ema import EMA, decay, refresh_spectral_norm


class Weight(nn.Module):
    """One weight and batch norm's statistics."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.norm = nn.BatchNorm1d(1, affine=False)

    def become(self, value: float) -> "Weight":
        """Set the weight and the running mean to `value`, and the running variance to its square."""
        with torch.no_grad():
            self.weight.fill_(value)
        self.norm.running_mean.fill_(value)
        self.norm.running_var.fill_(value * value)
        return self


def update(ema: EMA, generator: nn.Module, step: int) -> None:
    ema.on_train_batch_end(None, SimpleNamespace(generator=generator), None, None, step)


def test_weight_halves_after_the_half_life():
    late = 10**9  # images, after the ramp-up
    assert decay(late, 5000, 5000) == pytest.approx(0.5)
    assert decay(late, 50, 5000) ** 100 == pytest.approx(0.5)  # 100 updates of 50 images
    assert decay(late, 10_000, 5000) == pytest.approx(0.25)


def test_half_life_ramps_up_with_a_twentieth_of_the_images_seen():
    assert decay(2000, 100, 5000) == pytest.approx(0.5)  # 2000 / 20 = 100 images
    assert decay(1000, 100, 5000) == pytest.approx(0.25)  # 50 images: two half-lives per batch
    assert decay(100_000, 100, 5000) == decay(200_000, 100, 5000)  # 5000 is reached at 100,000
    assert decay(0, 100, 5000) == 0


def test_average_of_weights_and_batch_norm_statistics_follows_the_hand_computed_sequence():
    generator = Weight()
    ema = EMA(
        SimpleNamespace(generator=generator), "generator", batch_size=10, half_life=10
    )  # ramp-up ends at 200 images, 20 steps
    # the first update copies the weights; from step 20 on, each update halves the old share
    for step, value, weight, variance in (
        (0, 0.0, 0.0, 0.0),
        (21, 1.0, 0.5, 0.5),
        (22, 1.0, 0.75, 0.75),
        (23, 4.0, 2.375, 8.375),  # (0.75 + 4) / 2 and (0.75 + 16) / 2
    ):
        update(ema, generator.become(value), step)
        assert ema.network.weight.item() == pytest.approx(weight)
        assert ema.network.norm.running_mean.item() == pytest.approx(weight)
        assert ema.network.norm.running_var.item() == pytest.approx(variance)


def test_steps_of_the_ramp_up_are_counted_in_images():
    generator = Weight()
    ema = EMA(SimpleNamespace(generator=generator), "generator", batch_size=10, half_life=1000)
    update(ema, generator.become(0), 0)
    # the 2nd step ends at 20 images: half-life 1, a batch of 10 keeps 2^−10 of the old
    update(ema, generator.become(1024), 1)
    assert ema.network.weight.item() == pytest.approx(1023)
    # the 40th step ends at 400 images: half-life 20, so √½ is kept
    update(ema, generator.become(0), 39)
    assert ema.network.weight.item() == pytest.approx(1023 * 0.5**0.5)


def test_the_average_is_a_copy():
    generator = Weight().become(3)
    ema = EMA(SimpleNamespace(generator=generator), "generator", batch_size=10, half_life=10)
    assert ema.network.weight.item() == 3
    generator.become(5)
    assert ema.network.weight.item() == 3
    update(ema, generator, 0)
    update(ema, generator.become(7), 51)
    assert (generator.weight.item(), ema.network.weight.item()) == (7, 6)


def test_the_state_can_be_saved_and_loaded(tmp_path):
    generator = Weight()
    ema = EMA(SimpleNamespace(generator=generator), "generator", batch_size=10, half_life=10)
    for step, value in ((0, 1.0), (31, 2.0)):
        update(ema, generator.become(value), step)
    torch.save(ema.state_dict(), tmp_path / "ema.pt")
    resumed = EMA(SimpleNamespace(generator=Weight()), "generator", batch_size=10, half_life=10)
    resumed.load_state_dict(torch.load(tmp_path / "ema.pt", weights_only=True))
    assert resumed.network.weight.item() == 1.5
    for one in (ema, resumed):
        update(one, generator.become(4), 32)
        assert one.network.weight.item() == pytest.approx(2.75)  # (1.5 + 4) / 2: it does not start again at 4
        assert one.network.norm.running_mean.item() == pytest.approx(2.75)


def test_counts_are_copied():
    generator = Weight()
    ema = EMA(SimpleNamespace(generator=generator), "generator", batch_size=10, half_life=10)
    for step in range(30):
        generator.norm(torch.ones(2, 1))  # counts a batch
        update(ema, generator, step)
    assert ema.network.norm.num_batches_tracked.item() == 30


@pytest.mark.parametrize("training", [True, False])
def test_refreshed_spectral_norms_divide_by_the_largest_singular_value(training):
    torch.manual_seed(0)
    network = nn.Sequential(spectral_norm(nn.Linear(5, 4)), nn.ReLU(), nn.Linear(4, 2)).train(training)
    norm = network[0].parametrizations.weight[0]
    original, plain = network[0].parametrizations.weight.original.clone(), network[2].weight.clone()
    for vector in (norm._u, norm._v):
        vector.mul_(0.3)  # like an average of different vectors
    assert refresh_spectral_norm(network) is network
    assert network.training is training
    network.eval()
    expected = original / torch.linalg.matrix_norm(original, 2)
    torch.testing.assert_close(network[0].weight, expected, rtol=1e-3, atol=1e-4)
    assert torch.equal(network[0].parametrizations.weight.original, original)
    assert torch.equal(network[2].weight, plain)
