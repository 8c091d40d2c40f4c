"""The choice of an arm's share of synthetic images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ganaug.classifier.scores import comparable_mean
from ganaug.experiment.arm_settings import Arm


def choose_share(arm: Arm, trials: Sequence[Mapping[str, Sequence[float]]]) -> dict[str, Any]:
    """Return the share with the best mean balanced accuracy on validation, the smallest if there is a tie.

    trials: for each replicate, the balanced accuracy of each classifier by share, as `ArmTraining.try_shares` returns
    it; not read if there is one share only. The choice is `synthetic`; `val_balanced_accuracy` has each share's mean.
    """
    if len(arm.synthetic_shares) == 1:
        return {"synthetic": arm.synthetic_shares[0], "val_balanced_accuracy": {}}
    means = {
        share: comparable_mean([figure for trial in trials for figure in trial[str(share)]])
        for share in arm.synthetic_shares
    }
    best = max(means, key=lambda share: means[share])
    return {"synthetic": best, "val_balanced_accuracy": {str(share): round(mean, 6) for share, mean in means.items()}}
