"""Decides how many stages run side by side, and which GPUs each may use."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import takewhile

from ganaug.core.errors import InputError
from ganaug.core.parallel import jobs_at_once
from ganaug.runner.jobs import Slot

_IS_A_GPU = re.compile(r"\d+|(GPU|MIG)-.+")
"""An index, or an identifier or its first characters."""


def make_slots(jobs: int | None, threads: int, gpus: Sequence[str], gpus_per_job: int = 1) -> list[Slot]:
    """Return the slots for `jobs` stages.

    threads: CPU threads of each stage. gpus: their names in CUDA_VISIBLE_DEVICES. Each slot has `gpus_per_job` GPUs,
    which it shares with other slots if there are too few; without GPUs, all slots are alike. jobs: None for as many as
    the GPUs, or without GPUs the cores, can serve at full speed.

    Raises InputError if `jobs` is not positive.
    """
    groups = [gpus[i : i + gpus_per_job] for i in range(0, len(gpus) - gpus_per_job + 1, gpus_per_job)] or [gpus]
    count = jobs if jobs is not None else jobs_at_once(threads, len(gpus), gpus_per_job)
    if count < 1:
        raise InputError(f"--jobs: give an integer, 1 or above (given: {jobs})")
    if not gpus:
        return [{}] * count
    return [{"CUDA_VISIBLE_DEVICES": ",".join(groups[number % len(groups)])} for number in range(count)]


def visible_gpus() -> list[str]:
    """Return the NVIDIA GPUs that this process may use, by their names in CUDA_VISIBLE_DEVICES.

    As in CUDA, the first entry that is neither an index nor an identifier, such as -1, hides itself and all after it
    (CUDA C++ Programming Guide, "CUDA Environment Variables").
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return list(takewhile(_IS_A_GPU.fullmatch, (name.strip() for name in visible.split(","))))
    import pynvml

    try:
        pynvml.nvmlInit()
        return [str(number) for number in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
        return []
