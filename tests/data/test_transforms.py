"""Classical augmentation with torchvision's transforms, named in params.yaml."""

import pytest
import torch
from pydantic import TypeAdapter

from ganaug.core.errors import InputError
from ganaug.data.images import to_float
from ganaug.data.transforms import (
    AugmentedBatches,
    Transforms,
    apply,
    build_transforms,
    cost_image_by_image,
    try_transforms,
)

AFFINE = {"name": "RandomAffine", "degrees": 20, "translate": [0.1, 0.1], "interpolation": "bilinear"}
MIXED = {"mixing": {"name": "MixUp", "alpha": 1.0}}


def picture(channels=3):
    return torch.randint(0, 256, (channels, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def error_message(*specs):
    """Return the error message for invalid transforms."""
    with pytest.raises(InputError) as caught:
        build_transforms(specs)
    return str(caught.value)


def test_no_transforms_leave_images_alone():
    images = picture()[None]
    assert apply(build_transforms(()), images) is images


def test_a_transform_does_what_its_name_says():
    images = picture()[None]
    flip = build_transforms(({"name": "RandomHorizontalFlip", "p": 1.0},))
    assert torch.equal(apply(flip, images), images.flip(3))


def test_transforms_are_applied_in_order():
    images = picture()[None]
    # everything below 128 turns black only after inverting, which makes values from 128 on 127 or less
    invert, solarize = {"name": "RandomInvert", "p": 1.0}, {"name": "RandomSolarize", "threshold": 128, "p": 1.0}
    inverted = 255 - images
    expected = torch.where(inverted >= 128, 255 - inverted, inverted)
    assert torch.equal(apply(build_transforms((invert, solarize)), images), expected)
    solarized = torch.where(images >= 128, 255 - images, images)
    assert torch.equal(apply(build_transforms((solarize, invert)), images), 255 - solarized)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_shape_and_type_are_kept(channels):
    images = torch.stack([picture(channels)] * 5)
    changed = apply(build_transforms((AFFINE,)), images)
    assert (changed.dtype, changed.shape) == (torch.uint8, images.shape)


def test_each_image_is_transformed_independently():
    images = torch.stack([picture()] * 64)
    changed = apply(build_transforms(({"name": "RandomHorizontalFlip"},)), images)
    flipped = [torch.equal(image, picture().flip(2)) for image in changed]
    same = [torch.equal(image, picture()) for image in changed]
    assert all(one != other for one, other in zip(flipped, same, strict=True))
    assert 16 < sum(flipped) < 48  # half of 64, give or take 4 standard deviations of 4


def test_the_global_generator_decides_on_transforms():
    transforms, images = build_transforms((AFFINE,)), torch.stack([picture()] * 4)

    def with_seed(seed):
        torch.manual_seed(seed)
        return apply(transforms, images)

    assert torch.equal(with_seed(0), with_seed(0))
    assert not torch.equal(with_seed(0), with_seed(1))


def test_interpolation_is_given_by_name():
    edge = torch.zeros(1, 1, 8, 8, dtype=torch.uint8)
    edge[:, :, :, 4:] = 200
    turn = {"name": "RandomRotation", "degrees": [30, 30]}
    nearest, bilinear = (
        apply(build_transforms(({**turn, "interpolation": how},)), edge) for how in ("nearest", "bilinear")
    )
    assert set(nearest.unique().tolist()) <= {0, 200}
    assert len(bilinear.unique()) > 2


def test_unknown_transform_lists_the_choices_with_a_guess():
    message = error_message({"name": "RandomAfine"})
    assert message.startswith("transforms: unknown torchvision.transforms.v2 class 'RandomAfine'")
    assert "did you mean 'RandomAffine'?" in message
    assert "RandomHorizontalFlip" in message


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"name": "RandomAffine", "degres": 10}, "'degres'"),
        ({"name": "RandomAffine"}, "'degrees'"),
        ({"name": "RandomAffine", "degrees": -10}, "must be positive"),
        ({"name": "RandomHorizontalFlip", "p": 2}, "[0.0, 1.0]"),
    ],
    ids=["misspelt", "missing", "negative", "out of range"],
)
def test_an_invalid_argument_is_reported_with_its_transform(spec, message):
    assert error_message(spec).startswith(f"transforms: {spec['name']}: ")
    assert message in error_message(spec)


@pytest.mark.parametrize("given", ["RandomAffine", {"name": "RandomAffine"}, ["RandomAffine"], [{"degrees": 10}], None])
def test_anything_but_a_list_of_transforms_shows_how_to_write_one(given):
    with pytest.raises(InputError) as caught:
        TypeAdapter(Transforms).validate_python(given)
    assert str(caught.value) == (
        f"transforms: write a list such as [{{name: RandomRotation, degrees: 10}}] (given: {given!r})"
    )


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"name": "RandomAffine", "degrees": 10, "interpolation": "cubic"}, "cubic"),
        ({"name": "InterpolationMode", "value": "bilinear"}, "unknown"),
        ({"name": "FiveCrop", "size": 8}, "same size"),
        ({"name": "RandomCrop", "size": 8}, "same size"),
        ({"name": "CutMix", "num_classes": 3}, "CutMix"),
    ],
)
def test_transforms_that_do_not_fit_a_single_image_are_rejected(spec, says):
    with pytest.raises(InputError, match=says):
        try_transforms((spec,), (3, 16, 12))


@pytest.mark.parametrize(
    "spec",
    [{"name": "RandomCrop", "size": 32, "padding": 4}, {"name": "RandomResizedCrop", "size": [32, 32]}],
    ids=lambda spec: spec["name"],
)
def test_crops_to_the_size_of_the_images_are_accepted_and_others_rejected(spec):
    try_transforms((spec,), (1, 32, 32))
    with pytest.raises(InputError, match="same size"):
        try_transforms((spec,), (1, 28, 28))


# --- batches ---------------------------------------------------------------------------------------------------------


class TwoImages:
    """Batches of the same two images, of the classes 0 and 1."""

    def __getitem__(self, step):
        return torch.stack([picture(), 255 - picture()]), torch.arange(2)


def test_batches_are_converted_to_the_unit_range():
    images, labels = AugmentedBatches(TwoImages(), 2, 0)[0]
    assert torch.equal(images, to_float(TwoImages()[0][0]))
    assert labels.tolist() == [0, 1]


def test_batches_are_transformed_as_bytes():
    # torchvision's transforms treat floats differently from bytes
    images, _ = AugmentedBatches(TwoImages(), 2, 0, ({"name": "RandomInvert", "p": 1.0},))[0]
    assert torch.equal(images, to_float(255 - TwoImages()[0][0]))


def test_batches_are_mixed_after_conversion():
    images, targets = AugmentedBatches(TwoImages(), 2, 0, mixing={"name": "MixUp", "alpha": 1.0})[0]
    assert targets.shape == (2, 2)
    given = to_float(TwoImages()[0][0])
    torch.testing.assert_close(images, torch.einsum("nk,kchw->nchw", targets, given), atol=1e-5, rtol=0)


@pytest.mark.parametrize("options", [{"transforms": (AFFINE,)}, {"transforms": ({"name": "RandAugment"},)}, MIXED])
def test_a_batch_depends_on_seed_and_step_alone(options):
    batches = AugmentedBatches(TwoImages(), 2, 7, **options)
    state = torch.get_rng_state()
    first, second = batches[0][0], batches[1][0]
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(5)
    assert torch.equal(AugmentedBatches(TwoImages(), 2, 7, **options)[1][0], second)
    assert not torch.equal(first, second)
    assert not torch.equal(AugmentedBatches(TwoImages(), 2, 8, **options)[0][0], first)


def test_the_cost_of_transforms_that_are_applied_image_by_image_is_measured():
    specs = ({"name": "RandAugment"}, AFFINE, {"name": "GaussianBlur", "kernel_size": 3})
    cost = cost_image_by_image(specs, (3, 8, 8), 4)
    assert list(cost) == ["RandAugment", "GaussianBlur"]
    assert min(cost.values()) > 0
    assert cost_image_by_image((), (3, 8, 8), 4) == {}
