"""All of params.yaml, checked as a whole and against the data before anything long starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ganaug.classifier.settings import TrainEnsemble
from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError, error_context, unknown
from ganaug.data.settings import Prepare
from ganaug.data.splits import per_class
from ganaug.data.transforms import Transforms, build_transform, try_transform
from ganaug.experiment.arm_settings import Arm, TrainClassifier
from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.gan.settings import TrainGan
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.measure_settings import Measure


class Params(NamedTuple):
    """All of params.yaml.

    path: where it was read, for messages.
    """

    path: Path
    seed: int
    replicates: tuple[int, ...]
    prepare: Prepare
    train_ensemble: TrainEnsemble
    train_gan: TrainGan
    generate: Generate
    measure: Measure
    train_classifier: TrainClassifier
    baseline: dict[str, Arm]
    augmented: dict[str, Arm]
    evaluate: Evaluate


SECTIONS = (*(name for name in Params._fields if name not in ("path", "baseline", "augmented")), "arms")


def read_params(file: ParamsFile) -> Params:
    """Read and check the whole file, each section on its own and all together.

    Raises InputError that names the parameter and what is allowed.
    """
    stray = [key for key in file.content if key not in SECTIONS]
    if stray:
        raise InputError(f"{file.path}: {unknown('section', str(stray[0]), SECTIONS)}")
    groups = file.section("arms", dict[str, dict[str, Any]])
    if set(groups) != {"baseline", "augmented"}:
        raise InputError(f"{file.path}: arms: needs the two groups 'baseline' and 'augmented', has {sorted(groups)}")
    arms = {group: {name: _read_arm(group, name, file) for name in groups[group]} for group in groups}
    params = Params(
        path=file.path,
        seed=file.seed,
        replicates=file.replicates,
        prepare=file.section("prepare", Prepare),
        train_ensemble=file.section("train_ensemble", TrainEnsemble),
        train_gan=file.section("train_gan", TrainGan),
        generate=file.section("generate", Generate),
        measure=file.section("measure", Measure),
        train_classifier=file.section("train_classifier", TrainClassifier),
        baseline=arms["baseline"],
        augmented=arms["augmented"],
        evaluate=file.section("evaluate", Evaluate),
    )
    _check_together(params, file.path)
    return params


def _read_arm(group: str, name: str, file: ParamsFile) -> Arm:
    if not re.fullmatch(r"[\w-]+", name):
        raise InputError(f"{file.path}: arms.{group}: {name!r} becomes a folder: use letters, digits, _ and - only")
    return file.section(f"arms.{group}.{name}", Arm)


def _check_together(params: Params, path: Path) -> None:
    for group in ("baseline", "augmented"):
        for name, arm in getattr(params, group).items():
            reason = _unusable(arm, group, params)
            if reason is not None:
                raise InputError(f"{path}: arms.{group}.{name}{reason}")
            if group == "augmented" and name in params.baseline:
                raise InputError(f"{path}: arms.augmented.{name}: there is a baseline arm of this name; rename one")
    for player in ("generator", "discriminator"):
        unconditional = getattr(params.train_gan.network, f"{player}_conditioning") == "none"
        if unconditional and any(max(arm.synthetic_shares) > 0 for arm in params.augmented.values()):
            raise InputError(
                f"{path}: train_gan.network.{player}_conditioning: 'none' makes images that have nothing to do with "
                f"their labels, and the arms learn from both"
            )
    fair = [name for name, arm in params.baseline.items() if arm.labels == "limited"]
    if not any(params.baseline[name].pseudo_labels == 0 for name in fair):
        raise InputError(
            f"{path}: arms.baseline: needs at least one arm to compare with that has just the limited labels, such as "
            f"real: {{}}"
        )
    if not params.augmented:
        raise InputError(f"{path}: arms.augmented: needs at least one arm, or there is nothing to find out")
    reference = params.evaluate.reference
    if reference in (params.baseline.keys() | params.augmented.keys()) - set(fair):
        raise InputError(
            f"{path}: evaluate.reference: {reference!r} uses the GAN or more labels, so a gain over it would not tell "
            f"what the GAN brings; choose from: {', '.join(fair)}"
        )
    if reference is not None and reference not in fair:
        raise InputError(f"{path}: evaluate.reference: {unknown('arm', reference, fair)}")


def _unusable(arm: Arm, group: str, params: Params) -> str | None:
    """Return why an arm makes no sense here, None if it does."""
    uses_gan, limited = max(arm.synthetic_shares) > 0 or arm.uses_discriminator, params.prepare.labelled_per_class
    if group == "baseline" and uses_gan:
        return ": move the arm to arms.augmented to use the GAN"
    if group == "augmented" and not uses_gan:
        return ".synthetic: 0 uses no synthetic image; move the arm to arms.baseline"
    if arm.uses_discriminator and not params.train_gan.network.has_class_head:
        return (
            f".{'discriminator' if arm.discriminator else 'teacher'}: this discriminator tells no classes; "
            "train_gan.network.discriminator_conditioning must be 'auxiliary' or 'classifier'"
        )
    if arm.discriminator and replace(arm, discriminator=False) != Arm():
        return ": with discriminator, the arm trains nothing else"
    if len(set(arm.synthetic_shares)) < len(arm.synthetic_shares):
        return ".synthetic: each share once"
    if arm.synthetic_for == "short" and not max(arm.synthetic_shares):
        return ".synthetic_for: says which synthetic images, and synthetic is 0"
    if arm.pseudo_label_threshold != Arm().pseudo_label_threshold and not arm.pseudo_labels:
        return (
            ".pseudo_label_threshold: needs pseudo-labels; set pseudo_labels to the share of each batch that has them"
        )
    if arm.teacher != "ensemble" and not arm.pseudo_labels:
        return ".teacher: has nothing to teach; set pseudo_labels to the share of each batch that it is to label"
    if arm.labels != "limited" and group == "augmented":
        return ".labels: only baseline arms may know more labels than the GAN"
    if arm.labels != "limited" and limited == "all":
        return ".labels: prepare.labelled_per_class is 'all', there are no more"
    if isinstance(arm.labels, int) and not isinstance(limited, str):
        counts = set(limited.values()) if isinstance(limited, Mapping) else {limited}
        if arm.labels < max(counts) or {arm.labels} == counts:
            return ".labels: must be more than prepare.labelled_per_class; leave it out to have just these"
    if arm.pseudo_labels and arm.labels != "limited":
        return ".pseudo_labels: with more labels, images that have one would come with a pseudo-label too"
    if arm.pseudo_labels + max(arm.synthetic_shares) > 1:
        return ": pseudo_labels and synthetic are shares of one batch, and together more than 1"
    return None


def check_params(file: ParamsFile) -> Params:
    """Return all of params.yaml; every plug-in and transform in it is built once, and paths are looked for.

    Raises InputError that names the parameter and the remedy.
    """
    params, path = read_params(file), file.path
    for place, specs in _transforms(params).items():
        with error_context(f"{path}: {place}."):
            build_transform(specs)
    if not params.prepare.path.exists():
        raise InputError(f"{path}: prepare.path: {params.prepare.path}: no such file or folder")
    if params.measure.inception is not None:
        from ganaug.synthesis.inception import InceptionFeatures  # torch-fidelity takes seconds to import

        with error_context(f"{path}: measure.inception: "):
            InceptionFeatures.load(params.measure.inception)
    return params


def check_against_data(params: Params, card: Mapping[str, Any]) -> None:
    """Check what depends on the size of images, and on how many of them there are.

    card: what `preparation.data_card` says of the data.

    Raises InputError that names the parameter and the remedy.
    """
    path = params.path
    for place, specs in _transforms(params).items():
        with error_context(f"{path}: {place}."):
            try_transform(specs, tuple(card["image_shape"]))
    for side, purpose in (("test", "no gain can be told from chance"), ("val", "all choices would be made on it")):
        if card["groups"][side] == 1:
            raise InputError(
                f"{path}: prepare.{side}: all {side} images are of one group, so that {purpose}; bring more groups, or "
                f"a larger share"
            )
    nothing_left = any(count == 0 for count in card["unlabelled"].values())
    remedy = "no image of the pool is left without a label; lower prepare.labelled_per_class"
    if params.train_gan.unlabelled != "ignore" and nothing_left:
        raise InputError(f"{path}: train_gan.unlabelled: {remedy}, or write ignore")
    pool = card["pool"]
    for place, arm in _arms(params).items():
        if isinstance(arm.labels, int):
            per_class(arm.labels, list(pool.values()), list(pool), f"{path}: {place}.labels")
        if arm.pseudo_labels and nothing_left:
            raise InputError(f"{path}: {place}.pseudo_labels: {remedy}")
        if arm.synthetic_for == "short" and any(len(set(counts.values())) == 1 for counts in card["train"].values()):
            raise InputError(
                f"{path}: {place}.synthetic_for: no class is short of images, all have as many; write all, or one "
                f"number for each class in prepare.labelled_per_class"
            )


def _arms(params: Params) -> dict[str, Arm]:
    """Return all arms by their place in the file."""
    return {f"arms.baseline.{name}": arm for name, arm in params.baseline.items()} | {
        f"arms.augmented.{name}": arm for name, arm in params.augmented.items()
    }


def _transforms(params: Params) -> dict[str, Transforms]:
    """Return all lists of transforms by their place in the file."""
    return {"train_ensemble": params.train_ensemble.transforms} | {
        place: arm.transforms for place, arm in _arms(params).items()
    }
