"""Libraries that only some users need."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from ganaug.core.errors import InputError


def optional(module: str, extra: str) -> ModuleType:
    """Import an optional library. Raises InputError that names the extra of ganaug that brings it if it is missing."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        raise InputError(
            f"the library {error.name} is not installed; install it with: pip install 'ganaug[{extra}]'"
        ) from None
