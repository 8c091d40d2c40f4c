"""PLUG-IN: one file a classifier."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.nn import Module


class Classifier(ABC):
    """Builds the network that the experiment is about."""

    @abstractmethod
    def build(self, shape: tuple[int, int, int], classes: int) -> Module:
        """Return a module: images (N, C, H, W) in [-1, 1], `shape` being (C, H, W) → logits (N, classes)."""
