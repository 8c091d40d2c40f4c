"""Section `generate` of params.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from ganaug.core.config import plugin, settings
from ganaug.core.errors import InputError
from ganaug.synthesis.policies import Policy


@settings
class Generate:
    """How many synthetic images there are to be, and which."""

    per_class: PositiveInt
    """Synthetic images of each class. A classifier goes through all of them before it sees one again: more than it
    needs is GaFi's other remedy, images that are new in every pass (Lampis et al., 2023)."""
    truncation: PositiveFloat = 1.0
    """How far latents lie from their centre: 1 as trained, below 1 safer and more alike images, above 1 more varied
    ones. Of z, or of w where the network has one. StyleGAN2's pictures: 0.5 to 0.7. Images to train on are the opposite
    of pictures to look at: GaFi (Lampis et al., 2023) gains with wider latents, above 1."""
    pool: Annotated[float, Field(ge=1)] = 1.0
    """Candidates that are made for each image that is kept, rounded up to whole candidates of a class."""
    policy: Annotated[Policy, plugin("synthesis.policies")]
    """Which of the candidates are kept."""
    drop_copies: bool = False
    """Keep no candidate that is closer to a training image than 95 % of the validation images are. An honest generator
    loses 5 % of its images to that, most of them of the classes whose images are much alike: of new real digits 6 %, of
    zeros 20 %. Where training images are private, that is the price."""
    labels: Literal["hard", "soft"] = "hard"
    """The class that an image was made for, or beside it probabilities of all classes, by the classifier of the
    ensemble that has not seen the training image nearest to it (probabilities.npy)."""
    inception: Path | None = None
    """torch-fidelity's file of Inception's weights, for figures of quality that can be compared with published ones;
    None: features of the ensemble, which know the user's images and not ImageNet's. DVC does not watch the file."""

    def __post_init__(self) -> None:
        """Raise InputError for a policy that could choose nothing, with the reason."""
        if self.policy.only_ranks and self.pool == 1:
            raise InputError(
                "pool: must be above 1 with this policy, which only puts candidates in order: of as many candidates as "
                "images it would keep all; take 4, or the policy 'none'"
            )
