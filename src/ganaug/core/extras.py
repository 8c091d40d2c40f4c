"""Libraries that only some users need."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from ganaug.core.errors import InputError


def optional(module: str, extra: str) -> ModuleType:
    """Import an optional library. Raises InputError that names the extra of ganaug that brings it if it is missing."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        raise _missing(error.name, extra) from None


def require(library: str, extra: str) -> None:
    """Raise InputError that names the extra of ganaug if the library is not installed; do not import it."""
    if find_spec(library) is None:
        raise _missing(library, extra)


def _missing(library: str, extra: str) -> InputError:
    return InputError(f"the library {library} is not installed; install it with: pip install 'ganaug[{extra}]'")
