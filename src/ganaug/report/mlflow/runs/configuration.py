"""A configuration: the parameters that decide what is trained, and the data. Its results share one run in MLflow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.report.mlflow.runs.names import flat

TRAIN_NOTHING = ("evaluate", "measure", "replicates", "threads")
"""Sections of params.yaml that decide how often and how fast networks are trained and how they are judged, but not what
is trained: another reference or more replicates do not make another configuration."""

LONGEST_DIFFERENCE = 3
"""Maximum number of parameters in a title that distinguish a configuration from the one most like it."""


class Configuration(NamedTuple):
    """The configuration that a set of runs belongs to."""

    key: str
    """Hash of the parameters that decide what is trained, and of the data."""
    title: str
    """Data, GAN and number of labels, such as "digits · resnet hinge · 12 per class"."""
    params: dict[str, Any]
    """The parameters that the key is computed from, by dotted name."""
    settings: dict[str, Any]
    """All other parameters, which may change within a configuration."""

    def titled(self, others: Mapping[str, Mapping[str, str]]) -> str:
        """Return a title that distinguishes it from earlier configurations with the same title, if there are any.

        It adds how this configuration differs from the one most like it. others: their parameters as text, by run id.
        """
        if not others:
            return self.title
        own = {name: str(value) for name, value in self.params.items()}
        differences = [_difference(own, theirs) for theirs in others.values()]
        nearest = min(differences, key=len)
        shown = [f"{name} {value}".strip() for name, value in list(nearest.items())[:LONGEST_DIFFERENCE]]
        more = [f"{len(nearest) - len(shown)} more"] if len(nearest) > len(shown) else []
        return " · ".join([self.title, *(shown or ["other images"]), *more])


def _difference(own: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """Return, by short name, parameters of `own` that `theirs` changes or lacks, then those that `own` lacks."""
    changed = {_short(name): value for name, value in own.items() if theirs.get(name) != value}
    return changed | {f"without {_short(name)}": "" for name in theirs if name not in own}


def _short(name: str) -> str:
    """Return a dotted name without an arm's group: "gan.synthetic" for "arms.augmented.gan.synthetic"."""
    return name.split(".", 2)[-1] if name.startswith("arms.") else name


def read_configuration(params: ParamsFile, paths: Paths) -> Configuration:
    """Return a project's configuration. Raises InputError if params.yaml or the prepared images are unusable."""
    source = LabelledImages.load(paths.test).source
    trained = {name: value for name, value in params.content.items() if name not in TRAIN_NOTHING}
    settings = {name: value for name, value in params.content.items() if name in TRAIN_NOTHING}
    key = hashlib.sha256(json.dumps([trained, source], sort_keys=True).encode()).hexdigest()[:16]
    return Configuration(key, _title(trained, source), flat(trained), flat(settings))


def _title(trained: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    gan = " ".join(str(_plugin(trained, "train_gan", part)) for part in ("network", "objective"))
    labels = trained.get("prepare", {}).get("labelled_per_class")
    return f"{source.get('title', source['name'])} · {gan} · {_per_class(labels)}"


def _plugin(trained: Mapping[str, Any], section: str, part: str) -> Any:
    return trained.get(section, {}).get(part, {}).get("name", part)


def _per_class(labels: Any) -> str:
    """Return the number of labels in words."""
    if isinstance(labels, Mapping) and labels:
        counts = sorted(labels.values(), key=lambda count: (isinstance(count, str), count))
        return f"{counts[0]} to {counts[-1]} per class"
    return f"{labels} per class" if isinstance(labels, int) else f"{labels or 'all'} labels"
