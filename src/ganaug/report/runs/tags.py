"""Tags by which MLflow's runs are told apart."""

from __future__ import annotations

from ganaug.experiment.summary_types import Summary

ARM, GROUP, KIND, REPLICATE, HEALTH = "arm", "group", "kind", "replicate", "health"
CONFIGURATION, GAN, CLASSIFIER = "configuration", "gan", "classifier"
"""Values of the tag `kind`."""


def pretrained_tags(summary: Summary, user: str | None = None) -> dict[str, str]:
    """Return the SHA-256 of the weights that one or all of a run's parts started from, as a tag; none without any."""
    used = [one["sha256"] for one in summary.get("pretrained", ()) if user is None or user in one["used_by"]]
    return {"pretrained": ", ".join(dict.fromkeys(used))} if used else {}
