"""Section `train_gan` of params.yaml."""

from __future__ import annotations

from dataclasses import replace
from math import cos, pi
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
)

from ganaug.core.config import plugin, settings
from ganaug.core.errors import InputError, unknown
from ganaug.gan.diffaugment import AUGMENTATIONS
from ganaug.gan.networks import Network
from ganaug.gan.objectives import Objective
from ganaug.gan.trainer_settings import TrainerSettings

Beta = Annotated[float, Field(ge=0, lt=1)]


PRESETS = {"characters": ("affine",), "photographs": ("flip", "color", "translation", "cutout")}
"""DiffAugment's augmentations for each kind of image."""


def _known_augmentations(names: tuple[str, ...] | str) -> tuple[str, ...]:
    if isinstance(names, str):
        if names not in PRESETS:
            raise InputError(f"diffaugment: {unknown('kind of image', names, PRESETS)}; or list augmentations")
        return PRESETS[names]
    for name in names:
        if name not in AUGMENTATIONS:
            raise InputError(f"diffaugment: {unknown('augmentation', name, AUGMENTATIONS)}")
    return names


@settings
class ClassWeights:
    """Weights of the class losses (cross-entropies), for a discriminator with a class head."""

    real: NonNegativeFloat = 1.0
    """For the discriminator, on labelled real images. AC-GAN: 1."""
    fake: NonNegativeFloat = 0.0
    """For the discriminator, on fake images. AC-GAN: 1; 0 keeps it from learning the generator's mistakes."""
    generator: NonNegativeFloat = 0.1
    """For the generator, on its images. AC-GAN: 1; 0.1 is usual with other objectives."""


@settings
class Schedule:
    """Hyper-parameters that follow half a cosine from their initial to their final value, and then stay there.

    Huang et al., R3GAN, 2024, section 4 and its code: learning rates × 0.25, γ × 0.1, second beta 0.9 to 0.99.
    """

    steps: NonNegativeInt = 0
    """Generator steps until the final values are reached; 0: nothing changes."""
    learning_rates: NonNegativeFloat = 1.0
    """Final learning rates of both networks, as a multiple of the initial ones. R3GAN: 0.25; WGAN-GP: 0."""
    penalties: NonNegativeFloat = 1.0
    """Final weight of the objective's penalties, as a multiple of the initial one. R3GAN: 0.1."""
    second_beta: Beta | None = None
    """Final decay rate of Adam's second moment; null: constant. R3GAN: 0.99."""

    def progress(self, step: int) -> float:
        """Return the position of generator step `step` between the initial (0) and the final values (1)."""
        return (1 - cos(pi * min(step / self.steps, 1))) / 2 if self.steps else 0.0


@settings
class TrainGan:
    """The GAN and its training."""

    network: Annotated[Network, plugin("gan.networks")]
    """Generator and discriminator."""
    objective: Annotated[Objective, plugin("gan.objectives")]
    """The losses of both networks."""
    steps: PositiveInt
    """Generator steps."""
    balanced: bool = False
    """Sample labelled images with all classes equally frequent: for imbalanced data, where the GAN otherwise hardly
    ever sees a rare class."""
    batch_size: Annotated[int, Field(ge=2)] = 64
    """Real images per discriminator step; the number of fake images is the same. SNGAN: 64."""
    discriminator_steps: PositiveInt = 1
    """Discriminator steps before each generator step. SNGAN: 5; 1 with two learning rates (Heusel et al., 2017)."""
    learning_rate: PositiveFloat = 2e-4
    """Adam's learning rate for the generator. SNGAN: 2e-4."""
    discriminator_learning_rate: PositiveFloat = 4e-4
    """Adam's learning rate for the discriminator. BigGAN's two time-scale rule: 2 to 4 times the generator's."""
    betas: tuple[Beta, Beta] = (0.0, 0.9)
    """Adam's decay rates of the first and second moment. SNGAN: 0 and 0.9."""
    schedule: Schedule = Schedule()
    """How learning rates, penalties and Adam's second beta change during training."""
    diffaugment: Annotated[tuple[str, ...] | str, AfterValidator(_known_augmentations)] = ()
    """DiffAugment: augmentations of every image that the discriminator sees, in this order; or "characters" (affine) or
    "photographs" (flip, color, translation, cutout). Leave out whatever changes the class, such as flip for digits."""
    ada_target: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Adaptive augmentation: the probability of each augmentation rises while the mean sign of the discriminator's
    output for real images is above this target, and falls while it is below. ADA: 0.6; null: always augment."""
    ada_images: PositiveInt = 500_000
    """Number of images over which that probability can rise from 0 to 1. ADA: 500,000; use fewer for short runs."""
    class_weights: ClassWeights = ClassWeights()
    """Weights of the class losses, for a discriminator with a class head."""
    transition_start: NonNegativeInt = 0
    """Step at which class conditioning starts. Such transitional training is a remedy for mode collapse caused by
    conditioning."""
    transition_end: NonNegativeInt = 0
    """Step at which class conditioning reaches full strength. Shahbazi et al. (2022): from 2 to 4 million images."""
    ema_half_life: PositiveInt = 5000
    """Half-life of the weights' moving average, in images."""
    trainer: TrainerSettings = TrainerSettings()
    """Devices, precision and loggers."""
    log_every: PositiveInt = 20
    """Steps between two rows of history.csv."""
    checkpoint_every: PositiveInt = 200
    """Steps between two checkpoints, the most that a killed run can lose."""
    snapshots: Annotated[int, Field(ge=2)] = 9
    """Number of image grids; the first is drawn before the first step."""
    examinations: PositiveInt = 10
    """Number of evaluations of the training's health and the generator's quality, evenly spaced up to the last step.
    There is one more before the first step."""
    keep: Literal["best", "last"] = "best"
    """Generator to keep: the one whose images came closest to the validation images ("best"), or the last one."""
    unlabelled: Literal["ignore", "unconditional", "pseudo_labels"] = "ignore"
    """What the GAN learns from the pool's unlabelled images: nothing ("ignore"); what images look like, through the
    unconditional part of the discriminator ("unconditional"); or classes as well, from pseudo-labels of an ensemble of
    classifiers ("pseudo_labels")."""
    unlabelled_share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Share of unlabelled images in each batch."""
    other_domain_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of each batch taken from another domain (`prepare.other_domain`), as further classes; 0: the GAN does not
    learn from it. A translator then translates images of each domain into the other (`generate.sources: other_domain`).
    """
    pseudo_label_threshold: Annotated[float, Field(ge=0, lt=1)] = 0.6
    """Mean probability above which the ensemble's class becomes a pseudo-label. An ensemble trained on few images is
    underconfident: on MNIST with 10 labels per class, 0.6 keeps 37% of the images, 98.7% of them with the right class,
    and 0.9 keeps 2% (members trained on all labelled images, without transforms)."""

    def __post_init__(self) -> None:
        """Raise InputError for a combination of settings that cannot work, with the reason."""
        self._check_conditioning()
        self._check_augmentation()
        self._check_schedules()
        self._check_shares()

    def _check_conditioning(self) -> None:
        network, objective = self.network, self.objective
        if objective.gradient_penalty and network.normalises_batches:
            raise InputError(
                "network: gradient_penalty needs the gradient of single images, but batch norm in this discriminator "
                "mixes images; use resnet, r3gan, stylegan2 or mlp, or r1 instead of gradient_penalty"
            )
        required = objective.discriminator_conditioning
        if required is not None and network.discriminator_conditioning != required:
            raise InputError(
                f"network.discriminator_conditioning: this objective needs {required!r}; set it, or choose another "
                f"objective"
            )
        if network.discriminator_conditioning == "classifier" and self.class_weights.fake:
            raise InputError("class_weights.fake: must be 0 with 'classifier', where fake is a class of its own")
        if self.class_weights != ClassWeights() and not network.has_class_head:
            raise InputError(
                "class_weights: this discriminator has no class head; set discriminator_conditioning to 'auxiliary' or "
                "'classifier'"
            )

    def _check_augmentation(self) -> None:
        for name, given in (("objective.consistency", self.objective.consistency), ("ada_target", self.ada_target)):
            if given and not self.diffaugment:
                raise InputError(f"{name}: needs augmentations in diffaugment; list some, or remove this parameter")
        if self.ada_target and not self.objective.absolute:
            raise InputError(
                "ada_target: depends on the sign of realness, which has no meaning with this objective; remove it, or "
                "choose another objective"
            )

    def _check_schedules(self) -> None:
        if self.transition_end < self.transition_start:
            raise InputError("transition_end: must not be before transition_start")
        if self.schedule.steps > self.steps:
            raise InputError("schedule.steps: must not exceed steps, or the final values are never reached")
        if self.transition_end > self.steps:
            raise InputError("transition_end: must not exceed steps, or conditioning never reaches full strength")

    def _check_shares(self) -> None:
        devices = self.trainer.devices
        unlabelled = self.unlabelled != "ignore"
        labelled = self.labelled_per_batch(unlabelled=unlabelled, other_domain=self.other_domain_share > 0)
        if labelled < 1:
            raise InputError(
                "other_domain_share, unlabelled_share: leave no labelled images in a batch; lower one of them, or "
                "raise batch_size"
            )
        if self.batch_size % devices or self.batch_size < 2 * devices:
            raise InputError(f"batch_size: must be a multiple of trainer.devices ({devices}), at least 2 per device")
        if unlabelled and labelled % devices:
            raise InputError(
                f"unlabelled_share: leaves {labelled} labelled images per batch, which must be a "
                f"multiple of trainer.devices ({devices})"
            )

    def with_precision(self, chosen: str) -> Self:
        """Return these settings with the precision `chosen` if trainer.precision is "auto"."""
        if self.trainer.precision != "auto":
            return self
        return replace(self, trainer=replace(self.trainer, precision=chosen))  # type: ignore[arg-type]  # it is validated

    def labelled_per_batch(self, *, unlabelled: bool, other_domain: bool) -> int:
        """Return the number of labelled images of the domain to classify in a batch with these other kinds."""
        others = [self.unlabelled_per_batch] * unlabelled + [self.other_domain_per_batch] * other_domain
        return self.batch_size - sum(others)

    @property
    def unlabelled_per_batch(self) -> int:
        """Number of unlabelled or pseudo-labelled images in a batch with any: at least one, but not all."""
        return self._images(self.unlabelled_share)

    @property
    def other_domain_per_batch(self) -> int:
        """Number of images of another domain in a batch with any: at least one, but not all."""
        return self._images(self.other_domain_share)

    def _images(self, share: float) -> int:
        return min(max(round(share * self.batch_size), 1), self.batch_size - 1)
