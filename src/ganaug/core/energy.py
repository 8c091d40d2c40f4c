"""What the machine's own counters say of energy, where it has any that may be read."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event, Thread
from typing import Self

POWERCAP = Path("/sys/class/powercap")
"""Linux's running average power limit, a folder for each processor package; often only administrators may read it."""
NVIDIA = Path("/proc/driver/nvidia")
"""There if NVIDIA's driver is loaded."""
LOOK_EVERY = 60.0
"""Seconds between two looks at the packages, whose counters start again at 0 when they are full: the smallest, which
hold 65 kJ, after a minute at 1.1 kW, more than a package takes."""


class Meter:
    """Energy that the whole machine's processors and GPUs use within a `with` block, other programs' share included."""

    joules: float | None = None
    """What the block used, once it has ended; None unless all processors and GPUs tell: a part is not the energy."""

    def __enter__(self) -> Self:
        self.packages, self.gpus = _packages(), _gpus()
        self.microjoules = 0
        self.ended = Event()
        self.watch = Thread(target=self._watch, daemon=True)
        self.watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.watch.join()
        self._look()
        gpus = _gpus()
        if self.packages and self.gpus is not None and gpus is not None:
            self.joules = self.microjoules / 1e6 + (gpus - self.gpus) / 1e3

    def _watch(self) -> None:
        """Look now and then; not at all where there is nothing to be seen."""
        while self.packages and not self.ended.wait(LOOK_EVERY):
            self._look()

    def _look(self) -> None:
        """Add what the packages used since the last look; forget them if they do not all tell any more."""
        now = _packages()
        if now.keys() != self.packages.keys():
            now = {}
        self.microjoules += sum((used - self.packages[name][0]) % full for name, (used, full) in now.items())
        self.packages = now


def _packages() -> dict[str, tuple[int, int]]:
    """Return microjoules and the counter's range, by package; nothing unless all can be read."""
    try:
        return {
            folder.name: tuple(int((folder / name).read_text()) for name in ("energy_uj", "max_energy_range_uj"))  # type: ignore[misc]
            for folder in sorted(POWERCAP.glob("*-rapl:[0-9]"))
        }
    except (OSError, ValueError):
        return {}


def _gpus() -> int | None:
    """Return millijoules of all GPUs since their driver was loaded: 0 if there are none, None if they do not tell."""
    if not _has_gpu():
        return 0
    try:
        import pynvml

        pynvml.nvmlInit()  # and no shutdown: counters start again when the driver's last user is gone
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        return sum(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) for handle in handles)
    except Exception:  # no driver, not NVIDIA's, or one that does not count: each has its own type, all mean the same
        return None


def _has_gpu() -> bool:
    """Tell whether there is a GPU; torch, whose import takes seconds, is asked only if the stage has imported it."""
    torch = sys.modules.get("torch")
    return NVIDIA.exists() or (torch is not None and torch.cuda.is_available())
