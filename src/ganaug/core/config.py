"""Reads params.yaml into frozen, typed, strictly validated settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass as plain_dataclass
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar, dataclass_transform

from pydantic import (
    AfterValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    ValidationError,
    ValidationInfo,
)
from pydantic.dataclasses import dataclass
from pydantic_core import CoreSchema
from pydantic_core.core_schema import plain_serializer_function_ser_schema, with_info_plain_validator_function

from ganaug.core.errors import InputError, error_context, unknown
from ganaug.core.plugins import PROJECT, build, describe, find, from_data

T = TypeVar("T")


@dataclass_transform(kw_only_default=True, frozen_default=True)
def settings(cls: type[T]) -> type[T]:
    """Make `cls` a frozen keyword-only dataclass that validates its fields and rejects unknown ones."""
    checked: type[T] = dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))(cls)  # type: ignore[assignment]
    return checked


def project_of(info: ValidationInfo) -> Path:
    """Return the folder of the params.yaml that is being validated; the current folder for values from elsewhere."""
    return info.context[PROJECT] if info.context else Path()


ProjectPath = Annotated[Path, AfterValidator(lambda path, info: project_of(info) / path)]
"""A path in params.yaml, relative to the folder of that file."""


def plugin(package: str) -> Any:
    """Annotate a settings field as a plug-in of `ganaug.<package>`, written in YAML as `{name: …, option: …}`.

    A plug-in that is already built is accepted unchanged.
    """

    def validate(spec: Any, info: ValidationInfo) -> Any:
        if is_dataclass(spec):  # already built; YAML yields none
            return spec
        try:
            with error_context(f"{info.field_name}: "):
                return build(package, spec, project_of(info))
        except ValidationError as error:
            raise InputError("\n".join(_explain(error, find(package, spec["name"]), info.field_name))) from None

    def schema(_: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        described = plain_serializer_function_ser_schema(describe)
        return with_info_plain_validator_function(validate, field_name=handler.field_name, serialization=described)

    return GetPydanticSchema(schema)


@plain_dataclass(frozen=True)
class ParamsFile:
    """params.yaml, read once.

    path: where it was read from, for error messages. content: all of it as plain values.
    """

    path: Path
    content: dict[str, Any]

    @classmethod
    def load(cls, path: Path) -> Self:
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
        for prefix, name in _names(content):
            if not isinstance(name, str):  # DVC can neither sort numbers among strings nor find an arm by a number
                raise InputError(f"{path}: {prefix}{name}: a name that is a number needs quotes: '{name}'")
        return cls(path, content)

    def value(self, key: str) -> Any:
        """Return the plain value of a dotted key, such as "train_gan.network.name".

        Raises InputError if it is missing.
        """
        value: Any = self.content
        for name in key.split("."):
            if not isinstance(value, dict) or name not in value:
                raise InputError(f"{self.path}: '{key}' is missing; add it")
            value = value[name]
        return value

    def section(self, key: str, schema: type[T]) -> T:
        """Return the value of a dotted key, such as "arms.baseline.real", validated as `schema`.

        Raises InputError, naming the file, the parameter, the value given and what is allowed.
        """
        value = self.value(key)
        try:
            result: T = from_data(schema, value, self.path.parent)
        except ValidationError as error:
            raise InputError("\n".join(f"{self.path}: {line}" for line in _explain(error, schema, key))) from None
        except InputError as error:
            raise InputError("\n".join(f"{self.path}: {key}.{line}" for line in str(error).splitlines())) from None
        return result

    @property
    def replicates(self) -> tuple[int, ...]:
        """The replicates' numbers: each is a complete repetition, with its own training images, GAN and classifiers.

        Raises InputError unless they are distinct non-negative integers.
        """
        replicates = self.section("replicates", tuple[int, ...])
        if not replicates or min(replicates) < 0 or len(set(replicates)) < len(replicates):
            raise InputError(f"{self.path}: replicates: give distinct integers, 0 or above (given: {list(replicates)})")
        return replicates

    @property
    def threads(self) -> int:
        """The number of CPU threads of each stage, however many run side by side.

        Raises InputError unless it is a positive integer.
        """
        return self._integer("threads", least=1)

    @property
    def seed(self) -> int:
        """The seed from which all randomness derives. Raises InputError unless it is a non-negative integer."""
        return self._integer("seed", least=0)

    def _integer(self, key: str, least: int) -> int:
        value = self.section(key, int)
        if value < least:
            raise InputError(f"{self.path}: {key}: give an integer, {least} or above (given: {value})")
        return value


def _names(tree: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each name in a tree of mappings and lists after its dotted prefix, such as ("arms.baseline.", "real")."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield prefix, name
            yield from _names(value, f"{prefix}{name}.")
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _names(value, f"{prefix}{index}.")


def _parameters(schema: Any) -> list[str]:
    return [field.name for field in fields(schema)] if is_dataclass(schema) else []


PLAIN = {
    "Value error, ": "",
    "Input should be a valid array": "must be a list",
    "Input should be a valid boolean": "must be true or false",
    "Input should be a valid dictionary": "must be a mapping",
    "Input should be a valid string": "must be a string",
    "Input should be a valid integer": "must be an integer",
    "Input should be a valid number": "must be a number",
    "Input should be an object": "must be a mapping",
    "Input should be": "must be",
}
"""Pydantic's wording → wording for people who write YAML."""


def _in_plain_words(message: str) -> str:
    for theirs, ours in PLAIN.items():
        message = message.replace(theirs, ours)
    return message


def _explain(error: ValidationError, schema: Any, section: str | None) -> Iterator[str]:
    """Turn pydantic's report into lines of `key: what is wrong (given: …)`, one per dotted key."""
    problems: dict[str, list[str]] = {}
    where: tuple[int | str, ...]
    for item in error.errors():
        field, inner = item["loc"][:1], item["loc"][1:]
        if item["type"] == "unexpected_keyword_argument":
            where, problem = (), unknown("parameter", str(field[0]), _parameters(schema))
        elif item["type"].startswith("missing") and not inner:
            where, problem = (), f"parameter '{field[0]}' is missing"
        else:  # inside a field, only list indices come from the user; names there are a union's alternatives
            where = (*field, *(part for part in inner if isinstance(part, int)))
            problem = f"{_in_plain_words(item['msg'])} (given: {item['input']!r})"
        problems.setdefault(".".join(map(str, (section, *where))), []).append(problem)
    for key, reasons in problems.items():
        yield f"{key}: {'; or: '.join(dict.fromkeys(reasons))}"
