"""Section `train_gan` of params.yaml."""

from __future__ import annotations

from math import cos, pi
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from ganaug.core.config import plugin, settings
from ganaug.core.errors import InputError, unknown
from ganaug.gan.diffaugment import AUGMENTATIONS
from ganaug.gan.networks import Network
from ganaug.gan.objectives import Objective

Beta = Annotated[float, Field(ge=0, lt=1)]


PRESETS = {"characters": ("affine",), "photographs": ("flip", "color", "translation", "cutout")}
"""DiffAugment by kind of image."""


def _known_policies(names: tuple[str, ...] | str) -> tuple[str, ...]:
    if isinstance(names, str):
        if names not in PRESETS:
            raise InputError(f"diffaugment: {unknown('kind of image', names, PRESETS)}; or give a list of policies")
        return PRESETS[names]
    for name in names:
        if name not in AUGMENTATIONS:
            raise InputError(f"diffaugment: {unknown('policy', name, AUGMENTATIONS)}")
    return names


@settings
class ClassWeights:
    """What telling the class counts, where the discriminator does so (`auxiliary`, `classifier`): cross-entropies."""

    real: NonNegativeFloat = 1.0
    """The discriminator's, on real images that have a label. AC-GAN: 1."""
    fake: NonNegativeFloat = 0.0
    """The discriminator's, on fake images. AC-GAN: 1; 0 keeps it from learning the generator's mistakes."""
    generator: NonNegativeFloat = 0.1
    """The generator's, on its images. AC-GAN: 1; 0.1 is usual with other objectives."""


@settings
class Schedule:
    """What changes during training, along half a cosine from its start to its end, and stays there.

    Huang et al., R3GAN, 2024, section 4 and its code: learning rates × 0.25, γ × 0.1, second beta 0.9 to 0.99.
    """

    steps: NonNegativeInt = 0
    """Generator steps until the end is reached; 0: nothing changes."""
    learning_rates: NonNegativeFloat = 1.0
    """Both learning rates at the end, as a multiple of those at the start. R3GAN: 0.25; WGAN-GP: 0."""
    penalties: NonNegativeFloat = 1.0
    """The objective's penalties at the end, as a multiple. R3GAN: 0.1."""
    second_beta: Beta | None = None
    """Adam's decay rate of the second moment at the end; null: as at the start. R3GAN: 0.99."""

    def progress(self, step: int) -> float:
        """Return how far on the way from start (0) to end (1) generator step `step` is."""
        return (1 - cos(pi * min(step / self.steps, 1))) / 2 if self.steps else 0.0


@settings
class TrainGan:
    """The GAN and how it is trained."""

    network: Annotated[Network, plugin("gan.networks")]
    """The pair of generator and discriminator."""
    objective: Annotated[Objective, plugin("gan.objectives")]
    """What the two minimise."""
    steps: PositiveInt
    """Generator steps."""
    balanced: bool = False
    """Draw labelled images so that every class comes equally often: for imbalanced data, where a class with few images
    is otherwise hardly ever seen."""
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
    schedule: Schedule = Schedule()
    """How learning rates, penalties and second beta change during training."""
    diffaugment: Annotated[tuple[str, ...] | str, AfterValidator(_known_policies)] = ()
    """What is done to every image before the discriminator sees it, in this order; or "characters" (affine) or
    "photographs" (flip, color, translation, cutout). Never a policy that changes the class, such as flip for digits."""
    ada_target: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Adaptive augmentation: each policy is applied with a probability that grows while the mean sign of the
    discriminator on real images is above this, and falls below. ADA: 0.6; null: every policy always."""
    ada_images: PositiveInt = 500_000
    """Images over which that probability can go from 0 to 1. ADA: 500,000; fewer for short runs."""
    class_weights: ClassWeights = ClassWeights()
    """For conditioning by a classifier in the discriminator."""
    transition_start: NonNegativeInt = 0
    """Step at which classes begin to count. Transitional conditioning: the remedy where conditioning collapses."""
    transition_end: NonNegativeInt = 0
    """Step from which on classes count in full. Shahbazi et al. (2022): 2,000 and 4,000 thousand images."""
    ema_half_life: PositiveInt = 5000
    """Images after which a generator's weight in the average has halved."""
    precision: Literal["32-true", "16-mixed", "bf16-mixed"] = "32-true"
    """Lightning's name of the arithmetic; "bf16-mixed" is faster on recent processors and GPUs. Weights and average
    stay in 32 bits: with 8 bits of mantissa the average's small steps would be lost. Without a GPU "16-mixed" is
    "bf16-mixed": processors do not calculate in float16."""
    log_every: PositiveInt = 20
    """Steps between two rows of history.csv."""
    checkpoint_every: PositiveInt = 200
    """Steps between two checkpoints: what a kill can cost."""
    snapshots: Annotated[int, Field(ge=2)] = 9
    """Image grids of the run, the first of them before the first step."""
    examinations: PositiveInt = 10
    """Looks at the health of the training and the quality of the generator, evenly over the run and after its end."""
    keep: Literal["best", "last"] = "best"
    """The generator to go on with: the one whose images came closest to the validation images, or the last."""
    unlabelled: Literal["ignore", "unconditional", "pseudo_labels"] = "ignore"
    """What the GAN learns from the images of the pool that have no label: nothing, what images look like (through the
    unconditional part of the discriminator), or also their classes, as far as an ensemble of classifiers is sure."""
    unlabelled_share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Share of each batch that is from them."""
    confidence: Annotated[float, Field(ge=0, lt=1)] = 0.6
    """Mean probability above which the ensemble's class is taken for a pseudo-label. Trained on few images, the
    ensemble is less sure than right: of MNIST with 10 labels a class, 0.6 keeps 37 %, of which 98.7 % are right, and
    0.9 keeps 2 % (of members that were trained on all labelled images, without transforms)."""

    def __post_init__(self) -> None:
        """Raise InputError for a combination that makes no sense, with the reason."""
        network, objective = self.network, self.objective
        if objective.gradient_penalty and network.normalises_batches:
            raise InputError(
                "network: its discriminator has batch norm, which leaves no gradient of a single image for "
                "gradient_penalty to look at; take resnet, r3gan, stylegan2 or mlp, or r1 instead of gradient_penalty"
            )
        wanted = objective.discriminator_conditioning
        if wanted is not None and network.discriminator_conditioning != wanted:
            raise InputError(f"network.discriminator_conditioning: this objective needs {wanted!r}")
        if network.discriminator_conditioning == "classifier" and self.class_weights.fake:
            raise InputError("class_weights.fake: must be 0 with 'classifier', for which fake is a class of its own")
        if self.class_weights != ClassWeights() and not network.has_class_head:
            raise InputError(
                "class_weights: this discriminator tells no classes; discriminator_conditioning must be 'auxiliary' or "
                "'classifier'"
            )
        for name, given in (("objective.consistency", objective.consistency), ("ada_target", self.ada_target)):
            if given and not self.diffaugment:
                raise InputError(f"{name}: needs policies in diffaugment")
        if self.ada_target and not objective.absolute:
            raise InputError("ada_target: steers by the sign of realness, which has no meaning with this objective")
        if self.transition_end < self.transition_start:
            raise InputError("transition_end: must not be before transition_start")
        if self.schedule.steps > self.steps:
            raise InputError("schedule.steps: must not be more than steps, or its end is never reached")
        if self.transition_end > self.steps:
            raise InputError("transition_end: must not be after the last of the steps, or classes never count in full")
