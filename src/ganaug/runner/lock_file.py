"""Writes dvc.lock quickly while stages run side by side.

After each stage, DVC reads and writes the whole file in pure Python, to keep comments, which a lock file does not have.
That takes most of DVC's time for a short stage, grows with the number of stages, and happens one stage at a time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def quick_lock_file(lock: Path) -> Iterator[None]:
    """Let DVC use libyaml for lock files in this block, also in processes that are forked in it.

    After the block, DVC's own writer rewrites `lock`, so that its bytes are the same with and without this.
    """
    from dvc import dvcfile

    slow = getattr(dvcfile, "modify_yaml", None)
    if slow is None:  # another version of DVC, which then takes its own time
        yield
        return

    def modify(path: str, fs: Any = None) -> AbstractContextManager[Any]:
        return _modify(Path(path)) if str(path).endswith(".lock") else slow(path, fs=fs)

    dvcfile.modify_yaml = modify
    try:
        yield
    finally:
        dvcfile.modify_yaml = slow
        if lock.exists():
            with slow(str(lock)):
                pass


@contextmanager
def _modify(path: Path) -> Iterator[dict[str, Any]]:
    """Yield a YAML file's content, and write it back with what the block changes; an error leaves the file as it is."""
    from ruamel.yaml import YAML
    from ruamel.yaml.representer import SafeRepresenter

    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.representer.add_representer(OrderedDict, SafeRepresenter.represent_dict)  # DVC holds each stage in one
    content = (yaml.load(path) if path.exists() else None) or {}
    yield content
    written = path.with_name(f"{path.name}.new")
    with written.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)
    written.replace(path)
