"""Reads all of params.yaml and checks it as a whole, before any training starts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from ganaug.classifier.ensemble_settings import TrainEnsemble
from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError, error_context, unknown
from ganaug.core.paths import Paths
from ganaug.core.weight_files import Pretrainable
from ganaug.data.settings import Prepare
from ganaug.data.transforms import Transforms, build_transforms, cost_image_by_image
from ganaug.experiment.arms.groups import GROUPS
from ganaug.experiment.arms.problems import gan_problem, label_problem
from ganaug.experiment.arms.settings import Arm, TrainClassifier
from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.gan.settings import TrainGan
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.measure_settings import Measure


class Params(NamedTuple):
    """All of params.yaml.

    path: of the file, for error messages.
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

    Raises InputError that names the parameter and the allowed values.
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
    class_head, labelled = params.train_gan.network.has_class_head, params.prepare.labelled_per_class
    for group in GROUPS:
        for name, arm in getattr(params, group).items():
            problem = gan_problem(arm, group, class_head) or label_problem(arm, group, labelled)
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
            f"{path}: replicates: lists {len(params.replicates)} replicates, but evaluate.looks allows looks at "
            f"{', '.join(map(str, looks))} replicates only; list one of these numbers, or set evaluate.looks to null"
        )
    _check_reference(params, path)


def _check_reference(params: Params, path: Path) -> None:
    """Raise InputError if there is no arm to compare with, or if the reference is unfair."""
    fair = [name for name, arm in params.without_gan.items() if arm.labels == "limited"]
    if not any(name in params.baseline for name in fair):
        raise InputError(
            f"{path}: arms.baseline: needs at least one arm that is trained on the limited labels only, to compare "
            f"others with, such as real: {{}}"
        )
    reference = params.evaluate.reference
    if reference in (params.without_gan.keys() | params.augmented.keys()) - set(fair):
        raise InputError(
            f"{path}: evaluate.reference: {reference!r} uses the GAN or more labels, so a gain over it would not show "
            f"the effect of the GAN; choose from: {', '.join(fair)}"
        )
    if reference is not None and reference not in fair:
        raise InputError(f"{path}: evaluate.reference: {unknown('arm', reference, fair)}")


def check_params(file: ParamsFile) -> Params:
    """Return all of params.yaml after building every plug-in and transform once and checking that files exist.

    Raises InputError that names the parameter and the remedy.
    """
    params, path = read_params(file), file.path
    for key, specs in params.transforms.items():
        with error_context(f"{path}: {key}."):
            build_transforms(specs)
    _check_path(Path(file.value("prepare.path")), path)
    for key, plugin in params.pretrainable.items():
        with error_context(f"{path}: {key}."):
            plugin.check()
    if params.measure.inception is not None:
        from ganaug.synthesis.inception import InceptionFeatures  # torch-fidelity takes seconds to import

        with error_context(f"{path}: measure.inception: "):
            InceptionFeatures.load(params.measure.inception)
    return params


def _check_path(data: Path, file: Path) -> None:
    """Raise InputError if `data` is not a path that DVC can track."""
    project = Paths(file.resolve().parent)
    if data.parts[:1] == ("~",) or "$" in str(data):
        problem = "DVC expands neither ~ nor variables; write the path in full"
    elif not (project.root / data).exists():
        problem = "no such file or folder; set it to the path of your data"
    elif project.prepared.is_relative_to((project.root / data).resolve()):
        problem = "the pipeline writes its results there; put the data in a separate folder, such as data/raw/mine"
    else:
        return
    raise InputError(f"{file}: prepare.path: {data}: {problem}")


def slow_transforms(params: Params, shape: tuple[int, ...] = (3, 32, 32)) -> list[str]:
    """Return a sentence for each transform that is applied image by image, with its cost on this machine.

    shape: of an image, (C, H, W).
    """
    size = params.train_classifier.batch_size
    return [
        f"{key}.transforms: {name} is applied image by image: {1000 * seconds:.0f} ms for {size} images of "
        f"{shape[1]}×{shape[2]} on this machine"
        for key, specs in params.transforms.items()
        for name, seconds in cost_image_by_image(specs, shape, size).items()
    ]
