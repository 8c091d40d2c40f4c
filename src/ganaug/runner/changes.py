"""Says why stages have to run: what has changed since they last ran."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import md5
from typing import Any

from ganaug.core.nested import leaves

NEVER = "has not run yet"
HASH = re.compile("[0-9a-f]{16}")
"""Precedes a file in a code list; a library is preceded by its version."""
NOT_SET = "(not set)"
"""Shown for the value of a missing parameter."""


def changes_of(stage: Any, code: Mapping[str, str], text_of: Callable[[str], str | None]) -> list[str]:
    """Return one phrase for each change since a DVC stage last ran; empty if it need not run.

    code: path → the code list as it is now. text_of: returns the content of a file of the last run by its MD5, or None
    if DVC's cache does not have it.
    """
    if stage.deps and not any(dependency.hash_info for dependency in stage.deps):
        return [NEVER]
    status = stage.status().get(stage.addressing, [])
    changed = {name: part for part in status if isinstance(part, Mapping) for name, part in part.items()}
    inputs, outputs = changed.get("changed deps", {}), changed.get("changed outs", {})
    phrases = ["the command in dvc.yaml"] if "changed command" in status else []
    for dependency in stage.deps:
        path, before = dependency.def_path, dependency.hash_info.value
        if path in code:
            phrases += _code(before, code[path], text_of)
        elif path in inputs and hasattr(dependency, "read_params"):
            phrases += _parameters(before or {}, dependency.read_params())
        elif path in inputs:
            phrases.append(f"{path} is missing" if inputs[path] == "deleted" else path)
    for path, state in outputs.items():
        phrases.append(f"{path} is missing" if state == "deleted" else f"{path}, which the stage wrote")
    return list(dict.fromkeys(phrases))


def _parameters(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield each parameter whose value has changed, with both values."""
    old, new = dict(leaves(before)), dict(leaves(now))
    for name in {**old, **new}:
        first, second = old.get(name, NOT_SET), new.get(name, NOT_SET)
        if first != second:
            yield f"{name}: {first} → {second}"


def _code(before: str, now: str, text_of: Callable[[str], str | None]) -> Iterator[str]:
    """Yield each file of a stage's code that has changed, and each library, with both versions.

    before: MD5 of the code list of the last run. now: the current list.
    """
    if md5(now.encode()).hexdigest() == before:
        return
    text = text_of(before)
    if text is None:
        yield "code (DVC's cache no longer has the list of the code that ran)"
        return
    old, new = (dict(line.split(maxsplit=1)[::-1] for line in listed.splitlines()) for listed in (text, now))
    for name in {**old, **new}:
        first, second = old.get(name), new.get(name)
        if first == second:
            continue
        if HASH.fullmatch(first or second or ""):
            yield name if first and second else f"{name} ({'new' if second else 'no longer used'})"
        else:
            yield f"{name} {first or '(not used)'} → {second or '(not used)'}"
