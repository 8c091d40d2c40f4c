"""Checks params.yaml against the data: image sizes, groups, and numbers of images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ganaug.core.errors import InputError, error_context
from ganaug.data.source_images import source_weights
from ganaug.data.training_draws import per_class
from ganaug.data.transforms import try_transforms
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.params import Params
from ganaug.gan.networks import Shape


def check_against_data(params: Params, card: Mapping[str, Any]) -> None:
    """Check the parameters that depend on the size and number of images.

    card: description of the data, as returned by `description.data_card`.

    Raises InputError that names the parameter and the remedy.
    """
    path = params.path
    for key, specs in params.transforms.items():
        with error_context(f"{path}: {key}."):
            try_transforms(specs, tuple(card["image_shape"]))
    for name, title, consequence in (
        ("test", "test", "no gain can be distinguished from chance"),
        ("val", "validation", "every choice on validation would depend on it"),
    ):
        if card["groups"][name] == 1:
            raise InputError(
                f"{path}: prepare.{name}: all {title} images belong to one group, so {consequence}; provide more "
                f"groups, or a larger share"
            )
    _check_channels(params, card)
    _check_metric(params, card)
    _check_generator(params, card)
    nothing_left = any(count == 0 for count in card["unlabelled"].values())
    problem = "the pool has no unlabelled images left; lower prepare.labelled_per_class"
    if params.train_gan.unlabelled != "ignore" and nothing_left:
        raise InputError(f"{path}: train_gan.unlabelled: {problem}, or set unlabelled to ignore")
    _check_other_domain(params, card)
    _check_attributes(params, card)
    pool = card["pool"]
    for key, arm in params.arms.items():
        if isinstance(arm.labels, int):
            per_class(arm.labels, list(pool.values()), list(pool), f"{path}: {key}.labels")
        if arm.pseudo_labels and nothing_left:
            raise InputError(f"{path}: {key}.pseudo_labels: {problem}, or remove pseudo_labels")
        equal = any(len(set(counts.values())) == 1 for counts in _counts(arm, card))
        for option, wanted in (("synthetic_for", arm.synthetic_for == "short"), ("oversampling", arm.oversampling)):
            if wanted and equal:
                raise InputError(
                    f"{path}: {key}.{option}: no class is short of images: all have the same number; remove {option}, "
                    f"or give one number per class in prepare.labelled_per_class"
                )


def _check_channels(params: Params, card: Mapping[str, Any]) -> None:
    """Raise InputError if a network would ignore one of the images' channels."""
    channels = card["image_shape"][0]
    if channels in (1, 3):
        return
    for key, sees_rgb, remedy in (
        ("train_gan.network", params.train_gan.network.sees_rgb, "choose another network"),
        ("train_ensemble.classifier", params.train_ensemble.classifier.sees_rgb, "choose another classifier"),
        ("train_classifier.classifier", params.train_classifier.classifier.sees_rgb, "choose another classifier"),
        ("measure.inception", params.measure.inception is not None, "set inception to null"),
    ):
        if sees_rgb:
            raise InputError(
                f"{params.path}: {key}: takes grey or RGB only, and would ignore the last of {channels} channels; "
                f"{remedy}, or set prepare.channels to {channels - 1}"
            )


def _check_metric(params: Params, card: Mapping[str, Any]) -> None:
    """Raise InputError if the deciding metric's class has no validation images, or only one group of test images."""
    metric, classes = params.evaluate.metric, tuple(card["pool"])
    with error_context(f"{params.path}: evaluate.metric."):
        label = metric.label_in(classes)
    name = str(metric.of_class)
    if label is not None and not card["val"][name]:
        raise InputError(
            f"{params.path}: evaluate.metric.of_class: there are no validation images of class '{name}', so this "
            f"metric cannot choose arms; raise prepare.val, or choose another metric"
        )
    counted = np.flatnonzero(metric.strata(np.arange(len(classes)), classes) >= 0)
    if len(counted) == 1 and card["groups_per_class"]["test"][name] == 1:
        raise InputError(
            f"{params.path}: evaluate.metric: class '{name}' has one test image, or all of its test images belong to "
            f"one group, so the uncertainty cannot be estimated; raise prepare.test, or choose another metric"
        )


def _check_other_domain(params: Params, card: Mapping[str, Any]) -> None:
    """Raise InputError if a parameter asks for images of another domain and there are none."""
    if card["other_domain"]["images"]:
        return
    shares = {"train_gan.other_domain_share": params.train_gan.other_domain_share}
    shares |= {f"{key}.other_domain": arm.other_domain for key, arm in params.arms.items()}
    used = next((key for key, share in shares.items() if share), None)
    if used:
        raise InputError(
            f"{params.path}: {used}: there are no images of another domain; set it to 0, or name their folder in "
            f"prepare.other_domain"
        )


def _check_attributes(params: Params, card: Mapping[str, Any]) -> None:
    """Raise InputError if images have attributes and the GAN cannot take them."""
    network, path = params.train_gan.network, params.path
    if not card["attributes"]:
        return
    if not network.takes_attributes:
        raise InputError(
            f"{path}: train_gan.network: cannot take the attributes that prepare.describer gives the images; use "
            f"stackgan or resnet, or remove prepare.describer"
        )
    if network.has_class_head:
        raise InputError(
            f"{path}: train_gan.network.discriminator_conditioning: a class head cannot tell attributes from classes; "
            f"use another conditioning, or remove prepare.describer"
        )
    if params.train_gan.other_domain_share:
        raise InputError(
            f"{path}: train_gan.other_domain_share: cannot be combined with prepare.describer; set it to 0, or remove "
            f"prepare.describer"
        )


def _counts(arm: Arm, card: Mapping[str, Any]) -> list[Mapping[str, int]]:
    """Return the numbers of labelled images that an arm has, by class: one mapping, or one per replicate."""
    if arm.labels == "limited":
        return list(card["train"].values())
    return [card["pool"] if arm.labels == "all" else dict.fromkeys(card["pool"], arm.labels)]


def _available(params: Params, card: Mapping[str, Any], labels: np.ndarray, label: int) -> int:
    """Return how many images can be translated into class `label`. labels: of the training images, (N,)."""
    if params.generate.sources != "other_domain":
        return int(np.count_nonzero(source_weights(params.generate.sources, labels, label)))
    other = card["other_domain"]
    counts = list(other["labelled"].values())
    return int(counts[label]) + other["images"] - sum(counts)


def _check_generator(params: Params, card: Mapping[str, Any]) -> None:
    """Raise InputError if the network cannot make images of this size, or has too few images to translate."""
    settings, classes = params.generate, list(card["pool"])
    with error_context(f"{params.path}: train_gan.network: "):
        generator = params.train_gan.network.generator(Shape(*card["image_shape"]), len(classes))
    if settings.k_same is not None:
        _check_means(settings.k_same, card, f"{params.path}: generate.k_same: ", translates=generator.translates)
    if not generator.translates:
        return
    for counts in card["train"].values():
        labels = np.repeat(np.arange(len(classes)), list(counts.values()))
        for label, (name, candidates) in enumerate(zip(classes, settings.candidates(counts.values()), strict=True)):
            available = _available(params, card, labels, label)
            if available == 0:
                problem = f"there is no image to translate into class '{name}'; choose another rule"
            elif generator.z_dim == 0 and candidates > available:
                problem = (
                    f"class '{name}' needs {candidates} candidates, but only {available} images can be translated into "
                    f"it, and without noise each gives one; lower generate.per_class or candidates_per_image, or set "
                    f"train_gan.network.z_dim to 8, for example"
                )
            else:
                continue
            raise InputError(f"{params.path}: generate.sources: {problem}")


def _check_means(k: int, card: Mapping[str, Any], place: str, *, translates: bool) -> None:
    """Raise InputError if the network cannot use means of images, or if a class has too few groups for a mean."""
    if not translates:
        raise InputError(
            f"{place}this network makes images from noise, not from means of images; remove k_same, or choose a "
            f"network that translates: stargan, cyclegan or discogan"
        )
    available = [card["groups_per_class"]["pool"], *card["train"].values()]
    for name in card["pool"]:
        fewest = min(counts[name] for counts in available)
        if fewest < k:
            raise InputError(
                f"{place}class '{name}' has training images of {fewest} groups, but a mean needs {k}; lower k_same, or "
                f"raise prepare.labelled_per_class"
            )
