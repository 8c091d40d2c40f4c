"""Measures energy use with the hardware's own counters, where they exist and are readable."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event, Thread
from typing import Self

POWERCAP = Path("/sys/class/powercap")
"""Linux's interface to the RAPL energy counters, one folder per CPU package; often readable by root only."""
NVIDIA = Path("/proc/driver/nvidia")
"""Exists if NVIDIA's driver is loaded."""
POLL_INTERVAL = 60.0
"""Seconds between readings of the CPU counters. They wrap around to 0 when full; the smallest hold 65 kJ, which takes a
minute at 1.1 kW, more than a package draws."""


class Meter:
    """Measures the energy that all CPUs and GPUs of the machine use in a `with` block, including other programs."""

    joules: float | None = None
    """Energy used, set when the block ends; None unless all CPUs and GPUs report it: a part is not the total."""

    def __enter__(self) -> Self:
        self.packages, self.gpus = _read_packages(), _read_gpus()
        self.microjoules = 0
        self.stopped = Event()
        self.poller = Thread(target=self._poll_until_stopped, daemon=True)
        self.poller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.poller.join()
        self._poll()
        gpus = _read_gpus()
        if self.packages and self.gpus is not None and gpus is not None:
            self.joules = self.microjoules / 1e6 + (gpus - self.gpus) / 1e3

    def _poll_until_stopped(self) -> None:
        """Poll regularly until the block ends or the counters become unreadable."""
        while self.packages and not self.stopped.wait(POLL_INTERVAL):
            self._poll()

    def _poll(self) -> None:
        """Add the energy used since the last reading; discard all packages if one is no longer readable."""
        now = _read_packages()
        if now.keys() != self.packages.keys():
            now = {}
        self.microjoules += sum((used - self.packages[name][0]) % full for name, (used, full) in now.items())
        self.packages = now


def _read_packages() -> dict[str, tuple[int, int]]:
    """Return microjoules and the counter's range for each CPU package; empty unless all are readable."""
    try:
        return {
            folder.name: tuple(int((folder / name).read_text()) for name in ("energy_uj", "max_energy_range_uj"))  # type: ignore[misc]
            for folder in sorted(POWERCAP.glob("*-rapl:[0-9]"))
        }
    except (OSError, ValueError):
        return {}


def _read_gpus() -> int | None:
    """Return millijoules used by all GPUs since their driver was loaded; 0 without GPUs, None if one is unreadable."""
    if not _has_gpu():
        return 0
    try:
        import pynvml

        pynvml.nvmlInit()  # never shut down: the counters reset when the driver's last user is gone
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        return sum(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) for handle in handles)
    except Exception:  # no driver, another vendor, or no counter: each raises its own type, all mean "unreadable"
        return None


def _has_gpu() -> bool:
    """Return whether there is a GPU. Asks torch only if it is already imported, because importing it takes seconds."""
    torch = sys.modules.get("torch")
    return NVIDIA.exists() or (torch is not None and torch.cuda.is_available())
