"""Describes in a few words what an arm is trained on."""

from __future__ import annotations

from collections.abc import Iterator

from ganaug.classifier.pseudo_labels import Teacher
from ganaug.core.text import joined
from ganaug.experiment.arms.settings import Arm

TEACHERS: dict[Teacher, str] = {
    "ensemble": "an ensemble",
    "discriminator": "the GAN's discriminator",
    "both": "an ensemble and the GAN's discriminator",
}


def arm_in_words(arm: Arm, synthetic: float) -> str:
    """Return words such as "real images with classical transforms, 25% of each batch synthetic".

    synthetic: the arm's share of synthetic images.
    """
    if arm.discriminator:
        return "the GAN's own discriminator as the classifier"
    return ", ".join([_images(arm, synthetic), *_further(arm, synthetic)])


def _images(arm: Arm, synthetic: float) -> str:
    transforms = " with classical transforms" if arm.transforms else ""
    if synthetic == 1 and arm.synthetic_until == 1:
        return f"synthetic images only{transforms}"
    number = {"limited": "real images", "all": "all labelled images of the pool"}
    return number.get(str(arm.labels), f"{arm.labels} real images per class") + transforms


def _further(arm: Arm, synthetic: float) -> Iterator[str]:
    if arm.mixing is not None:
        yield "mixed with each other"
    if arm.oversampling is not None:
        yield "small classes filled up without a GAN"
    if arm.balanced:
        yield "all classes equally often"
    if arm.pseudo_labels:
        unlabelled = f"{percent(arm.pseudo_labels)} of each batch unlabelled images"
        yield f"{unlabelled} with pseudo-labels of {TEACHERS[arm.teacher]}"
    if arm.other_domain:
        yield f"{percent(arm.other_domain)} of each batch from another domain"
    if arm.synthetic_until < 1 and synthetic:
        yield f"{percent(synthetic)} of each batch synthetic in the first {percent(arm.synthetic_until)} of the steps"
    elif 0 < synthetic < 1:
        yield f"{percent(synthetic)} of each batch synthetic"
    if synthetic == 0 and max(arm.synthetic_shares) > 0:
        listed = joined([percent(share) for share in arm.synthetic_shares])
        yield f"no synthetic images: of {listed}, 0% was best on validation"


LEARNED_FROM = {
    "unlabelled": "unlabelled images",
    "other domain": "images of another domain",
    "more labels": "more labels",
    "descriptions": "descriptions",
    "pretrained": "a pretrained network",
}
"""`TrainedOn.words` → name of what a classifier learned from."""


def learned_from(trained_on: str) -> str:
    """Return what an arm learned from, such as "limited labels, unlabelled images"; `trained_on` as in summary.json."""
    named = [LEARNED_FROM[part] for part in trained_on.split(", ") if part != "labels"]
    return ", ".join(named if LEARNED_FROM["more labels"] in named else ["limited labels", *named])


def percent(share: float) -> str:
    """Return a share of images in percent, such as "25%"."""
    return f"{100 * share:.3g}%"
