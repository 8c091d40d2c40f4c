"""params.yaml → frozen, typed, strict settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass as plain_dataclass
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Self, TypeVar, dataclass_transform

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
    """Make `cls` a frozen keyword-only dataclass that validates its fields and rejects unknown ones."""
    checked: type[T] = dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))(cls)  # type: ignore[assignment]
    return checked


def plugin(package: str) -> Any:
    """Annotate a settings field as a plug-in of `ganaug.<package>`, written in YAML as `{name: …, option: …}`.

    A plug-in that is already built is taken as it is.
    """

    def validate(spec: Any, info: ValidationInfo) -> Any:
        if is_dataclass(spec):  # which no YAML is
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


@plain_dataclass(frozen=True)
class ParamsFile:
    """params.yaml, read once.

    path: where it was read, for messages. content: all of it as plain values.
    """

    path: Path
    content: dict[str, Any]

    @classmethod
    def load(cls, path: Path = PARAMS) -> Self:
        """Read the file as DVC does: YAML 1.2, where 2e-4 is a number and `no` is a word.

        Raises InputError if the file is missing or is not a YAML mapping.
        """
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            content = YAML(typ="safe").load(path)
        except FileNotFoundError:
            raise InputError(f"{path}: not found; run from the project's top folder") from None
        except (OSError, YAMLError) as error:
            raise InputError(f"{path}: cannot be read as YAML: {error}") from None
        if not isinstance(content, dict):
            raise InputError(f"{path}: expected sections such as 'prepare:' and 'train_gan:'")
        for place, name in _names(content):
            if not isinstance(name, str):  # DVC can neither sort numbers among words nor find an arm of that name
                raise InputError(f"{path}: {place}{name}: a name that is a number needs quotes: '{name}'")
        return cls(path, content)

    def value(self, place: str) -> Any:
        """Return what is at `place` (dots descend: "train_gan.network.name"). Raises InputError if it is missing."""
        value: Any = self.content
        for key in place.split("."):
            if not isinstance(value, dict) or key not in value:
                raise InputError(f"{self.path}: section '{place}' is missing")
            value = value[key]
        return value

    def section(self, place: str, schema: type[T]) -> T:
        """Return one section (dots descend: "arms.baseline.real") as `schema`.

        Raises InputError that names file, parameter, what was given and what is allowed.
        """
        value = self.value(place)
        try:
            result: T = from_data(schema, value)
        except ValidationError as error:
            raise InputError("\n".join(f"{self.path}: {line}" for line in _explain(error, schema, place))) from None
        except InputError as error:
            raise InputError("\n".join(f"{self.path}: {place}.{line}" for line in str(error).splitlines())) from None
        return result

    @property
    def replicates(self) -> tuple[int, ...]:
        """The replicates' numbers. Raises InputError unless they are distinct integers from 0 on."""
        replicates = self.section("replicates", tuple[int, ...])
        if not replicates or min(replicates) < 0 or len(set(replicates)) < len(replicates):
            raise InputError(f"{self.path}: replicates: give distinct integers from 0 on (given: {list(replicates)})")
        return replicates

    @property
    def seed(self) -> int:
        """The seed that all randomness of a run derives from. Raises InputError unless it is an integer from 0 on."""
        seed = self.section("seed", int)
        if seed < 0:
            raise InputError(f"{self.path}: seed: give an integer from 0 on (given: {seed})")
        return seed


def _names(tree: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every name in a tree of mappings and lists, each with the place that it is in."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield place, name
            yield from _names(value, f"{place}{name}.")
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            yield from _names(value, f"{place}{number}.")


def _parameters(schema: Any) -> list[str]:
    return [one.name for one in fields(schema)] if is_dataclass(schema) else []


def _explain(error: ValidationError, schema: Any, section: str | None) -> Iterator[str]:
    """Turn pydantic's report into lines of `place: what is wrong (given: …)`, one per place."""
    places: dict[str, list[str]] = {}
    where: tuple[int | str, ...]
    for item in error.errors():
        field, inner = item["loc"][:1], item["loc"][1:]
        if item["type"] == "unexpected_keyword_argument":
            where, says = (), unknown("parameter", str(field[0]), _parameters(schema))
        elif item["type"].startswith("missing") and not inner:
            where, says = (), f"parameter '{field[0]}' is missing"
        else:  # inside a field only positions are the user's; names there belong to a union's alternatives
            where = (*field, *(part for part in inner if isinstance(part, int)))
            reason = item["msg"].removeprefix("Value error, ").replace("an object", "a mapping")
            says = f"{reason} (given: {item['input']!r})"
        places.setdefault(".".join(map(str, (section, *where))), []).append(says)
    for place, reasons in places.items():
        yield f"{place}: {'; or: '.join(dict.fromkeys(reasons))}"
