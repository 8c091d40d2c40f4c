"""Finds pointless or contradictory options of an arm; a problem's text follows the arm's key in params.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ganaug.experiment.arms.settings import Arm


def gan_problem(arm: Arm, group: str, class_head: bool) -> str | None:
    """Return a problem with how an arm of this group uses the GAN, or None if there is none.

    class_head: whether the GAN's discriminator predicts classes.
    """
    uses_gan = max(arm.synthetic_shares) > 0 or arm.uses_discriminator
    if arm.oversampling and max(arm.synthetic_shares) > 0 and arm.synthetic_for == "short":
        return ".synthetic_for: oversampling already fills up the short classes; set it to all, or remove oversampling"
    if group != "augmented" and uses_gan:
        return f": {group} arms do not use the GAN; move the arm to arms.augmented"
    if group == "augmented" and not uses_gan:
        place = "informed" if arm.learns_from_further_images else "baseline"
        return f".synthetic: with 0, the arm has no synthetic images; move it to arms.{place}"
    if arm.uses_discriminator and not class_head:
        return (
            f".{'discriminator' if arm.discriminator else 'teacher'}: this discriminator does not predict classes; "
            "set train_gan.network.discriminator_conditioning to 'auxiliary' or 'classifier'"
        )
    if arm.discriminator and replace(arm, discriminator=False) != Arm():
        return ": with discriminator, the arm trains nothing; remove its other parameters"
    if len(set(arm.synthetic_shares)) < len(arm.synthetic_shares):
        return ".synthetic: lists a share more than once; remove the repetition"
    for option in ("synthetic_for", "synthetic_until"):
        if getattr(arm, option) != getattr(Arm(), option) and not max(arm.synthetic_shares):
            return f".{option}: the arm has no synthetic images; set synthetic, or remove {option}"
    return None


def label_problem(arm: Arm, group: str, limited: int | str | Mapping[str, int]) -> str | None:
    """Return a problem with the labels and pseudo-labels of an arm of this group, or None if there is none.

    limited: `prepare.labelled_per_class`.
    """
    if arm.pseudo_label_threshold != Arm().pseudo_label_threshold and not arm.pseudo_labels and not arm.other_domain:
        return ".pseudo_label_threshold: the arm has no pseudo-labels; set pseudo_labels to their share of each batch"
    if arm.teacher != "ensemble" and not arm.pseudo_labels:
        return ".teacher: the arm has no pseudo-labels; set pseudo_labels to their share of each batch"
    if arm.labels != "limited" and group == "augmented":
        return ".labels: only baseline arms may have more labels than the GAN; remove labels"
    if group == "baseline" and arm.learns_from_further_images:
        return ": baseline arms do not wait for an ensemble that may have to label images; move it to arms.informed"
    if group == "informed" and not arm.learns_from_further_images:
        return ": the arm has neither pseudo_labels nor other_domain; move it to arms.baseline, where it need not wait"
    if arm.labels != "limited" and limited == "all":
        return ".labels: prepare.labelled_per_class is 'all', so there are no more labels; remove the arm"
    if isinstance(arm.labels, int) and not isinstance(limited, str):
        counts = set(limited.values()) if isinstance(limited, Mapping) else {limited}
        if arm.labels < max(counts) or {arm.labels} == counts:
            return ".labels: must be more than prepare.labelled_per_class; raise it, or remove the arm"
    if arm.pseudo_labels and arm.labels != "limited":
        return (
            ".pseudo_labels: cannot be combined with more labels, because labelled images would also get "
            "pseudo-labels; remove one of the two"
        )
    if arm.pseudo_labels + arm.other_domain + max(arm.synthetic_shares) > 1:
        return (
            ": pseudo_labels, other_domain and synthetic are shares of the same batch; together they must not exceed 1"
        )
    return None
