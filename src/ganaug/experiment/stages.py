"""The stages of the pipeline: how often each runs, and which plug-ins it may load besides what its script imports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from ganaug.core.closure import Closure
from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.plugins import available, build, module_of
from ganaug.core.weight_files import NONE, OWN, in_project, sha256, weight_file
from ganaug.experiment.arms.groups import GROUPS, Group

SOURCE = {"prepare.source": "data.sources"}
DESCRIBER = {"prepare.describer": "data.describers"}
ENSEMBLE = {"train_ensemble.classifier": "classifier.architectures"}
NETWORK = {"train_gan.network": "gan.networks"}
OBJECTIVE = {"train_gan.objective": "gan.objectives"}
POLICY = {"generate.policy": "synthesis.policies"}
METRICS = {"measure.metrics": "synthesis.metrics", "measure.attacks": "synthesis.attacks"}
CLASSIFIER = {"train_classifier.classifier": "classifier.architectures"}
DECIDING = {"evaluate.metric": "experiment.metrics"}
OVERSAMPLING = {f"arms.{group}.*.oversampling": "classifier.oversampling" for group in GROUPS}
EVERYTHING = (
    SOURCE | DESCRIBER | ENSEMBLE | NETWORK | OBJECTIVE | POLICY | METRICS | CLASSIFIER | OVERSAMPLING | DECIDING
)
INCEPTION = ("measure.inception",)
WITHOUT_EFFECT = {f"ganaug.core.{module}" for module in ("energy", "messages", "progress")}
"""Modules that measure a stage's cost and print its messages and progress. They do not affect results, so a change in
them makes no stage run again."""

Axis = Literal["replicate"] | Group
"""The replicates, or the arms of one group."""


class Stage(NamedTuple):
    """One stage, which runs `pipeline/<stage>.py`."""

    per: tuple[Axis, ...]
    """The stage runs once for each combination of these axes' values, or once if there are none."""
    plugins: dict[str, str]
    """Dotted key in params.yaml of a plug-in, or of a list of plug-ins (null: all) → package of the plug-in. An
    asterisk stands for any name."""
    all_of: tuple[str, ...] = ()
    """Packages whose plug-ins are all loaded by the stage."""
    weights: tuple[str, ...] = ()
    """Dotted keys in params.yaml that name a file of weights directly, not through a plug-in."""
    documented: tuple[str, ...] = ()
    """Prefixes of the names of modules whose docstrings the stage prints."""


STAGES = {
    "check": Stage((), EVERYTHING, weights=INCEPTION),
    "prepare": Stage((), SOURCE | DESCRIBER),
    "check_data": Stage((), EVERYTHING),
    "neighbour": Stage((), {}),
    "train_baseline": Stage(("baseline", "replicate"), CLASSIFIER | OVERSAMPLING),
    "left_to_gain": Stage((), DECIDING),
    "train_ensemble": Stage(("replicate",), ENSEMBLE),
    "train_informed": Stage(("informed", "replicate"), CLASSIFIER | OVERSAMPLING),
    "choose_precision": Stage((), {}),
    "train_gan": Stage(("replicate",), ENSEMBLE | NETWORK | OBJECTIVE),
    "generate": Stage(("replicate",), ENSEMBLE | NETWORK | POLICY),
    "measure": Stage(
        ("replicate",),
        ENSEMBLE | POLICY | METRICS,
        weights=INCEPTION,
        documented=tuple(f"ganaug.synthesis.{folder}." for folder in ("policies", "metrics", "attacks")),
    ),
    "try_shares": Stage(("augmented", "replicate"), CLASSIFIER | OVERSAMPLING | NETWORK),
    "choose_share": Stage(("augmented",), DECIDING),
    "train_augmented": Stage(("augmented", "replicate"), CLASSIFIER | OVERSAMPLING | NETWORK),
    "evaluate": Stage((), DECIDING, all_of=("experiment.metrics",)),
}
"""All stages, in the order in which they run."""
CHECKS = {"check", "check_data"}
"""Stages that write the same whenever they succeed, so running them again makes no later stage run again."""
LISTS_CODE = "list_code"
"""The first stage; each of the others reads only its own part of what this stage writes."""


def stage_names(params: ParamsFile) -> list[str]:
    """Return all stages in the order in which `dvc repro` runs them, each as script and arguments, joined by @."""
    arms = params.content["arms"]
    values = {"replicate": params.content["replicates"]} | {group: arms.get(group, {}) for group in GROUPS}
    runs = (
        (name, *arguments)
        for name, stage in STAGES.items()
        for arguments in product(*(values[axis] for axis in stage.per))
    )
    return [LISTS_CODE, *("@".join(map(str, run)) for run in runs)]


def code_lists(params: ParamsFile, scripts: Path) -> dict[str, str]:
    """Return the code of all stages, by their names. scripts: as for `stage_code`."""
    return {name: stage_code(name, params, scripts) for name in STAGES}


def stage_code(name: str, params: ParamsFile, scripts: Path) -> str:
    """Return the code that a stage runs: lines of `hash  path`, of `version  library`, and of pretrained weights.

    scripts: the folder of the stages' scripts. A plug-in that does not exist is left out: `check` reports it.
    """
    stage = STAGES[name]
    plugins = [module for key, package in stage.plugins.items() for module in _plugins(params, key, package)]
    plugins += [module_of(package, plugin) for package in stage.all_of for plugin in available(package)]
    packages = {"ganaug", *(module.partition(".")[0] for module in plugins)}
    closure = Closure(packages, WITHOUT_EFFECT)
    closure.add_script(scripts / f"{name}.py")
    for module in plugins:
        closure.add_module(module)
    documented = {*stage.documented, *packages - {"ganaug"}} if stage.documented else ()
    lines = [*closure.lines(documented), *_weights(params, stage)]
    return "".join(f"{line}\n" for line in lines)


def _weights(params: ParamsFile, stage: Stage) -> Iterator[str]:
    """Yield `hash  weights` for each file of pretrained weights; `check` reports those that are missing."""
    values = (value for key in stage.weights for value in _values(params.content, key.split(".")))
    sources = {value for value in values if isinstance(value, str)}
    for key, package in stage.plugins.items():
        for spec in _values(params.content, key.split(".")):
            with suppress(InputError, ValidationError, ImportError):
                sources |= _weight_source(package, spec)
    for weights in sorted(sources - {NONE}):
        with suppress(InputError):
            yield f"{sha256(weight_file(in_project(weights, params.path.parent)))[:16]}  {weights}"


def _weight_source(package: str, spec: Any) -> set[str]:
    """Return where a plug-in's weights are, as `weight_file` understands it, or an empty set if its spec has none.

    Imports take seconds, so the plug-in is imported only if it chooses the weights itself.
    """
    weights = spec.get("weights") if isinstance(spec, dict) else None
    if weights == OWN:
        return {build(package, spec).weight_source()}
    return {weights} if isinstance(weights, str) else set()


def _plugins(params: ParamsFile, key: str, package: str) -> Iterator[str]:
    """Yield the modules of the plug-ins that params.yaml names at the dotted key `key`."""
    given = list(_values(params.content, key.split(".")))
    if given in ([], [None]) and key in METRICS:
        given = [{"name": name} for name in available(package)]
    for spec in given[0] if len(given) == 1 and isinstance(given[0], list) else given:
        name = spec.get("name") if isinstance(spec, dict) else None
        if name in available(package):
            yield module_of(package, name)


def _values(content: Any, keys: list[str]) -> Iterator[Any]:
    """Yield the values at a path of keys in nested mappings; an asterisk stands for any key."""
    if not keys:
        yield content
    elif isinstance(content, dict):
        first, *rest = keys
        for key in content if first == "*" else [first] * (first in content):
            yield from _values(content[key], rest)
