"""The runs nested in a configuration's run: one for each GAN, and one for each arm in each replicate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from ganaug.core.config import ParamsFile
from ganaug.core.files import existing, read_json, read_rows
from ganaug.core.paths import Paths
from ganaug.experiment.arms.groups import GROUPS
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.summary.metric_keys import interval_in
from ganaug.experiment.summary.pretrained_weights import CLASSIFIERS, GANS
from ganaug.experiment.summary.reader import read_summary
from ganaug.experiment.summary.types import Summary
from ganaug.report.mlflow.runs.content import Content, Picture, Time
from ganaug.report.mlflow.runs.data_sets import DataSet, held_out_sets, training_sets
from ganaug.report.mlflow.runs.names import flat, metric
from ganaug.report.mlflow.runs.tags import ARM, CLASSIFIER, GAN, GROUP, HEALTH, KIND, REPLICATE, pretrained_tags


def gan_name(replicate: int | str) -> str:
    """Return the name of the run of a replicate's GAN."""
    return f"gan {replicate}"


def classifier_name(arm: str, replicate: int) -> str:
    """Return the name of the run of an arm's classifiers in a replicate."""
    return f"{arm} {replicate} classifier"


def gan_tags(replicate: int | str) -> dict[str, str]:
    """Return the tags that the run of a replicate's GAN has before training."""
    return {KIND: GAN, REPLICATE: str(replicate)}


def health_tags(health: Path) -> dict[str, str]:
    """Return the findings in a GAN's health.json as a tag of its run."""
    findings = read_json(health)["findings"]
    return {HEALTH: ", ".join(finding["name"] for finding in findings) or "no finding"}


def health_in_words(health: Path) -> str:
    """Return the findings in a GAN's health.json with their remedies, as Markdown."""
    findings = read_json(health)["findings"]
    notes = [f"**{finding['name']}**: {finding['seen']}. Try: {finding['remedy']}." for finding in findings]
    return "\n\n".join(notes or ["No finding: its training looks healthy."])


def nested_contents(experiment: Experiment, params: ParamsFile, paths: Paths) -> Iterator[tuple[str, Content]]:
    """Yield name and content of every nested run. Raises InputError if a result is missing."""
    train, (val, test) = training_sets(experiment.replicates, paths), held_out_sets(paths)
    summary = read_summary(paths.summary)
    for replicate in experiment.replicates:
        yield gan_name(replicate), _gan_content(replicate, [train[replicate], val], summary, paths)
    training = _section(params, "train_classifier")
    for name in experiment.arms:
        for number, replicate in enumerate(experiment.replicates):
            content = _arm_content(name, number, experiment, summary, training, [train[replicate], val, test], paths)
            yield classifier_name(name, replicate), content


def _gan_content(replicate: int, data: Sequence[DataSet], summary: Summary, paths: Paths) -> Content:
    folder, cost = paths.gan(replicate), paths.stage_seconds(f"train_gan@{replicate}")
    return Content(
        rows=read_rows(folder / "history.csv"),
        figures=_figures(folder / "health.json") | _costs(cost, "train_gan"),
        files=sorted(folder.iterdir()),
        params={"replicate": replicate, **flat({"train_gan": read_json(folder / "training.json")["settings"]})},
        tags=gan_tags(replicate) | health_tags(folder / "health.json") | pretrained_tags(summary, GANS),
        pictures=[Picture("samples", int(grid.stem), grid) for grid in sorted((folder / "grids").glob("*.png"))],
        data=data,
        time=_time(cost),
    )


def _arm_content(
    name: str,
    number: int,
    experiment: Experiment,
    summary: Summary,
    training: Mapping[str, Any],
    data: Sequence[DataSet],
    paths: Paths,
) -> Content:
    """Return the content of an arm's run in the replicate at position `number`. training: how arms are trained."""
    replicate, figures, group = experiment.replicates[number], summary["arms"][name], _group(name, experiment)
    cost = paths.stage_seconds(f"train_{group}@{name}@{replicate}")
    options = {option.name: getattr(experiment.arms[name], option.name) for option in fields(Arm)}
    chosen = {"arm": name, "group": group, "replicate": replicate, "share": figures["synthetic"]}
    return Content(
        rows=read_rows(paths.arm(name, replicate) / "history.csv"),
        figures={metric("test", key): interval_in(figures, key)["per_replicate"][number] for key in summary["metrics"]}
        | _costs(cost, f"train_{group}"),
        params={**chosen, **flat({"arm": options}), **training},
        tags={KIND: CLASSIFIER, ARM: name, GROUP: group, REPLICATE: str(replicate)}
        | pretrained_tags(summary, CLASSIFIERS),
        data=data,
        time=_time(cost),
    )


def _section(params: ParamsFile, name: str) -> dict[str, Any]:
    return flat({name: params.content.get(name, {})})


def _group(name: str, experiment: Experiment) -> str:
    return next(group for group in GROUPS if name in getattr(experiment, group))


def _figures(health: Path) -> dict[str, float]:
    """Return the figures of the generator that is used, which may come from an earlier step than the last."""
    content = read_json(health)
    used = {metric("step used", name): value for name, value in content.get("figures", {}).items()}
    return used | ({"step used": content["step_used"]} if "step_used" in content else {})


def _costs(cost: Path, stage: str) -> dict[str, float]:
    """Return a stage's seconds, and its joules if the machine measures them and no other stage could run meanwhile."""
    recorded = read_json(cost)
    units = ["seconds"] if "jobs" in recorded else ["seconds", "joules"]
    return {metric(unit, stage): recorded[unit] for unit in units if unit in recorded}


def _time(cost: Path) -> Time:
    """Return when a stage ran: it wrote its cost at its end."""
    return Time(read_json(cost)["seconds"], existing(cost).stat().st_mtime)
