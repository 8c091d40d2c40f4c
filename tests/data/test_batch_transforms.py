"""Transforms of whole batches: each image is as torchvision transforms it, and draws have the same distributions."""

import numpy as np
import pytest
import torch
from torchvision.transforms import InterpolationMode, v2

from ganaug.data.batch_transforms import BATCH_TRANSFORMS, CHANCES, on_batch

BILINEAR = InterpolationMode.BILINEAR
TRANSFORMS = {
    "affine, nearest": v2.RandomAffine(25, translate=(0.3, 0.2), scale=(0.6, 1.5), shear=(-20, 20, -10, 15)),
    "affine, bilinear": v2.RandomAffine((-180, 180), shear=12, interpolation=BILINEAR),
    "affine, fill, centre": v2.RandomAffine(90, scale=(0.5, 2), interpolation=BILINEAR, fill=200, center=(2, 5)),
    "rotation, bilinear": v2.RandomRotation((-170, 100), interpolation=BILINEAR),
    "rotation, fill, centre": v2.RandomRotation(50, fill=30, center=(0, 3)),
    "crop": v2.RandomCrop((12, 9), padding=3),
    "crop, sides, reflect": v2.RandomCrop((12, 9), padding=[1, 2, 0, 4], padding_mode="reflect"),
    "crop, fill": v2.RandomCrop((12, 9), padding=(2, 3), fill=77),
    "crop, smaller": v2.RandomCrop((5, 4)),
    "crop, pad if needed": v2.RandomCrop((14, 13), pad_if_needed=True, padding=1),
    "resized crop": v2.RandomResizedCrop((12, 9)),
    "resized crop, narrow": v2.RandomResizedCrop((12, 9), scale=(0.9, 1.0), ratio=(3.0, 4.0)),
    "jitter": v2.ColorJitter(0.5, 0.5, 0.5, 0.3),
    "jitter, brightness": v2.ColorJitter(brightness=(0.2, 3.0)),
    "jitter, hue": v2.ColorJitter(hue=0.5),
    "flip": v2.RandomHorizontalFlip(),
    "flip, vertical": v2.RandomVerticalFlip(0.3),
    "grayscale": v2.RandomGrayscale(0.5),
    "invert": v2.RandomInvert(),
    "posterize": v2.RandomPosterize(3),
    "solarize": v2.RandomSolarize(120),
    "autocontrast": v2.RandomAutocontrast(),
    "equalize": v2.RandomEqualize(),
    "sharpness": v2.RandomAdjustSharpness(3.0),
}
COUNT = 40


def images(channels: int = 3, height: int = 12, width: int = 9) -> torch.Tensor:
    """Return smooth noise: with sharp noise, a sampling position a millionth of a pixel apart could be a grey level."""
    generator = torch.Generator().manual_seed(channels)
    coarse = torch.rand(COUNT, channels, 4, 4, generator=generator) * 255
    return torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear").round().byte()


def draws_of(draws: dict, number: int) -> dict:
    """Return one image's draws as torchvision takes them."""

    def plain(name, value):
        if not isinstance(value, torch.Tensor):
            return value
        row = value[number]
        return row if name == "fn_idx" else row.tolist()

    return {name: plain(name, value) for name, value in draws.items()}


def test_every_transform_is_compared():
    assert {type(transform) for transform in TRANSFORMS.values()} == set(BATCH_TRANSFORMS)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_an_image_is_what_torchvision_makes_of_it_with_the_same_draws(name, channels):
    transform, given = TRANSFORMS[name], images(channels)
    if isinstance(transform, v2.RandomGrayscale) and channels == 1:
        pytest.skip("torchvision makes one grey channel of one")
    torch.manual_seed(1)
    known = BATCH_TRANSFORMS[type(transform)]
    draws = known.draw(transform, COUNT, (12, 9))
    changed = known.apply(transform, given.clone(), draws)
    assert changed.dtype == torch.uint8
    expected = given.clone() if type(transform) in CHANCES else changed.clone()
    for number, image in enumerate(given):
        if type(transform) not in CHANCES:
            expected[number] = transform.transform(image, draws_of(draws, number))
        elif draws["chosen"][number]:
            expected[number] = transform.transform(image, transform.make_params([image]))
    apart = (changed.int() - expected.int()).abs()
    if "nearest" in name or "rotation, fill" in name:  # a position between two pixels may be rounded to either
        assert (apart > 1).float().mean() < 0.01
    elif name == "jitter":  # later changes enlarge a difference of one
        assert (apart > 1).float().mean() < 0.01
        assert apart.max() <= 2
    else:
        assert apart.max() <= 1


@pytest.mark.parametrize("name", [name for name, one in TRANSFORMS.items() if type(one) not in CHANCES])
def test_draws_have_torchvisions_names_and_distributions(name):
    transform, size = TRANSFORMS[name], (12, 9)
    torch.manual_seed(0)
    one_by_one = [transform.make_params([torch.zeros(3, *size)]) for _ in range(2000)]
    draws = BATCH_TRANSFORMS[type(transform)].draw(transform, 2000, size)
    assert draws.keys() == one_by_one[0].keys()
    for key, drawn in draws.items():
        if not isinstance(drawn, torch.Tensor):
            assert key == "needs_crop" or drawn == one_by_one[0][key], key
            continue
        expected = np.array([np.asarray(one[key], dtype=float) for one in one_by_one]).reshape(2000, -1)
        found = drawn.reshape(2000, -1).double().numpy()
        error = (expected.std(0) + found.std(0)) / np.sqrt(2000)
        assert np.all(np.abs(found.mean(0) - expected.mean(0)) <= 4.5 * error + 1e-6), key
        # of 2,000 draws each, no tail differs
        quantiles = [np.quantile(one, [0.02, 0.5, 0.98], axis=0) for one in (found, expected)]
        spread = expected.max(0) - expected.min(0)
        assert np.all(np.abs(quantiles[0] - quantiles[1]) <= np.maximum(0.08 * spread, 1e-6) + (spread >= 1) * 1.0), key


@pytest.mark.parametrize("transform", [one for one in TRANSFORMS.values() if type(one) in CHANCES])
def test_a_share_of_the_images_is_changed(transform):
    torch.manual_seed(0)
    chosen = BATCH_TRANSFORMS[type(transform)].draw(transform, 10_000, (8, 8))["chosen"]
    assert chosen.float().mean().item() == pytest.approx(transform.p, abs=0.02)


@pytest.mark.parametrize(
    "transform",
    [
        v2.RandAugment(),
        v2.RandomRotation(10, expand=True),
        v2.RandomResizedCrop(8, interpolation=InterpolationMode.BICUBIC),
        type("Own", (v2.RandomHorizontalFlip,), {})(),
    ],
)
def test_what_is_not_implemented_for_batches_is_left_to_torchvision(transform):
    assert on_batch(transform) is None


def test_the_given_images_are_not_changed():
    for transform in TRANSFORMS.values():
        given = images()
        on_batch(transform)(given)
        assert torch.equal(given, images())
