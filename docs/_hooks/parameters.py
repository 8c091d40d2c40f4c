"""The page of all parameters, from the settings that read params.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

from options import Option, as_yaml, first_sentence, flowing, in_words, is_settings, options

from ganaug.core.config import ParamsFile
from ganaug.experiment.arms.groups import GROUPS
from ganaug.experiment.params import Params

TOP = "Top level"
PROJECT = Path(__file__).parents[2] / "params.yaml"


def sections() -> Iterator[tuple[str, str, list[Option]]]:
    """Yield each section of params.yaml: its key, its meaning and its parameters."""
    types = get_type_hints(Params, include_extras=True)
    single = {name: kind for name, kind in types.items() if isinstance(getattr(ParamsFile, name, None), property)}
    read = [
        Option(name, in_words(kind), kind, None, first_sentence(getattr(ParamsFile, name).__doc__))
        for name, kind in single.items()
        if name != "path"
    ]
    yield TOP, "Numbers that concern all stages.", read
    for name, kind in types.items():
        if is_settings(kind):
            yield name, flowing(kind.__doc__ or ""), list(_parameters(name, kind))
    arm = get_args(types[GROUPS[0]])[1]
    yield "arms.<group>.<name>", flowing(arm.__doc__ or ""), list(_parameters("arms.<group>.<name>", arm))


def _parameters(prefix: str, cls: type) -> Iterator[Option]:
    """Yield the parameters of settings, and those of settings within them."""
    for option in options(cls):
        key = f"{prefix}.{option.name}"
        yield option._replace(name=key)
        if is_settings(option.schema):
            yield from _parameters(key, option.schema)


def page() -> str:
    """Return the page as Markdown."""
    new = ParamsFile.load(PROJECT)
    lines = [
        "# Parameters",
        "",
        "All of `params.yaml`. What has a default can be left out. A *plug-in* is written as `{name: …, option: …}`.",
    ]
    for section, meaning, parameters in sections():
        shown = f"`{section}`" if section != TOP else section
        lines += ["", f"## {shown}", "", meaning]
        for one in parameters:
            lines += ["", f"### `{one.name.removeprefix(f'{section}.')}` {{ #{_anchor(one.name)} }}", ""]
            lines += [f"*{one.kind}* · {_default(one, new)}", "", f"{one.meaning}"]
    return "\n".join(lines) + "\n"


def _default(parameter: Option, new: ParamsFile) -> str:
    value: Any = new.content
    for name in parameter.name.split("."):
        if not isinstance(value, dict) or name not in value:
            return parameter.given
        value = value[name]
    given = as_yaml(value)
    return parameter.given if given == parameter.default else f"{parameter.given} · in a new project `{given}`"


def _anchor(key: str) -> str:
    return key.replace(".<group>.<name>", "")
