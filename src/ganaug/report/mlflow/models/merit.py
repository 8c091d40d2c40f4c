"""Compares two models by their scores on validation images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Self


class Merit(NamedTuple):
    """A model's score on validation images, and the conditions under which it may be compared."""

    score: float
    """Score of its arm, by the metric that decides the verdict, averaged over replicates."""
    metric: str
    better: str
    """Whether "high" or "low" scores are better."""
    images: str
    """Digest of the validation images and their labels."""
    sound: bool
    """Whether the run's verdict lets it become the champion."""

    def replaces(self, champion: Self | None) -> bool:
        """Return whether this model takes the champion's place: whether it is sound and better.

        False if the two were judged by different metrics or on different images: then a person must decide.
        """
        if champion is None or not self.sound:
            return self.sound
        if (self.metric, self.images) != (champion.metric, champion.images):
            return False
        return self.score > champion.score if self.better == "high" else self.score < champion.score

    def as_tags(self) -> dict[str, str]:
        """Return the merit as tags of a model."""
        return {f"{PREFIX}{name}": str(value) for name, value in self._asdict().items()}

    @classmethod
    def of_tags(cls, tags: Mapping[str, str]) -> Self | None:
        """Return the merit in tags from `as_tags`, or None for a model that is not ganaug's."""
        if any(f"{PREFIX}{name}" not in tags for name in cls._fields):
            return None
        values = {name: tags[f"{PREFIX}{name}"] for name in cls._fields}
        return cls(
            score=float(values["score"]),
            metric=values["metric"],
            better=values["better"],
            images=values["images"],
            sound=values["sound"] == str(True),
        )


PREFIX = "validation."
"""Prefix of the tags' names."""
