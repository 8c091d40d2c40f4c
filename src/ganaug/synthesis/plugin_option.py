"""Parses plug-ins given on the command line, as in `--along sefa:2` or `--format webdataset:500`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pydantic import ValidationError

from ganaug.core.errors import InputError
from ganaug.core.plugins import find


def plugin_option(package: str, option: str, given: str) -> Any:
    """Return the plug-in of `ganaug.<package>` given as NAME or NAME:VALUE.

    VALUE sets its first field; other fields keep their defaults. option: such as "--along", for messages.

    Raises InputError for an unknown name, a missing or invalid value, or a value for a plug-in without fields.
    """
    name, colon, value = given.partition(":")
    plugin = find(package, name)
    names = [field.name for field in fields(plugin)]
    if colon and not names:
        raise InputError(f"{option} {given}: '{name}' takes no value")
    try:
        return plugin(**{names[0]: value} if colon else {})
    except ValidationError as error:
        raise InputError(f"{option} {given}: after '{name}:', {_reason(error)}") from None


def _reason(error: ValidationError) -> str:
    first = error.errors()[0]
    return "a value is missing" if first["type"].startswith("missing") else first["msg"]
