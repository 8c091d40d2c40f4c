"""Groups the curves of a GAN's training into panels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PANELS = {
    "predicted probability of being real": ("p_real", "p_fake"),
    "accuracy of the discriminator": ("accuracy_train", "accuracy_val", "accuracy_fake"),
    "gradient norm": ("d_gradient", "g_gradient"),
    "diversity within classes, real = 1": ("diversity",),
    "fraction of near-copies": ("near_copies",),
    "distance to validation images": ("distance",),
    "translations taken for their source's class": ("source_class",),
    "effect of the source, all = 1": ("source_effect",),
}
"""Panels of a GAN's health, shown after the terms of its objective: title → columns of history.csv. A panel is left out
if history.csv lacks one of its columns."""
LABELS = {
    "p_real": "real",
    "p_fake": "fake",
    "accuracy_train": "training",
    "accuracy_val": "validation",
    "accuracy_fake": "fake",
    "d_gradient": "discriminator",
    "g_gradient": "generator",
}
NETWORKS = {"d": "discriminator", "g": "generator"}
MEASURES = frozenset(column for columns in PANELS.values() for column in columns)


def panels(columns: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """Return the panels of a history with these columns: title → column → label of its curve."""
    present = list(columns)
    terms = [name for name in present if name not in MEASURES | {"step", "images"}]
    losses = {f"loss of the {NETWORKS[name[0]]}: {name[2:]}": {name: name} for name in terms}
    health = {title: names for title, names in PANELS.items() if set(names) <= set(present)}
    return losses | {title: {name: LABELS.get(name, name) for name in names} for title, names in health.items()}
