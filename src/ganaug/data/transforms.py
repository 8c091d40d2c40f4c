"""Classical augmentation of a classifier's batches with torchvision's transforms."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from math import inf
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from pydantic import PlainValidator

from ganaug.core.errors import InputError, unknown
from ganaug.data.images import to_float

if TYPE_CHECKING:
    from torch import Tensor


def _checked(specs: Any) -> tuple[dict[str, Any], ...]:
    if not isinstance(specs, list | tuple) or not all(
        isinstance(spec, Mapping) and isinstance(spec.get("name"), str) for spec in specs
    ):
        raise InputError(f"transforms: write a list such as [{{name: RandomRotation, degrees: 10}}] (given: {specs!r})")
    return tuple(dict(spec) for spec in specs)


Transforms = Annotated[tuple[dict[str, Any], ...], PlainValidator(_checked)]
"""A list of `{name: RandomAffine, degrees: 10, …}`: a class of torchvision.transforms.v2 and its arguments."""


def _checked_mixing(spec: Any) -> dict[str, Any]:
    if not isinstance(spec, Mapping) or spec.get("name") not in MIXINGS:
        raise InputError(f"mixing: write {{name: MixUp, alpha: 0.2}} or {{name: CutMix, alpha: 1.0}} (given: {spec!r})")
    alpha = spec.get("alpha", 1.0)
    if set(spec) - {"name", "alpha"} or not isinstance(alpha, int | float) or not 0 < alpha < inf:
        raise InputError(f"mixing: {spec['name']} has one parameter, alpha, above 0 (given: {spec!r})")
    return {"name": spec["name"], "alpha": float(alpha)}


MIXINGS = ("MixUp", "CutMix")
Mixing = Annotated[dict[str, Any], PlainValidator(_checked_mixing)]
"""`{name: MixUp, alpha: 0.2}`: a class of torchvision.transforms.v2 that mixes images of a batch and their labels."""


def build_mixing(spec: dict[str, Any] | None, classes: int) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] | None:
    """Return a function that mixes images (N, C, H, W) and labels, (N,) or (N, K); None without `spec`.

    It returns mixed images and class probabilities (N, K). Pairs are drawn from torch's global generator.
    """
    if spec is None:
        return None
    import torch
    from torchvision.transforms import v2

    mix = getattr(v2, spec["name"])(alpha=spec["alpha"], num_classes=classes)

    def mixing(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        order = torch.randperm(len(images))  # torchvision mixes neighbours, which in sorted batches are alike
        mixed: tuple[Tensor, Tensor] = mix(images[order], labels[order])
        return mixed

    return mixing


def build_transform(specs: tuple[dict[str, Any], ...]) -> Callable[[Tensor], Tensor] | None:
    """Return a transform of one uint8 image (C, H, W) that applies all of `specs` in order; None if there are none.

    It draws from torch's global generator. Interpolation modes are given by name, such as "bilinear".

    Raises InputError for an unknown transform, listing the choices, and for an unknown or invalid argument.
    """
    if not specs:
        return None
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
    return v2.Compose(steps)


def try_transform(specs: tuple[dict[str, Any], ...], shape: tuple[int, ...]) -> None:
    """Raise InputError if `specs` are invalid, or change the size or type of a uint8 image of `shape` (C, H, W)."""
    transform = build_transform(specs)
    if transform is None:
        return
    import torch

    image = torch.zeros(shape, dtype=torch.uint8)
    try:
        with torch.random.fork_rng():
            transformed = transform(image)
    except Exception as error:  # transforms reject images with all kinds of exceptions
        raise InputError(
            f"transforms: {[spec['name'] for spec in specs]} cannot be applied to an image: {error}"
        ) from None
    same_type = isinstance(transformed, torch.Tensor) and transformed.dtype == image.dtype
    if not same_type or transformed.shape != image.shape:
        raise InputError(
            f"transforms: {[spec['name'] for spec in specs]} must turn a uint8 image into one of the same size, "
            f"here {shape[1]}×{shape[2]}; remove transforms that convert it, return several, or crop to another size"
        )


def apply(transform: Callable[[Tensor], Tensor] | None, images: Tensor) -> Tensor:
    """Transform each of `images` (N, C, H, W), uint8, independently."""
    if transform is None:
        return images
    import torch

    return torch.stack([transform(image) for image in images])


class RawBatches(Protocol):
    """Batches of uint8 images, such as `MixedBatches`."""

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return uint8 images (N, C, H, W) and targets, (N,) or (N, K), of batch `step`, counted from 0."""


class AugmentedBatches:
    """Batches for a classifier: transformed image by image, converted to [-1, 1], then mixed.

    Transforms and mixing draw from torch's global generator.
    """

    def __init__(
        self, batches: RawBatches, classes: int, transforms: Transforms = (), mixing: Mixing | None = None
    ) -> None:
        """Augment `batches`. classes: K, the number of classes that their targets cover."""
        self.batches = batches
        self.transform, self.mixing = build_transform(transforms), build_mixing(mixing, classes)

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return images (N, C, H, W) in [-1, 1] and targets of batch `step`, counted from 0.

        Targets are labels (N,) int64, or class probabilities (N, K) if `batches` has probabilities or mixing is on.
        """
        images, targets = self.batches[step]
        augmented = to_float(apply(self.transform, images))
        return self.mixing(augmented, targets) if self.mixing else (augmented, targets)
