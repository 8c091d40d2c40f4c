"""Tags that distinguish MLflow's runs."""

from __future__ import annotations

from ganaug.experiment.summary.types import Summary

ARM, GROUP, KIND, REPLICATE, HEALTH = "arm", "group", "kind", "replicate", "health"
CONFIGURATION, GAN, CLASSIFIER = "configuration", "gan", "classifier"
"""Values of the tag `kind`."""


def pretrained_tags(summary: Summary, user: str | None = None) -> dict[str, str]:
    """Return the SHA-256 of the pretrained weights that `user`, or any part of a run, started from, as a tag, or {}."""
    used = [part["sha256"] for part in summary.get("pretrained", ()) if user is None or user in part["used_by"]]
    return {"pretrained": ", ".join(dict.fromkeys(used))} if used else {}
