"""Independent random streams from one seed and a purpose, so that no two parts of a run share their randomness."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def derive(seed: int, purpose: str) -> int:
    """Return a seed in [0, 2**63) for one purpose, such as "train_gan/3/noise".

    Equal arguments give equal seeds on every machine; different purposes give unrelated ones (BLAKE2b), also
    where seeds or purposes are neighbours.
    """
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def numpy_generator(seed: int, purpose: str) -> np.random.Generator:
    """Return NumPy's default generator for one purpose."""
    return np.random.default_rng(derive(seed, purpose))


def torch_generator(seed: int, purpose: str, device: str | torch.device = "cpu") -> torch.Generator:
    """Return a torch generator for one purpose on `device`."""
    import torch

    return torch.Generator(device).manual_seed(derive(seed, purpose))
