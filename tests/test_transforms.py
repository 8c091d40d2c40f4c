"""Classical augmentation by torchvision's transforms, named in params.yaml."""

import pytest
import torch
from pydantic import TypeAdapter

from ganaug.errors import InputError
from ganaug.transforms import Transforms, apply, build_transform, try_transform

AFFINE = {"name": "RandomAffine", "degrees": 20, "translate": [0.1, 0.1], "interpolation": "bilinear"}


def picture(channels=3):
    return torch.randint(0, 256, (channels, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def told(*specs):
    """Return what the user is told of wrong transforms."""
    with pytest.raises(InputError) as caught:
        build_transform(specs)
    return str(caught.value)


def test_no_transforms_leave_images_alone():
    assert build_transform(()) is None
    images = picture()[None]
    assert apply(None, images) is images


def test_transform_does_what_it_is_called():
    image = picture()
    flip = build_transform(({"name": "RandomHorizontalFlip", "p": 1.0},))
    assert torch.equal(flip(image), image.flip(2))


def test_transforms_are_done_in_turn():
    image = picture()
    # all below 128 → black only after inverting: values from 128 on become 127 and less
    invert, solarize = {"name": "RandomInvert", "p": 1.0}, {"name": "RandomSolarize", "threshold": 128, "p": 1.0}
    inverted = 255 - image
    assert torch.equal(
        build_transform((invert, solarize))(image), torch.where(inverted >= 128, 255 - inverted, inverted)
    )
    solarized = torch.where(image >= 128, 255 - image, image)
    assert torch.equal(build_transform((solarize, invert))(image), 255 - solarized)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_bytes_stay_bytes_of_the_same_shape(channels):
    images = torch.stack([picture(channels)] * 5)
    changed = apply(build_transform((AFFINE,)), images)
    assert (changed.dtype, changed.shape) == (torch.uint8, images.shape)


def test_each_image_is_transformed_on_its_own():
    images = torch.stack([picture()] * 64)
    changed = apply(build_transform(({"name": "RandomHorizontalFlip"},)), images)
    flipped = [torch.equal(image, picture().flip(2)) for image in changed]
    same = [torch.equal(image, picture()) for image in changed]
    assert all(one != other for one, other in zip(flipped, same, strict=True))
    assert 16 < sum(flipped) < 48  # half of 64, give or take 4 standard deviations of 4


def test_global_seed_decides():
    transform, images = build_transform((AFFINE,)), torch.stack([picture()] * 4)

    def with_seed(seed):
        torch.manual_seed(seed)
        return apply(transform, images)

    assert torch.equal(with_seed(0), with_seed(0))
    assert not torch.equal(with_seed(0), with_seed(1))


def test_interpolation_is_named():
    edge = torch.zeros(1, 8, 8, dtype=torch.uint8)
    edge[:, :, 4:] = 200
    turn = {"name": "RandomRotation", "degrees": [30, 30]}
    nearest, bilinear = (build_transform(({**turn, "interpolation": how},))(edge) for how in ("nearest", "bilinear"))
    assert set(nearest.unique().tolist()) <= {0, 200}
    assert len(bilinear.unique()) > 2


def test_unknown_transform_lists_the_choices_with_a_guess():
    message = told({"name": "RandomAfine"})
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
def test_wrong_argument_is_named_with_its_transform(spec, message):
    assert told(spec).startswith(f"transforms: {spec['name']}: ")
    assert message in told(spec)


@pytest.mark.parametrize("given", ["RandomAffine", {"name": "RandomAffine"}, ["RandomAffine"], [{"degrees": 10}], None])
def test_what_is_no_list_of_transforms_shows_how_to_write_one(given):
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
def test_what_cannot_be_done_to_one_image_is_refused(spec, says):
    with pytest.raises(InputError, match=says):
        try_transform((spec,))
