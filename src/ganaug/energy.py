"""What the machine's own counters say of energy, where it has any that may be read."""

from __future__ import annotations

from pathlib import Path

POWERCAP = Path("/sys/class/powercap")
"""Linux's running average power limit, a folder for each processor package; often only administrators may read it."""


class Meter:
    """Energy that the whole machine's processors and NVIDIA GPUs use from now on, other programs' share included."""

    def __init__(self) -> None:
        self.packages = _packages()
        self.gpus = _gpus()

    def joules(self) -> float | None:
        """Return the energy used so far; None where the platform does not tell."""
        packages, gpus = _packages(), _gpus()
        if not packages and not gpus:
            return None
        # counters start again at 0 when they are full
        used = sum((now - self.packages[name][0]) % full for name, (now, full) in packages.items())
        return used / 1e6 + (gpus - self.gpus) / 1e3


def _packages() -> dict[str, tuple[int, int]]:
    """Return microjoules and the counter's range, by package; nothing unless all can be read."""
    try:
        return {
            folder.name: tuple(int((folder / name).read_text()) for name in ("energy_uj", "max_energy_range_uj"))  # type: ignore[misc]
            for folder in sorted(POWERCAP.glob("*-rapl:[0-9]"))
        }
    except (OSError, ValueError):
        return {}


def _gpus() -> int:
    """Return millijoules of all GPUs since their driver was loaded; 0 without NVIDIA's management library."""
    try:
        import pynvml

        pynvml.nvmlInit()
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        return sum(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) for handle in handles)
    except Exception:  # not installed, no GPU, or one that does not count: each has its own type, all mean the same
        return 0
