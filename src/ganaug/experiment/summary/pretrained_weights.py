"""Lists the pretrained weights that a run started from, for summary.json, terminal, report and MLflow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.core.text import joined
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.summary.types import PretrainedPart, RecordedPart, StartedFrom

CLASSIFIERS, ENSEMBLES, GANS = "train_classifier.classifier", "train_ensemble.classifier", "train_gan.network"
"""Dotted keys in params.yaml of the plug-ins that can start from pretrained weights."""

STARTED = {
    CLASSIFIERS: "the classifiers of all arms",
    ENSEMBLES: "the ensembles",
    GANS: "the GANs' discriminators",
}
"""Dotted key → name of the networks in a sentence."""


def pretrained_weights(experiment: Experiment, paths: Paths) -> StartedFrom:
    """Return an entry for each file of weights: its record from training, and `used_by`.

    All replicates start from the same weights: a stage runs again if their bytes change.

    Raises InputError if a record is missing.
    """
    entries: list[PretrainedPart] = []
    for user, facts in _recorded(experiment, paths):
        same = next((entry for entry in entries if entry.items() >= facts.items()), None)
        if same is None:
            entries.append({**facts, "used_by": [user]})
        else:
            same["used_by"].append(user)
    return {"pretrained": entries} if entries else {}


def started(entry: PretrainedPart) -> str:
    """Return the networks that started from an entry's weights, such as "the ensembles"."""
    return joined([STARTED[user] for user in entry["used_by"]])


def weights_sentence(entry: PretrainedPart) -> str:
    """Return a sentence about the networks that started from an entry's weights."""
    who = started(entry)
    return (
        f"{who[0].upper()}{who[1:]} started from the same pretrained weights: `{entry['weights']}` of "
        f"`{entry['model']}` (SHA-256 {entry['sha256']})."
    )


def described(entry: PretrainedPart) -> str:
    """Return all facts about a file of weights, except its users, for a list."""
    origin = [entry.get("library"), entry.get("package"), entry.get("license")]
    return f"{entry['weights']} of {entry['model']} ({', '.join(filter(None, origin))}), SHA-256 {entry['sha256']}"


def _recorded(experiment: Experiment, paths: Paths) -> Iterator[tuple[str, RecordedPart]]:
    """Yield the key of each plug-in that started from pretrained weights, with the record of the weights."""
    first = experiment.replicates[0]
    specs = [paths.arm(name, first) / "classifier.json" for name in experiment.arms]
    places: dict[str, Sequence[Path]] = {
        CLASSIFIERS: [spec for spec in specs if spec.exists()][:1],  # an arm that uses the discriminator has none
        ENSEMBLES: [paths.synthetic_report(first) / "quality.json"],
        GANS: [paths.gan(first) / "training.json"],
    }
    for user, files in places.items():
        for file in files:
            if facts := read_json(file).get("pretrained"):
                yield user, facts
