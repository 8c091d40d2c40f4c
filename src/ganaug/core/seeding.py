"""Derives independent random streams from a seed and a purpose, so that no two parts of a run share randomness."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def derive(seed: int, purpose: str) -> int:
    """Return a seed in [0, 2**63) for a purpose such as "train_gan/3/noise".

    The same arguments give the same seed on every machine. Different seeds or purposes give unrelated results
    (BLAKE2b), even if they differ in a single digit or letter.
    """
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def numpy_generator(seed: int, purpose: str) -> np.random.Generator:
    """Return a NumPy generator seeded with `derive(seed, purpose)`."""
    return np.random.default_rng(derive(seed, purpose))


def torch_generator(seed: int, purpose: str, device: str | torch.device = "cpu") -> torch.Generator:
    """Return a PyTorch generator on `device`, seeded with `derive(seed, purpose)`."""
    import torch

    return torch.Generator(device).manual_seed(derive(seed, purpose))
