"""A named problem, with evidence and remedy."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """A problem that a run's own records show."""

    name: str
    seen: str
    """The evidence: a measurement and, where there is one, its healthy value."""
    remedy: str
    """Parameters to change, most promising first."""

    @property
    def sentence(self) -> str:
        """The problem, its evidence and its remedy, in words."""
        return f"{self.name}: {self.seen}. Try: {self.remedy}."
