"""What can be known to be wrong before anything long starts."""

from __future__ import annotations

from pathlib import Path

from ganaug.config import PARAMS
from ganaug.errors import InputError
from ganaug.sections import Params, read_params
from ganaug.transforms import build_transform


def check_params(path: Path = PARAMS) -> Params:
    """Return all of params.yaml; every plug-in and transform in it is built once, and paths are looked for.

    Raises InputError that names the parameter and the remedy.
    """
    params = read_params(path)
    for group in ("baseline", "augmented"):
        for name, arm in getattr(params, group).items():
            try:
                build_transform(arm.transforms)
            except InputError as error:
                raise InputError(f"{path}: arms.{group}.{name}.{error}") from None
    if not params.prepare.path.exists():
        raise InputError(f"{path}: prepare.path: {params.prepare.path}: no such file or folder")
    return params
