"""Section `evaluate` of params.yaml."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from ganaug.core.config import ParamsFile, settings
from ganaug.experiment.arm_settings import Arm


class Information(IntEnum):
    """What an arm has learned from. Only arms that know as much can be fairly compared."""

    LABELS = 0
    """The limited labels."""
    UNLABELLED = 1
    """The rest of the pool too, without labels."""
    MORE_LABELS = 2
    """More labels than the limited ones."""


@settings
class Evaluate:
    """How the arms are compared."""

    reference: str | None = None
    """Baseline arm, with the limited labels, that the others are compared with; None: of the baseline arms that know no
    more than the best augmented arm, the one with the best validation balanced accuracy."""
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
    """How often the intervals are to hold the true value."""
    smallest_gain: Annotated[float, Field(gt=0, lt=1)] = 0.005
    """The smallest gain in balanced accuracy that would matter, as a share: 0.005 is half a point. A gain whose
    interval lies within it counts as no effect."""


class Experiment(NamedTuple):
    """What was compared: arms by name, numbers of replicates."""

    replicates: tuple[int, ...]
    baseline: dict[str, Arm]
    augmented: dict[str, Arm]
    evaluate: Evaluate
    gan_knows: Information
    """What the GAN has learned from."""

    @property
    def arms(self) -> dict[str, Arm]:
        """All arms, in the order of params.yaml."""
        return self.baseline | self.augmented

    def knows(self, name: str) -> Information:
        """Return what an arm has learned from."""
        arm = self.arms[name]
        if arm.labels != "limited":
            return Information.MORE_LABELS
        own = Information.UNLABELLED if arm.pseudo_labels else Information.LABELS
        return max(own, self.gan_knows) if name in self.augmented else own


def read_experiment(params: ParamsFile) -> Experiment:
    """Read what evaluation has to know; it needs neither networks nor data sources."""
    groups = {
        group: {
            name: params.section(f"arms.{group}.{name}", Arm)
            for name in params.section(f"arms.{group}", dict[str, Any])
        }
        for group in ("baseline", "augmented")
    }
    ignored = params.content.get("train_gan", {}).get("unlabelled", "ignore") == "ignore"
    return Experiment(
        replicates=params.replicates,
        **groups,
        evaluate=params.section("evaluate", Evaluate),
        gan_knows=Information.LABELS if ignored else Information.UNLABELLED,
    )
