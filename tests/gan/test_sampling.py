"""Latents from seeds, and images from latents."""

import numpy as np
import pytest
import torch
from torch import Tensor

from ganaug.gan.networks import Generator, Rendering, Shape
from ganaug.gan.networks.resnet import ResNet
from ganaug.gan.networks.stylegan2 import StyleGan2
from ganaug.gan.sampling import image_seeds, latents, sample

NETWORK = ResNet(z_dim=5, channels=4)


@pytest.fixture
def generator():
    """Return a generator of 3×8×10 pixels whose two classes look different."""
    torch.manual_seed(0)
    generator = NETWORK.generator(Shape(3, 8, 10), 2)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return generator


def draw(generator, labels, seeds, **options):
    return np.concatenate(list(sample(generator, np.asarray(labels), seeds, **options)))


@pytest.mark.parametrize("rendering", [Rendering(0.7, 0.5), Rendering(halvings=1), Rendering(0.7, 0.5, 1)])
def test_an_image_does_not_depend_on_how_many_follow_it_at_any_cost(rendering):
    network = StyleGan2(z_dim=5, channels=4, widths=(0.5,), halvings=1)
    generator = network.generator(Shape(1, 9, 8), 2)
    labels, seeds = np.arange(70) % 2, image_seeds(0, 70)
    whole, few = (draw(generator, labels[:count], seeds[:count], rendering=rendering) for count in (70, 3))
    assert whole.shape[2:] == ((5, 4) if rendering.halvings else (9, 8))
    np.testing.assert_array_equal(whole[:3], few)
    as_trained = draw(generator, labels[:3], seeds[:3])
    assert as_trained.shape != few.shape or (as_trained != few).any()
    assert generator.rendering == Rendering()


def test_the_first_seeds_do_not_depend_on_the_count():
    assert image_seeds(7, 5).tolist() == image_seeds(7, 100)[:5].tolist()
    assert len(set(image_seeds(7, 1000)) | set(image_seeds(8, 1000))) == 2000


def test_a_latent_depends_on_its_own_seed_only():
    seeds = image_seeds(0, 6)
    together = latents(seeds, 5)
    assert together.shape == (6, 5)
    for row, seed in zip(together, seeds, strict=True):
        assert torch.equal(latents([seed], 5)[0], row)
    assert torch.equal(latents(seeds[::-1], 5).flip(0), together)
    assert len({tuple(row.tolist()) for row in together}) == 6


def test_latents_do_not_use_the_global_generator():
    before = torch.get_rng_state()
    latents([1, 2], 4)
    assert torch.equal(torch.get_rng_state(), before)


def test_latents_are_standard_normal():
    # 20,000 draws: the mean is 0 ± 0.007, the standard deviation 1 ± 0.005 (one standard error)
    z = latents(image_seeds(0, 1000), 20)
    assert z.mean().abs() < 0.03
    assert (z.std() - 1).abs() < 0.02
    assert torch.corrcoef(z.T).fill_diagonal_(0).abs().max() < 0.16  # 1000 rows: 0 ± 0.032 (one standard error)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 130])
def test_one_uint8_image_for_each_label(generator, count):
    images = draw(generator, np.zeros(count, np.int64), image_seeds(0, count))
    assert (images.dtype, images.shape) == (np.uint8, (count, 3, 8, 10))


@pytest.mark.parametrize("count", [1, 10, 64, 65, 129])
def test_an_image_does_not_depend_on_how_many_follow_it(generator, count):
    labels, seeds = np.arange(150) % 2, image_seeds(0, 150)
    assert np.array_equal(draw(generator, labels[:count], seeds[:count]), draw(generator, labels, seeds)[:count])


def test_an_image_does_not_depend_on_the_other_labels_and_seeds(generator):
    alone = draw(generator, np.zeros(1, np.int64), image_seeds(0, 1))[0]
    seeds = np.concatenate([image_seeds(0, 1), image_seeds(1, 20)])
    assert np.array_equal(draw(generator, [0] + [1] * 20, seeds)[0], alone)


class Rounding(Generator):
    """Stands for arithmetic that depends on the batch size: the images' brightness is the batch size."""

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        return torch.full((len(z), 1, 2, 2), len(z) / 255)


@pytest.mark.parametrize("count", [1, 64, 65, 100])
def test_the_batch_size_is_always_the_same(count):
    images = draw(Rounding(5, 2), np.zeros(count, np.int64), image_seeds(0, count))
    assert len(np.unique(images)) == 1
    assert np.array_equal(images[0], draw(Rounding(5, 2), np.zeros(3, np.int64), image_seeds(0, 3))[0])


def test_label_and_seed_both_matter(generator):
    seeds = image_seeds(0, 2)
    images = draw(generator, [0, 1, 0], [seeds[0], seeds[0], seeds[1]])
    assert len({image.tobytes() for image in images}) == 3


def test_sampling_does_not_change_the_generator(generator):
    generator.train()
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    draw(generator, [0, 1], image_seeds(0, 2))
    assert generator.training
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())
