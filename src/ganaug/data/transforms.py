"""Classical augmentation of a classifier's batches, by torchvision's transforms."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from math import inf
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PlainValidator

from ganaug.core.errors import InputError, unknown

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
"""`{name: MixUp, alpha: 0.2}`: a class of torchvision.transforms.v2 that mixes images of a batch, and their labels."""


def build_mixing(spec: dict[str, Any] | None, classes: int) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] | None:
    """Return a function of images (N, C, H, W) and labels, (N,) or (N, K), that mixes both; None without `spec`.

    It returns labels as probabilities (N, K). Draws from torch's global generator; partners are random.
    """
    if spec is None:
        return None
    import torch
    from torchvision.transforms import v2

    mix = getattr(v2, spec["name"])(alpha=spec["alpha"], num_classes=classes)

    def mixing(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        order = torch.randperm(len(images))  # torchvision pairs neighbours, and ours are sorted
        mixed: tuple[Tensor, Tensor] = mix(images[order], labels[order])
        return mixed

    return mixing


def build_transform(specs: tuple[dict[str, Any], ...]) -> Callable[[Tensor], Tensor] | None:
    """Return one transform of a uint8 image (C, H, W) that does all of `specs` in turn; None if there are none.

    It draws from torch's global generator. Interpolation is written by its name, such as "bilinear".

    Raises InputError for an unknown transform (lists the choices), an unknown or a wrong argument.
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
            raise InputError(f"transforms: {spec['name']}: {error}") from None
    return v2.Compose(steps)


def try_transform(specs: tuple[dict[str, Any], ...], shape: tuple[int, ...]) -> None:
    """Raise InputError if `specs` cannot be built, or do not turn an image of `shape` (C, H, W) into one like it."""
    transform = build_transform(specs)
    if transform is None:
        return
    import torch

    image = torch.zeros(shape, dtype=torch.uint8)
    try:
        with torch.random.fork_rng():
            outcome = transform(image)
    except Exception as error:  # whatever a transform dislikes about a plain image
        raise InputError(
            f"transforms: {[spec['name'] for spec in specs]} cannot be used on an image: {error}"
        ) from None
    if not isinstance(outcome, torch.Tensor) or outcome.shape != image.shape or outcome.dtype != image.dtype:
        raise InputError(
            f"transforms: {[spec['name'] for spec in specs]} must turn a uint8 image into one of the same size, "
            f"here {shape[1]}×{shape[2]}; leave out what converts, makes several, or crops to another size"
        )


def apply(transform: Callable[[Tensor], Tensor] | None, images: Tensor) -> Tensor:
    """Transform each of `images` (N, C, H, W), uint8, on its own."""
    if transform is None:
        return images
    import torch

    return torch.stack([transform(image) for image in images])
