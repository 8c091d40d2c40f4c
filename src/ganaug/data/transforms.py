"""Classical augmentation of a classifier's batches with torchvision's transforms and mixing."""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PlainValidator

from ganaug.core.errors import InputError, unknown
from ganaug.core.seeding import derive
from ganaug.data.images import to_float
from ganaug.data.mixing import Mixing, build_mixing

if TYPE_CHECKING:
    from torch import Tensor
    from torchvision.transforms.v2 import Transform

    from ganaug.data.batches import RawBatches


def _checked(specs: Any) -> tuple[dict[str, Any], ...]:
    if not isinstance(specs, list | tuple) or not all(
        isinstance(spec, Mapping) and isinstance(spec.get("name"), str) for spec in specs
    ):
        raise InputError(f"transforms: write a list such as [{{name: RandomRotation, degrees: 10}}] (given: {specs!r})")
    return tuple(dict(spec) for spec in specs)


Transforms = Annotated[tuple[dict[str, Any], ...], PlainValidator(_checked)]
"""A list of `{name: RandomAffine, degrees: 10, …}`: a class of torchvision.transforms.v2 and its arguments."""


def build_transforms(specs: Transforms) -> list[Transform]:
    """Return torchvision's transforms. Interpolation modes are given by name, such as "bilinear".

    Raises InputError for an unknown transform, listing the choices, and for an unknown or invalid argument.
    """
    if not specs:
        return []  # torchvision takes seconds to import
    from torchvision.transforms import v2

    choices = {
        name: item
        for name, item in vars(v2).items()
        if inspect.isclass(item) and issubclass(item, v2.Transform) and item is not v2.Transform
    }
    steps = []
    for spec in specs:
        options = {key: value for key, value in spec.items() if key != "name"}
        if spec["name"] not in choices:
            raise InputError(f"transforms: {unknown('torchvision.transforms.v2 class', spec['name'], choices)}")
        try:
            if "interpolation" in options:
                options["interpolation"] = v2.InterpolationMode(options["interpolation"])
            steps.append(choices[spec["name"]](**options))
        except (TypeError, ValueError) as error:
            raise InputError(
                f"transforms: {spec['name']}: {error}; see torchvision.transforms.v2.{spec['name']} for its arguments"
            ) from None
    return steps


def try_transforms(specs: Transforms, shape: tuple[int, ...]) -> None:
    """Raise InputError if `specs` are invalid, or change the size or type of uint8 images of `shape` (C, H, W)."""
    transforms = build_transforms(specs)
    if not transforms:
        return
    import torch
    from torchvision.transforms import v2

    images = torch.zeros((2, *shape), dtype=torch.uint8)
    try:
        with torch.random.fork_rng(devices=[]):
            transformed = v2.Compose(transforms)(images[0])
            if isinstance(transformed, torch.Tensor):
                transformed = apply(transforms, images)
    except Exception as error:  # transforms reject images with all kinds of exceptions
        raise InputError(
            f"transforms: {[spec['name'] for spec in specs]} cannot be applied to an image: {error}; change or remove "
            f"them"
        ) from None
    same_type = isinstance(transformed, torch.Tensor) and transformed.dtype == images.dtype
    if not same_type or transformed.shape != images.shape:
        raise InputError(
            f"transforms: {[spec['name'] for spec in specs]} must turn a uint8 image into one of the same size, "
            f"here {shape[1]}×{shape[2]}; remove transforms that convert it, return several, or crop to another size"
        )


def apply(transforms: Sequence[Transform], images: Tensor) -> Tensor:
    """Apply all transforms in order to uint8 images (N, C, H, W), each image with its own random parameters.

    These come from torch's global generator. Transforms that `batch_transforms` lacks are applied image by image.
    """
    if not transforms:
        return images
    import torch

    from ganaug.data.batch_transforms import on_batch

    for transform in transforms:
        batched = on_batch(transform)
        images = batched(images) if batched else torch.stack([transform(image) for image in images])
    return images


def cost_image_by_image(specs: Transforms, shape: tuple[int, ...], batch_size: int) -> dict[str, float]:
    """Measure the transforms that are applied image by image: return name → seconds per batch on this machine.

    shape: shape of an image, (C, H, W).
    """
    if not specs:
        return {}
    import torch

    from ganaug.data.batch_transforms import on_batch

    seconds = {}
    images = torch.zeros((batch_size, *shape), dtype=torch.uint8)
    for transform in build_transforms(specs):
        if on_batch(transform) is None:
            with torch.random.fork_rng(devices=[]):
                start = time.perf_counter()
                apply([transform], images)
            seconds[type(transform).__name__] = time.perf_counter() - start
    return seconds


class AugmentedBatches:
    """Batches for a classifier: transformed, converted to [-1, 1], then mixed; randomness depends on seed and step."""

    def __init__(
        self, batches: RawBatches, classes: int, seed: int, transforms: Transforms = (), mixing: Mixing | None = None
    ) -> None:
        """Augment `batches`. classes: K, the number of classes that their targets cover."""
        self.batches, self.seed = batches, seed
        self.transforms, self.mixing = build_transforms(transforms), build_mixing(mixing, classes)

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return images (N, C, H, W) in [-1, 1] and targets of batch `step`, counted from 0.

        Targets are labels (N,) int64, or class probabilities (N, K) if `batches` has probabilities or mixing is on.
        """
        import torch

        images, targets = self.batches[step]
        with torch.random.fork_rng(devices=[]):  # transforms and mixing draw from the global generator of the CPU
            torch.default_generator.manual_seed(derive(self.seed, f"step/{step}"))
            augmented = to_float(apply(self.transforms, images))
            return self.mixing(augmented, targets) if self.mixing else (augmented, targets)
