"""Builds Lightning loggers from params.yaml: `{name: CSVLogger, save_dir: logs}`, `{name: package.module.Class}`."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ganaug.core.errors import InputError, unknown

if TYPE_CHECKING:
    from pytorch_lightning.loggers import Logger

# Lightning takes seconds to import, so functions import it, and only where a logger is configured.


def check_loggers(specs: Any) -> tuple[dict[str, Any], ...]:
    """Return the specs of loggers. Raises InputError for an unknown class, or arguments that it does not take."""
    if not isinstance(specs, list | tuple) or not all(
        isinstance(spec, Mapping) and isinstance(spec.get("name"), str) for spec in specs
    ):
        raise InputError(
            f"trainer.loggers: write a list such as [{{name: CSVLogger, save_dir: logs}}] (given: {specs!r})"
        )
    for spec in specs:
        try:
            inspect.signature(_logger_class(spec["name"])).bind(**_arguments(spec))
        except TypeError as error:
            raise InputError(f"trainer.loggers: {spec['name']}: {error}; see the class's documentation") from None
    return tuple(dict(spec) for spec in specs)


def build_loggers(specs: Sequence[Mapping[str, Any]]) -> list[Logger]:
    """Return the loggers. Raises InputError if one cannot be built."""
    built = []
    for spec in specs:
        try:
            built.append(_logger_class(spec["name"])(**_arguments(spec)))
        except (ImportError, TypeError, ValueError) as error:
            raise InputError(
                f"train_gan.trainer.loggers: {spec['name']}: {error}; correct its arguments, or install what is missing"
            ) from None
    return built


def _arguments(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key != "name"}


def _logger_class(name: str) -> type[Logger]:
    """Return the class of a Lightning logger by its name, or of another logger by its full name. Raises InputError."""
    from pytorch_lightning import loggers

    if "." in name:
        module, _, attribute = name.rpartition(".")
        try:
            logger = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            raise InputError(f"trainer.loggers: {name}: {error}; install the package, or correct the name") from None
        if not (isinstance(logger, type) and issubclass(logger, loggers.Logger)):
            raise InputError(f"trainer.loggers: {name} is not a subclass of pytorch_lightning.loggers.Logger")
        return logger
    choices = {name: getattr(loggers, name) for name in loggers.__all__ if name != "Logger"}
    if name not in choices:
        raise InputError(f"trainer.loggers: {unknown('Lightning logger', name, choices)}, or give a full class name")
    return choices[name]
