"""params.yaml → frozen, typed, strict settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, dataclass_transform

from pydantic import ConfigDict, GetCoreSchemaHandler, GetPydanticSchema, ValidationError, ValidationInfo
from pydantic.dataclasses import dataclass
from pydantic_core import CoreSchema
from pydantic_core.core_schema import plain_serializer_function_ser_schema, with_info_plain_validator_function

from ganaug.core.errors import InputError, error_context, unknown
from ganaug.core.plugins import build, describe, find, from_data

T = TypeVar("T")

PARAMS = Path("params.yaml")


@dataclass_transform(kw_only_default=True, frozen_default=True)
def settings(cls: type[T]) -> type[T]:
    """Make `cls` a frozen keyword-only dataclass that checks its fields and refuses unknown ones."""
    checked: type[T] = dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))(cls)  # type: ignore[assignment]
    return checked


def plugin(package: str) -> Any:
    """Annotate a settings field as a plug-in of `ganaug.<package>`, written in YAML as `{name: …, option: …}`.

    A plug-in that is built already is taken as it is.
    """

    def validate(spec: Any, info: ValidationInfo) -> Any:
        if type(spec).__module__.startswith(f"ganaug.{package}."):
            return spec
        try:
            with error_context(f"{info.field_name}: "):
                return build(package, spec)
        except ValidationError as error:
            raise InputError("\n".join(_explain(error, find(package, spec["name"]), info.field_name))) from None

    def schema(_: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        described = plain_serializer_function_ser_schema(describe)
        return with_info_plain_validator_function(validate, field_name=handler.field_name, serialization=described)

    return GetPydanticSchema(schema)


def load_params(path: Path = PARAMS) -> dict[str, Any]:
    """Read the whole of params.yaml as DVC does: YAML 1.2, where 2e-4 is a number and `no` is a word.

    Raises InputError if the file is missing or is not a YAML mapping.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        params = YAML(typ="safe").load(path)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run from the project's top folder") from None
    except (OSError, YAMLError) as error:
        raise InputError(f"{path}: cannot be read as YAML: {error}") from None
    if not isinstance(params, dict):
        raise InputError(f"{path}: expected sections such as 'prepare:' and 'train_gan:'")
    for place, name in _names(params):
        if not isinstance(name, str):  # DVC cannot sort numbers among words, nor find an arm of that name
            raise InputError(f"{path}: {place}{name}: a name that is a number needs quotes: '{name}'")
    return params


def _names(tree: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the names in a tree of mappings and lists, each with the place before it."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield place, name
            yield from _names(value, f"{place}{name}.")
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            yield from _names(value, f"{place}{number}.")


def read(section: str, schema: type[T], path: Path = PARAMS) -> T:
    """Return one section of params.yaml (dots descend: "arms.baseline.real") as `schema`.

    Raises InputError that names file, parameter, what was given and what is allowed.
    """
    value: Any = load_params(path)
    for key in section.split("."):
        if not isinstance(value, dict) or key not in value:
            raise InputError(f"{path}: section '{section}' is missing")
        value = value[key]
    try:
        result: T = from_data(schema, value)
    except ValidationError as error:
        raise InputError("\n".join(f"{path}: {line}" for line in _explain(error, schema, section))) from None
    except InputError as error:
        raise InputError("\n".join(f"{path}: {section}.{line}" for line in str(error).splitlines())) from None
    return result


def read_replicates(path: Path = PARAMS) -> tuple[int, ...]:
    """Return the replicates' numbers. Raises InputError if they are not distinct whole numbers from 0 on."""
    replicates = read("replicates", tuple[int, ...], path)
    if not replicates or min(replicates) < 0 or len(set(replicates)) < len(replicates):
        raise InputError(f"{path}: replicates: give distinct whole numbers from 0 on (given: {list(replicates)})")
    return replicates


def read_seed(path: Path = PARAMS) -> int:
    """Return the seed that all randomness of a run derives from."""
    seed = read("seed", int, path)
    if seed < 0:
        raise InputError(f"{path}: seed: give a whole number from 0 on (given: {seed})")
    return seed


def _parameters(schema: Any) -> list[str]:
    return [one.name for one in fields(schema)] if is_dataclass(schema) else []


def _explain(error: ValidationError, schema: Any, section: str | None) -> Iterator[str]:
    """Turn pydantic's report into lines of `place: what is wrong (given: …)`, one a place."""
    places: dict[str, list[str]] = {}
    where: tuple[int | str, ...]
    for item in error.errors():
        field, inner = item["loc"][:1], item["loc"][1:]
        if item["type"] == "unexpected_keyword_argument":
            where, says = (), unknown("parameter", str(field[0]), _parameters(schema))
        elif item["type"].startswith("missing") and not inner:
            where, says = (), f"parameter '{field[0]}' is missing"
        else:  # inside a field only positions are the user's own; names there are those of a union's alternatives
            where = (*field, *(part for part in inner if isinstance(part, int)))
            reason = item["msg"].removeprefix("Value error, ").replace("an object", "a mapping")
            says = f"{reason} (given: {item['input']!r})"
        places.setdefault(".".join(map(str, (section, *where))), []).append(says)
    for place, reasons in places.items():
        yield f"{place}: {'; or: '.join(dict.fromkeys(reasons))}"
