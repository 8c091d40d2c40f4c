"""Finds safetensors files of the Hugging Face hub in its cache on this machine, or downloads them into it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from ganaug.core.errors import InputError, first_line
from ganaug.core.extras import require

HUB = "hub:"
"""Prefix of a hub reference."""
FILE = "model.safetensors"
"""Default file name."""


class HubFile(NamedTuple):
    """A file of the hub in the cache."""

    path: Path
    name: str
    """`hub:<owner>/<repository>/<file>@<commit>`: names the same bytes on every machine."""


def hub_file(weights: str) -> HubFile:
    """Return the file that `hub:<owner>/<repository>[/<file>][@<revision>]` names.

    A file in the cache is used without asking the hub, so runs on one machine agree, even offline. Without a revision,
    the file is the one on the branch `main` when it was downloaded. The cache is huggingface_hub's own: HF_HOME and
    HF_HUB_OFFLINE work as usual.

    Raises InputError if the file is neither in the cache nor on the hub, or if the hub cannot be reached.
    """
    require("huggingface_hub", "pretrained")
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    repository, file, revision = _parts(weights)
    try:
        cached = try_to_load_from_cache(repository, file, revision=revision)
    except HFValidationError:
        problem = "write hub:<owner>/<repository>, such as hub:timm/resnet18.a1_in1k"
        raise InputError(f"weights: {weights}: {problem}") from None
    path = Path(cached) if isinstance(cached, str) else _download(repository, file, revision)
    if isinstance(path, str):
        raise InputError(f"weights: {weights}: {path}")
    commit = path.parents[file.count("/")].name  # …/snapshots/<commit>/<file>
    return HubFile(path, f"{HUB}{repository}/{file}@{commit}")


def _parts(weights: str) -> tuple[str, str, str]:
    """Return repository, file and revision. Raises InputError unless the file is a safetensors file."""
    place, _, revision = weights.removeprefix(HUB).partition("@")
    owner, _, rest = place.partition("/")
    repository, _, file = rest.partition("/")
    if file and not file.endswith(".safetensors"):
        raise InputError(
            f"weights: {weights}: only safetensors are downloaded; name such a file, or give a path to your own file"
        )
    return f"{owner}/{repository}", file or FILE, revision or "main"


@cache  # it tries for half a minute, and every code list needs the file
def _download(repository: str, file: str, revision: str) -> Path | str:
    """Return the path of the downloaded file, or a message that says why there is none, with a remedy."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    missing = (EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError)
    try:
        return Path(hf_hub_download(repository, file, revision=revision))
    except Exception as error:  # the HTTP library, and so its exceptions, depend on the installed version
        if isinstance(error, missing) and not isinstance(error, LocalEntryNotFoundError):
            return (
                f"the hub has no {file} at {revision} of {repository}, or you do not have access to it; name another "
                f"repository, or give a path to your own file"
            )
        cause = first_line(error.__cause__ or error).rstrip(".")
        return (
            f"not in the cache of the Hugging Face hub, and the hub cannot be reached ({cause}); give a path to your "
            f"own file, or fill the cache where there is a network: hf download {repository} {file}"
        )
