"""Imports optional libraries, and says how to install them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from ganaug.core.errors import InputError


def optional(module: str, extra: str) -> ModuleType:
    """Import an optional library. If it is missing, raises InputError that names the extra of ganaug to install."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        raise _missing(error.name, extra) from None


def require(library: str, extra: str) -> None:
    """Raise InputError that names the extra of ganaug to install if the library is missing; do not import it."""
    if find_spec(library) is None:
        raise _missing(library, extra)


def _missing(library: str, extra: str) -> InputError:
    return InputError(f"the library {library} is not installed; install it with: pip install 'ganaug[{extra}]'")
