"""The sections of params.yaml: every knob of a run, checked as a whole before anything long starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, NonNegativeFloat, PositiveFloat, PositiveInt

from ganaug.classifiers import Classifier
from ganaug.config import PARAMS, load_params, plugin, read, settings
from ganaug.datasets import Dataset
from ganaug.errors import InputError, unknown
from ganaug.networks import Network
from ganaug.objectives import Objective
from ganaug.transforms import Transforms

Share = Annotated[float, Field(gt=0, lt=1)]
Pixels = Annotated[int, Field(ge=8, le=128)]
Beta = Annotated[float, Field(ge=0, lt=1)]


def _known_policies(names: tuple[str, ...]) -> tuple[str, ...]:
    from ganaug.diffaugment import POLICIES  # imports torch, which most stages that read settings can do without

    for name in names:
        if name not in POLICIES:
            raise InputError(f"diffaugment: {unknown('policy', name, POLICIES)}")
    return names


@settings
class Prepare:
    """Section `prepare`: the data and how it is divided."""

    source: Annotated[Dataset, plugin("datasets")]
    """Where the images come from."""
    path: Path
    """Folder or file that the source reads; a change there makes the stage run again."""
    size: Pixels | tuple[Pixels, Pixels] | None = None
    """Height and width in pixels, one number for both; None: the images' own, which must then be equal."""
    channels: Literal[1, 2, 3, 4] | None = None
    """1 grey, 2 grey + alpha, 3 RGB, 4 RGBA; None: as they are, or the most that occur where they differ."""
    test: PositiveInt | Share | None
    """Test images: a share of each class or a number a class; None: the test set that comes with the source."""
    val: PositiveInt | Share
    """Validation images: a share of each class or a number a class."""
    labelled_per_class: PositiveInt | Literal["all"] | Mapping[str, PositiveInt]
    """Labelled training images a class: one number, a number for each class name, or "all"."""


@settings
class TrainGan:
    """Section `train_gan`."""

    network: Annotated[Network, plugin("networks")]
    """The pair of generator and discriminator."""
    objective: Annotated[Objective, plugin("objectives")]
    """What the two minimise."""
    steps: PositiveInt
    """Generator steps."""
    batch_size: Annotated[int, Field(ge=2)] = 64
    """Real images, and as many fake ones, in each step. SNGAN: 64."""
    discriminator_steps: PositiveInt = 1
    """Discriminator steps before each generator step. SNGAN: 5; 1 with two learning rates (Heusel et al., 2017)."""
    learning_rate: PositiveFloat = 2e-4
    """Adam's step size for the generator. SNGAN: 2e-4."""
    discriminator_learning_rate: PositiveFloat = 4e-4
    """Adam's step size for the discriminator. Two time-scale rule of BigGAN: 2 to 4 times the generator's."""
    betas: tuple[Beta, Beta] = (0.0, 0.9)
    """Adam's decay rates of the first and second moment. SNGAN: 0 and 0.9."""
    diffaugment: Annotated[tuple[str, ...], AfterValidator(_known_policies)] = ()
    """What is done to every image before the discriminator sees it, in this order."""
    ema_half_life: PositiveInt = 5000
    """Images after which a generator's weight in the average has halved."""
    precision: Literal["32-true", "16-mixed", "bf16-mixed", "bf16-true", "64-true"] = "32-true"
    """Lightning's name of the arithmetic; "bf16-mixed" is faster on recent processors and GPUs."""
    log_every: PositiveInt = 20
    """Steps between two rows of history.csv."""
    checkpoint_every: PositiveInt = 200
    """Steps between two checkpoints: what a kill can cost."""
    snapshots: Annotated[int, Field(ge=2)] = 9
    """Image grids of the run, the first of them before the first step."""


@settings
class Generate:
    """Section `generate`."""

    per_class: PositiveInt
    """Synthetic images of each class."""


@settings
class TrainClassifier:
    """Section `train_classifier`: how every arm's classifier is trained."""

    classifier: Annotated[Classifier, plugin("classifiers")]
    """The network."""
    steps: PositiveInt
    """Optimiser steps, the same in every arm."""
    batch_size: PositiveInt = 64
    """Images a step, real and synthetic together."""
    learning_rate: PositiveFloat = 1e-3
    """AdamW's largest step size, reached after a tenth of the steps; it falls to 0 along a half cosine."""
    weight_decay: NonNegativeFloat = 1e-2
    """AdamW's. PyTorch's default is 1e-2."""
    evaluate_every: PositiveInt = 25
    """Steps between two looks at the validation set; the best state by balanced accuracy is kept."""


@settings
class Arm:
    """One entry of `arms`: what a classifier is trained on."""

    transforms: Transforms = Transforms()
    """Classical augmentation of every image of a batch, real and synthetic: transforms of torchvision, in order."""
    synthetic: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of each batch that is synthetic."""


@settings
class Evaluate:
    """Section `evaluate`."""

    reference: str | None = None
    """Arm that the others are compared with; None: the baseline arm with the best validation balanced accuracy."""
    confidence: Share = 0.95
    """How often the intervals are to hold the true value."""


class Params(NamedTuple):
    """All of params.yaml."""

    seed: int
    replicates: tuple[int, ...]
    prepare: Prepare
    train_gan: TrainGan
    generate: Generate
    train_classifier: TrainClassifier
    baseline: dict[str, Arm]
    augmented: dict[str, Arm]
    evaluate: Evaluate

    @property
    def arms(self) -> dict[str, Arm]:
        """All arms, in the order of params.yaml."""
        return {**self.baseline, **self.augmented}


SECTIONS = (*(name for name in Params._fields if name not in ("baseline", "augmented")), "arms")


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


def read_params(path: Path = PARAMS) -> Params:
    """Read and check the whole file, each section on its own and all together.

    Raises InputError that names the parameter and what is allowed.
    """
    known = load_params(path)
    stray = next((key for key in known if key not in SECTIONS), None)
    if stray:
        raise InputError(f"{path}: {unknown('section', str(stray), SECTIONS)}")
    groups = read("arms", dict[str, dict[str, Any] | None], path)
    if set(groups) != {"baseline", "augmented"}:
        raise InputError(f"{path}: arms: needs the two groups 'baseline' and 'augmented', has {sorted(groups)}")
    arms = {group: {name: read(f"arms.{group}.{name}", Arm, path) for name in groups[group] or {}} for group in groups}
    params = Params(
        seed=read_seed(path),
        replicates=read_replicates(path),
        prepare=read("prepare", Prepare, path),
        train_gan=read("train_gan", TrainGan, path),
        generate=read("generate", Generate, path),
        train_classifier=read("train_classifier", TrainClassifier, path),
        baseline=arms["baseline"],
        augmented=arms["augmented"],
        evaluate=read("evaluate", Evaluate, path),
    )
    _check_together(params, path)
    return params


def _check_together(params: Params, path: Path) -> None:
    for name, arm in params.baseline.items():
        if arm.synthetic:
            raise InputError(f"{path}: arms.baseline.{name}.synthetic: move the arm to arms.augmented to use the GAN")
    for name, arm in params.augmented.items():
        if not arm.synthetic:
            raise InputError(
                f"{path}: arms.augmented.{name}.synthetic: 0 uses no synthetic image; move the arm to arms.baseline"
            )
        if name in params.baseline:
            raise InputError(f"{path}: arms.augmented.{name}: there is a baseline arm of this name; rename one")
    if not params.baseline:
        raise InputError(f"{path}: arms.baseline: needs at least one arm to compare with, such as real: {{}}")
    reference = params.evaluate.reference
    if reference is not None and reference not in params.arms:
        raise InputError(f"{path}: evaluate.reference: {unknown('arm', reference, params.arms)}")
