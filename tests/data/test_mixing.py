"""Mixing of images and labels: MixUp and CutMix."""

import pytest
import torch
from pydantic import TypeAdapter

from ganaug.core.errors import InputError
from ganaug.data.mixing import Mixing, build_mixing


def mixed(name, count=8, labels=None, alpha=1.0, seed=0):
    """Mix plain images of the grey levels 0, 1, …, each of its own class, and return images and targets."""
    torch.manual_seed(seed)
    images = torch.arange(float(count))[:, None, None, None].expand(count, 1, 8, 8)
    labels = torch.arange(count) if labels is None else labels
    return build_mixing({"name": name, "alpha": alpha}, count)(images, labels)


def partners(targets):
    """Return the distances within the batch between the two images of each mixture."""
    pairs = [row.nonzero().flatten().tolist() for row in targets]
    return {abs(pair[0] - pair[1]) for pair in pairs if len(pair) == 2}


def test_without_mixing_there_is_none():
    assert build_mixing(None, 3) is None


@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
@pytest.mark.parametrize("seed", range(5))
def test_targets_are_probabilities_of_two_classes(name, seed):
    images, targets = mixed(name, seed=seed)
    assert (images.shape, targets.shape, targets.dtype) == ((8, 1, 8, 8), (8, 8), torch.float32)
    assert (targets >= 0).all()
    assert targets.sum(1) == pytest.approx(torch.ones(8))
    assert ((targets > 0).sum(1) <= 2).all()
    assert targets.sum(0) == pytest.approx(torch.ones(8), abs=1e-6)  # each image keeps its total weight


@pytest.mark.parametrize("seed", range(5))
def test_mixup_mixes_images_as_it_mixes_their_classes(seed):
    images, targets = mixed("MixUp", seed=seed)
    # the class is the grey level: λ a + (1 − λ) b is the mean of the levels under the target
    expected = targets @ torch.arange(8.0)
    torch.testing.assert_close(images, expected[:, None, None, None].expand(8, 1, 8, 8), atol=1e-5, rtol=0)


@pytest.mark.parametrize("seed", range(5))
def test_cutmix_gives_each_class_its_share_of_the_pixels(seed):
    images, targets = mixed("CutMix", seed=seed)
    shares = torch.stack([(images == level).flatten(1).float().mean(1) for level in range(8)], 1)
    torch.testing.assert_close(targets, shares, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
def test_any_two_images_of_a_batch_may_be_mixed(name):
    apart = set().union(*(partners(mixed(name, seed=seed)[1]) for seed in range(20)))
    assert apart == {1, 2, 3, 4, 5, 6, 7}  # never an image with itself


@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
def test_labels_may_be_probabilities(name):
    by_label = mixed(name)
    by_probability = mixed(name, labels=torch.eye(8))
    assert all(map(torch.equal, by_label, by_probability))
    _, targets = mixed(name, labels=torch.full((8, 8), 1 / 8))
    torch.testing.assert_close(targets, torch.full((8, 8), 1 / 8))


def test_the_global_generator_decides_on_mixtures():
    assert all(map(torch.equal, mixed("MixUp"), mixed("MixUp")))
    assert not torch.equal(mixed("MixUp")[1], mixed("MixUp", seed=1)[1])


def test_a_small_alpha_mixes_little():
    # λ ~ Beta(α, α): half of all λ are within about 0.5^(1/α) of 0 or 1
    least = [mixed("MixUp", alpha=alpha)[1].max(1).values.min() for alpha in (1e-3, 1e6)]
    assert least[0] > 0.99
    assert least[1] == pytest.approx(0.5, abs=0.01)


def test_mixing_leaves_its_arguments_alone():
    images, labels = torch.rand(4, 1, 8, 8), torch.eye(4)
    before = images.clone()
    build_mixing({"name": "MixUp", "alpha": 1.0}, 4)(images, labels)
    assert torch.equal(images, before)
    assert torch.equal(labels, torch.eye(4))


def test_mixing_is_read_with_its_usual_alpha():
    read = TypeAdapter(Mixing).validate_python
    assert read({"name": "CutMix"}) == {"name": "CutMix", "alpha": 1.0}
    assert read({"name": "MixUp", "alpha": 2}) == {"name": "MixUp", "alpha": 2.0}


@pytest.mark.parametrize("alpha", [0, -1, float("nan"), float("inf"), "1", None])
def test_alpha_is_a_number_above_0(alpha):
    with pytest.raises(InputError, match="MixUp has one parameter, alpha, above 0"):
        TypeAdapter(Mixing).validate_python({"name": "MixUp", "alpha": alpha})
