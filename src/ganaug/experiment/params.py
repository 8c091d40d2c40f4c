"""All of params.yaml, checked as a whole and against the data before any training starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ganaug.classifier.ensemble_settings import TrainEnsemble
from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError, error_context, unknown
from ganaug.core.paths import Paths
from ganaug.core.weight_files import Pretrainable
from ganaug.data.settings import Prepare
from ganaug.data.transforms import Transforms, build_transforms, cost_image_by_image
from ganaug.experiment.arm_settings import Arm, TrainClassifier
from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.gan.settings import TrainGan
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.measure_settings import Measure

GROUPS = ("baseline", "informed", "augmented")
"""The groups of arms: of labelled real images only, which wait for nothing; of further real images too, which an
ensemble may have to label; with the GAN."""


class Params(NamedTuple):
    """All of params.yaml.

    path: where it was read from, for error messages.
    """

    path: Path
    seed: int
    replicates: tuple[int, ...]
    threads: int
    prepare: Prepare
    train_ensemble: TrainEnsemble
    train_gan: TrainGan
    generate: Generate
    measure: Measure
    train_classifier: TrainClassifier
    baseline: dict[str, Arm]
    informed: dict[str, Arm]
    augmented: dict[str, Arm]
    evaluate: Evaluate

    @property
    def arms(self) -> dict[str, Arm]:
        """All arms by dotted key, such as "arms.baseline.real"."""
        return {f"arms.{group}.{name}": arm for group in GROUPS for name, arm in getattr(self, group).items()}

    @property
    def without_gan(self) -> dict[str, Arm]:
        """The arms that do not use the GAN."""
        return self.baseline | self.informed

    @property
    def pretrainable(self) -> dict[str, Pretrainable]:
        """The plug-ins that may start from pretrained weights, by dotted key."""
        return {
            "train_ensemble.classifier": self.train_ensemble.classifier,
            "train_classifier.classifier": self.train_classifier.classifier,
            "train_gan.network": self.train_gan.network,
        }

    @property
    def transforms(self) -> dict[str, Transforms]:
        """All lists of transforms, by the dotted key of the section or arm that has them."""
        return {"train_ensemble": self.train_ensemble.transforms} | {
            key: arm.transforms for key, arm in self.arms.items()
        }


SECTIONS = (*(name for name in Params._fields if name not in ("path", *GROUPS)), "arms")


def read_params(file: ParamsFile) -> Params:
    """Read the whole file and check each section, and the sections against each other.

    Raises InputError that names the parameter and what is allowed.
    """
    stray = [key for key in file.content if key not in SECTIONS]
    if stray:
        raise InputError(f"{file.path}: {unknown('section', str(stray[0]), SECTIONS)}")
    groups = file.section("arms", dict[str, dict[str, Any]])
    if set(groups) - {"informed"} != {"baseline", "augmented"}:
        raise InputError(
            f"{file.path}: arms: must have the two groups 'baseline' and 'augmented', and may have 'informed' (given: "
            f"{sorted(groups)})"
        )
    arms = {group: {name: _read_arm(group, name, file) for name in groups.get(group, {})} for group in GROUPS}
    params = Params(
        path=file.path,
        seed=file.seed,
        replicates=file.replicates,
        threads=file.threads,
        prepare=file.section("prepare", Prepare),
        train_ensemble=file.section("train_ensemble", TrainEnsemble),
        train_gan=file.section("train_gan", TrainGan),
        generate=file.section("generate", Generate),
        measure=file.section("measure", Measure),
        train_classifier=file.section("train_classifier", TrainClassifier),
        **arms,
        evaluate=file.section("evaluate", Evaluate),
    )
    file.value("train_gan.trainer.precision")  # a default is not enough: DVC looks for it in the file
    _check_together(params, file.path)
    return params


def _read_arm(group: str, name: str, file: ParamsFile) -> Arm:
    if not re.fullmatch(r"[\w-]+", name):
        raise InputError(
            f"{file.path}: arms.{group}: {name!r} becomes a folder name; use only letters, digits, _ and -"
        )
    return file.section(f"arms.{group}.{name}", Arm)


def _check_together(params: Params, path: Path) -> None:
    """Raise InputError if sections contradict each other."""
    for group in GROUPS:
        for name, arm in getattr(params, group).items():
            problem = _gan_problem(arm, group, params) or _label_problem(arm, group, params)
            if problem is not None:
                raise InputError(f"{path}: arms.{group}.{name}{problem}")
    for group, others in (("informed", params.baseline), ("augmented", params.without_gan)):
        shared = [name for name in getattr(params, group) if name in others]
        if shared:
            raise InputError(
                f"{path}: arms.{group}.{shared[0]}: an arm of another group has the same name; rename one of them"
            )
    for role in ("generator", "discriminator"):
        unconditional = getattr(params.train_gan.network, f"{role}_conditioning") == "none"
        if unconditional and any(max(arm.synthetic_shares) > 0 for arm in params.augmented.values()):
            raise InputError(
                f"{path}: train_gan.network.{role}_conditioning: with 'none', synthetic images do not match their "
                f"labels, and arms with synthetic images learn from both; choose another conditioning"
            )
    if not params.augmented:
        raise InputError(
            f"{path}: arms.augmented: needs at least one arm that uses the GAN, such as gan: {{synthetic: 0.5}}"
        )
    if params.generate.sources == "other_domain" and not params.train_gan.other_domain_share:
        raise InputError(
            f"{path}: generate.sources: the GAN does not learn to translate images of another domain; set "
            f"train_gan.other_domain_share, to 0.5 for example"
        )
    looks = params.evaluate.looks
    if looks is not None and len(params.replicates) not in looks:
        raise InputError(
            f"{path}: replicates: gives {len(params.replicates)}, but evaluate.looks lets you look at "
            f"{', '.join(map(str, looks))} replicates only; give one of these numbers, or set evaluate.looks to null"
        )
    _check_reference(params, path)


def _check_reference(params: Params, path: Path) -> None:
    """Raise InputError if there is no arm to compare with, or if the reference is unfair."""
    fair = [name for name, arm in params.without_gan.items() if arm.labels == "limited"]
    if not any(name in params.baseline for name in fair):
        raise InputError(
            f"{path}: arms.baseline: needs at least one arm to compare with that is trained on the limited labels "
            f"only, such as real: {{}}"
        )
    reference = params.evaluate.reference
    if reference in (params.without_gan.keys() | params.augmented.keys()) - set(fair):
        raise InputError(
            f"{path}: evaluate.reference: {reference!r} uses the GAN or more labels, so a gain over it would not show "
            f"the effect of the GAN; choose from: {', '.join(fair)}"
        )
    if reference is not None and reference not in fair:
        raise InputError(f"{path}: evaluate.reference: {unknown('arm', reference, fair)}")


def _gan_problem(arm: Arm, group: str, params: Params) -> str | None:
    """Return what is wrong with how an arm uses the GAN, None if nothing is."""
    uses_gan = max(arm.synthetic_shares) > 0 or arm.uses_discriminator
    if arm.oversampling and max(arm.synthetic_shares) > 0 and arm.synthetic_for == "short":
        return (
            ".synthetic_for: oversampling already fills up the short classes; set this to all, or remove oversampling"
        )
    if group != "augmented" and uses_gan:
        return f": {group} arms do not use the GAN; move the arm to arms.augmented"
    if group == "augmented" and not uses_gan:
        place = "informed" if arm.learns_from_further_images else "baseline"
        return f".synthetic: with 0 the arm has no synthetic images; move it to arms.{place}"
    if arm.uses_discriminator and not params.train_gan.network.has_class_head:
        return (
            f".{'discriminator' if arm.discriminator else 'teacher'}: this discriminator does not predict classes; "
            "set train_gan.network.discriminator_conditioning to 'auxiliary' or 'classifier'"
        )
    if arm.discriminator and replace(arm, discriminator=False) != Arm():
        return ": with discriminator, the arm trains nothing; remove its other parameters"
    if len(set(arm.synthetic_shares)) < len(arm.synthetic_shares):
        return ".synthetic: lists a share more than once; remove the repeated ones"
    if arm.synthetic_for == "short" and not max(arm.synthetic_shares):
        return ".synthetic_for: the arm has no synthetic images to choose from; set synthetic, or remove synthetic_for"
    return None


def _label_problem(arm: Arm, group: str, params: Params) -> str | None:
    """Return what is wrong with an arm's labels and pseudo-labels, None if nothing is."""
    limited = params.prepare.labelled_per_class
    if arm.pseudo_label_threshold != Arm().pseudo_label_threshold and not arm.pseudo_labels and not arm.other_domain:
        return ".pseudo_label_threshold: the arm has no pseudo-labels; set pseudo_labels to their share of each batch"
    if arm.teacher != "ensemble" and not arm.pseudo_labels:
        return ".teacher: the arm has no pseudo-labels; set pseudo_labels to their share of each batch"
    if arm.labels != "limited" and group == "augmented":
        return ".labels: only baseline arms may have more labels than the GAN; remove labels"
    if group == "baseline" and arm.learns_from_further_images:
        return ": baseline arms wait for no ensemble, which may have to label its images; move it to arms.informed"
    if group == "informed" and not arm.learns_from_further_images:
        return ": the arm has neither pseudo_labels nor other_domain; move it to arms.baseline, where it need not wait"
    if arm.labels != "limited" and limited == "all":
        return ".labels: prepare.labelled_per_class is 'all', so there are no more labels; remove the arm"
    if isinstance(arm.labels, int) and not isinstance(limited, str):
        counts = set(limited.values()) if isinstance(limited, Mapping) else {limited}
        if arm.labels < max(counts) or {arm.labels} == counts:
            return ".labels: must be more than prepare.labelled_per_class; raise it, or remove the arm"
    if arm.pseudo_labels and arm.labels != "limited":
        return (
            ".pseudo_labels: cannot be combined with more labels, because images with a label would get a pseudo-label "
            "too; remove one of the two"
        )
    if arm.pseudo_labels + arm.other_domain + max(arm.synthetic_shares) > 1:
        return (
            ": pseudo_labels, other_domain and synthetic are shares of the same batch; together they must not exceed 1"
        )
    return None


def check_params(file: ParamsFile) -> Params:
    """Return all of params.yaml after building every plug-in and transform once and checking that files exist.

    Raises InputError that names the parameter and the remedy.
    """
    params, path = read_params(file), file.path
    for key, specs in params.transforms.items():
        with error_context(f"{path}: {key}."):
            build_transforms(specs)
    _check_path(params.prepare.path, path)
    for key, plugin in params.pretrainable.items():
        with error_context(f"{path}: {key}."):
            plugin.check()
    if params.measure.inception is not None:
        from ganaug.synthesis.inception import InceptionFeatures  # torch-fidelity takes seconds to import

        with error_context(f"{path}: measure.inception: "):
            InceptionFeatures.load(params.measure.inception)
    return params


def _check_path(data: Path, file: Path) -> None:
    """Raise InputError if `data` is not what DVC can watch."""
    project = Paths(file.resolve().parent)
    if data.parts[:1] == ("~",) or "$" in str(data):
        problem = "DVC expands neither ~ nor variables; write the path in full"
    elif not (project.root / data).exists():
        problem = "no such file or folder; set it to what the source reads"
    elif project.prepared.is_relative_to((project.root / data).resolve()):
        problem = "the pipeline writes its results there; put the data in a folder of its own, such as data/raw/mine"
    else:
        return
    raise InputError(f"{file}: prepare.path: {data}: {problem}")


def slow_transforms(params: Params, shape: tuple[int, ...] = (3, 32, 32)) -> list[str]:
    """Return a sentence for each transform that is applied image by image, with what that costs on this machine.

    shape: of an image, (C, H, W).
    """
    size = params.train_classifier.batch_size
    return [
        f"{key}.transforms: {name} is applied image by image: {1000 * seconds:.0f} ms for {size} images of "
        f"{shape[1]}×{shape[2]} on this machine"
        for key, specs in params.transforms.items()
        for name, seconds in cost_image_by_image(specs, shape, size).items()
    ]
