"""The pretrained weights that a run started from: one list, in summary.json, for terminal, report and MLflow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.core.text import joined
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.summary_types import PretrainedPart, RecordedPart, StartedFrom

CLASSIFIERS, ENSEMBLES, GANS = "train_classifier.classifier", "train_ensemble.classifier", "train_gan.network"
"""Who may start from weights, as params.yaml calls it."""

STARTED = {
    CLASSIFIERS: "the classifiers of all arms",
    ENSEMBLES: "the ensembles",
    GANS: "the GANs' discriminators",
}
"""The same in words."""


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


def started(entry: PretrainedPart) -> str:
    """Return who started from an entry's weights, such as "the ensembles and the GANs' discriminators"."""
    return joined([STARTED[user] for user in entry["used_by"]])


def weights_sentence(entry: PretrainedPart) -> str:
    """Return who started from which weights, in a sentence."""
    who = started(entry)
    return (
        f"{who[0].upper()}{who[1:]} started from the same pretrained weights: `{entry['weights']}` of "
        f"`{entry['model']}` (SHA-256 {entry['sha256']})."
    )


def described(entry: PretrainedPart) -> str:
    """Return all that is known about a file of weights, except its users, for a list of facts."""
    known = [entry.get("library"), entry.get("package"), entry.get("license")]
    return f"{entry['weights']} of {entry['model']} ({', '.join(filter(None, known))}), SHA-256 {entry['sha256']}"


def _recorded(experiment: Experiment, paths: Paths) -> Iterator[tuple[str, RecordedPart]]:
    """Yield who started from pretrained weights, with what was recorded."""
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
