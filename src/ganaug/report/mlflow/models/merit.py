"""Which of two models is better, by what they have shown on validation images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Self


class Merit(NamedTuple):
    """What a model has shown on validation images, and what that may be compared with."""

    score: float
    """Of its arm, by the metric that decides the verdict, averaged over replicates."""
    metric: str
    better: str
    """Which scores are better: "high" or "low"."""
    images: str
    """Digest of the validation images and their labels."""
    sound: bool
    """Whether the run's verdict lets it become the champion."""

    def replaces(self, champion: Self | None) -> bool:
        """Return whether it takes the champion's place: whether it is sound, and better than it.

        Never, if the two were judged by different metrics or on different images: then a person decides.
        """
        if champion is None or not self.sound:
            return self.sound
        if (self.metric, self.images) != (champion.metric, champion.images):
            return False
        return self.score > champion.score if self.better == "high" else self.score < champion.score

    def as_tags(self) -> dict[str, str]:
        """Return it as the tags of a model."""
        return {f"{PREFIX}{name}": str(value) for name, value in self._asdict().items()}

    @classmethod
    def of_tags(cls, tags: Mapping[str, str]) -> Self | None:
        """Return what `as_tags` wrote; None for a model that is not ganaug's."""
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
"""Beginning of the tags' names."""
