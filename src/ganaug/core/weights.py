"""Networks on their way to disk and back."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import save_file
from torch import nn


def save_weights(path: Path, network: nn.Module) -> None:
    """Write parameters and buffers as safetensors."""
    save_file({name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}, path)
