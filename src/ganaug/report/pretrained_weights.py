"""The pretrained weights that a run started from: one list, in summary.json, for terminal, report and MLflow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.summary_types import PretrainedPart, RecordedPart, StartedFrom, Summary

PRETRAINED = "pretrained"
"""Key in the stages' files and in summary.json; tag in MLflow."""
ARMS, ENSEMBLE, GAN = "train_classifier.classifier", "train_ensemble.classifier", "train_gan.network"
"""Who may start from weights, as params.yaml calls it."""


def pretrained_weights(experiment: Experiment, paths: Paths) -> StartedFrom:
    """Return an entry for each file of weights: what was recorded at training, and `used_by`. Raises InputError.

    All replicates start from the same weights: a stage runs again if their bytes change.
    """
    found: list[PretrainedPart] = []
    for user, facts in _recorded(experiment, paths):
        same = next((one for one in found if one.items() >= facts.items()), None)
        if same is None:
            found.append({**facts, "used_by": [user]})
        else:
            same["used_by"].append(user)
    return {"pretrained": found} if found else {}


def tags(summary: Summary, user: str | None = None) -> dict[str, str]:
    """Return the SHA-256 of the weights that one or all of a run's parts started from, as a tag; none without any."""
    used = [one["sha256"] for one in summary.get("pretrained", ()) if user is None or user in one["used_by"]]
    return {PRETRAINED: ", ".join(dict.fromkeys(used))} if used else {}


def described(entry: PretrainedPart) -> str:
    """Return all that is known about a file of weights, except its users, for a list of facts."""
    known = [entry.get("library"), entry.get("package"), entry.get("license")]
    return f"{entry['weights']} of {entry['model']} ({', '.join(filter(None, known))}), SHA-256 {entry['sha256']}"


def _recorded(experiment: Experiment, paths: Paths) -> Iterator[tuple[str, RecordedPart]]:
    """Yield who started from pretrained weights, with what was recorded."""
    first = experiment.replicates[0]
    specs = [paths.arm(name, first) / "classifier.json" for name in experiment.arms]
    places: dict[str, Sequence[Path]] = {
        ARMS: [spec for spec in specs if spec.exists()][:1],  # an arm that uses the discriminator has none
        ENSEMBLE: [paths.synthetic_report(first) / "quality.json"],
        GAN: [paths.gan(first) / "training.json"],
    }
    for user, files in places.items():
        for file in files:
            if facts := read_json(file).get(PRETRAINED):
                yield user, facts
