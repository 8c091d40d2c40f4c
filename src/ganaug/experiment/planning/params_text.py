"""Changes values in a params.yaml, keeping comments and formatting."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ganaug.core.config import ParamsFile

NULL = "tag:yaml.org,2002:null"


class Choice(NamedTuple):
    """A value for params.yaml. why: the comment beside it."""

    value: Any
    why: str = ""


def with_choices(
    base: ParamsFile,
    choices: Mapping[str, Mapping[str, Choice]],
    arms: Mapping[str, Any],
    classical: list[dict[str, Any]] | None,
) -> str:
    """Return the text of `base` with other values; unchanged values keep their formatting.

    choices: section → parameter → value. arms: group → arm → options. classical: transforms for all arms but `real`,
    instead of those of `base`.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedSeq

    yaml = YAML()  # keeps the comments of `base`
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(type(None), lambda dumper, _: dumper.represent_scalar(NULL, "null"))
    params = yaml.load(base.path)
    for section, values in choices.items():
        for name, choice in values.items():
            if name not in params[section] or params[section][name] != choice.value:
                params[section][name] = _in_one_line(choice.value)
            if choice.why:
                params[section].yaml_add_eol_comment(choice.why, name, column=32)
    transforms = params["train_ensemble"].setdefault("transforms", CommentedSeq())
    if classical is not None:
        transforms[:] = [_in_one_line(transform) for transform in classical]
    for group, proposed in arms.items():
        params["arms"][group].clear()
        for name, options in proposed.items():
            shared = {} if name == "real" else {"transforms": transforms}
            params["arms"][group][name] = _in_one_line(options | shared)
    text = io.StringIO()
    yaml.dump(params, text)
    # ruamel moves a comment after an anchor to the next line, and drops empty lines after replaced values
    whole = re.sub(r"(&\w+)\n +(#.*)\n", r"\1        \2\n", text.getvalue())
    return re.sub(r"(\n +\S.*\n)(?=\w+:)", r"\1\n", whole)


def _in_one_line(value: Any) -> Any:
    """Return a value whose mappings and lists are written on one line: {name: folder}."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, dict):
        value = CommentedMap({name: _in_one_line(inner) for name, inner in value.items()})
    elif isinstance(value, list) and not isinstance(value, CommentedSeq):
        value = CommentedSeq([_in_one_line(inner) for inner in value])
    else:
        return value
    value.fa.set_flow_style()
    return value
