"""Section `train_gan` of params.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt

from ganaug.config import plugin, settings
from ganaug.diffaugment import POLICIES
from ganaug.errors import InputError, unknown
from ganaug.networks import Network
from ganaug.objectives import Objective

Beta = Annotated[float, Field(ge=0, lt=1)]


def _known_policies(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in POLICIES:
            raise InputError(f"diffaugment: {unknown('policy', name, POLICIES)}")
    return names


@settings
class TrainGan:
    """The GAN and how it is trained."""

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
    precision: Literal["32-true", "16-mixed", "bf16-mixed"] = "32-true"
    """Lightning's name of the arithmetic; "bf16-mixed" is faster on recent processors and GPUs. Weights and average
    stay in 32 bits: with 8 bits of mantissa the average's small steps would be lost."""
    log_every: PositiveInt = 20
    """Steps between two rows of history.csv."""
    checkpoint_every: PositiveInt = 200
    """Steps between two checkpoints: what a kill can cost."""
    snapshots: Annotated[int, Field(ge=2)] = 9
    """Image grids of the run, the first of them before the first step."""
