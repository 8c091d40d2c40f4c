"""Section `evaluate` of params.yaml, and the part of params.yaml that evaluation needs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

from pydantic import Field, PositiveInt

from ganaug.core.config import ParamsFile, plugin, settings
from ganaug.core.weight_files import NONE
from ganaug.experiment.arms.groups import GROUPS
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.metrics import Metric
from ganaug.experiment.metrics.balanced_accuracy import BalancedAccuracy
from ganaug.experiment.statistics.looks import levels


class TrainedOn(IntFlag):
    """The information that an arm was trained on.

    A comparison is fair only if the reference was trained on no more than the arm: `reference in arm`.
    """

    LABELS = 0
    """The limited labelled images only."""
    UNLABELLED = 1
    """Also the rest of the pool, without labels."""
    OTHER_DOMAIN = 2
    """Images of another domain."""
    MORE_LABELS = 4
    """More labelled images than the limited set."""
    DESCRIPTIONS = 8
    """Descriptions of the images, including all of the pool: they may reveal classes."""
    PRETRAINED = 16
    """Features of a network that was trained on other images."""

    @property
    def words(self) -> tuple[str, ...]:
        """Names of everything besides the limited labelled images, such as "unlabelled"."""
        return tuple(str(part.name).lower().replace("_", " ") for part in self)


@settings
class Evaluate:
    """How the arms are compared."""

    metric: Annotated[Metric, plugin("experiment.metrics")] = BalancedAccuracy()
    """The metric that decides the verdict and, on validation images, the shares of synthetic images, the best arm and
    the reference. A classifier's best training step is always the one with the best balanced accuracy."""
    reference: str | None = None
    """Arm to compare the others with: one with the limited labels and without the GAN. None: the best on validation
    among the arms without the GAN that were trained on no more than the best augmented arm."""
    confidence_level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    """Confidence level of the intervals."""
    smallest_gain: Annotated[float, Field(gt=0, lt=1)] = 0.005
    """The smallest gain in `metric` that matters: 0.005 is half a point, or 0.005 of the log loss or Brier score. If
    the whole interval is closer to 0 than this, the verdict is `no effect`."""
    looks: Annotated[tuple[PositiveInt, ...], Field(min_length=1)] | None = None
    """Numbers of replicates at which you check whether the answer is decided, in ascending order, such as [3, 6, 12].
    `ganaug run --until-decided` adds replicates from each number to the next. Fix the numbers beforehand: the verdict's
    interval is wider, so that several looks make no more false claims than one. None: a single look."""

    def __post_init__(self) -> None:
        if self.looks is not None and any(after <= before for before, after in pairwise(self.looks)):
            raise ValueError(f"looks: give ascending numbers of replicates (given: {list(self.looks)})")

    def look(self, replicates: int) -> tuple[int, int] | None:
        """Return this look's number and the number of looks, or None if `looks` is None. replicates: their number."""
        return None if self.looks is None else (self.looks.index(replicates) + 1, len(self.looks))

    def verdict_level(self, replicates: int) -> float:
        """Return the confidence level of the verdict's interval. replicates: their number, in `looks` if it is set."""
        if self.looks is None:
            return self.confidence_level
        return levels(self.looks, self.confidence_level)[self.looks.index(replicates)]


class Experiment(NamedTuple):
    """The arms, by name, and the replicates, by number, that evaluation compares."""

    replicates: tuple[int, ...]
    baseline: dict[str, Arm]
    augmented: dict[str, Arm]
    evaluate: Evaluate
    gan_trained_on: TrainedOn
    """What the GAN was trained on."""
    informed: Mapping[str, Arm] = {}
    """Arms without the GAN that learned from further images."""
    classifiers_trained_on: TrainedOn = TrainedOn.LABELS
    """PRETRAINED if the classifiers of all arms started from pretrained weights, otherwise LABELS."""
    ensemble_trained_on: TrainedOn = TrainedOn.LABELS
    """The same for the ensembles, which judge GANs and label images."""

    @property
    def arms(self) -> dict[str, Arm]:
        """All arms, those with the GAN last."""
        return self.baseline | dict(self.informed) | self.augmented

    def trained_on(self, name: str) -> TrainedOn:
        """Return what an arm was trained on, directly or through the GAN."""
        arm = self.arms[name]
        trained_on = self.classifiers_trained_on
        for applies, part in (
            (name in self.augmented, self.gan_trained_on | self.ensemble_trained_on),
            (arm.learns_from_further_images, self.ensemble_trained_on),
            (arm.pseudo_labels, TrainedOn.UNLABELLED),
            (arm.other_domain, TrainedOn.OTHER_DOMAIN),
            (arm.labels != "limited", TrainedOn.MORE_LABELS),
        ):
            trained_on |= part if applies else TrainedOn.LABELS
        return trained_on


def read_experiment(params: ParamsFile) -> Experiment:
    """Read the part of params.yaml that evaluation needs, without loading networks or data sources."""
    arms = params.section("arms", dict[str, dict[str, Any]])
    groups = {
        group: {name: params.section(f"arms.{group}.{name}", Arm) for name in arms.get(group, {})} for group in GROUPS
    }
    train_gan = params.section("train_gan", dict[str, Any]) if "train_gan" in params.content else {}
    gan_trained_on = TrainedOn.LABELS
    if train_gan.get("unlabelled", "ignore") != "ignore":
        gan_trained_on |= TrainedOn.UNLABELLED
    if train_gan.get("other_domain_share", 0):
        gan_trained_on |= TrainedOn.OTHER_DOMAIN
    if _pretrained(train_gan.get("network")):
        gan_trained_on |= TrainedOn.PRETRAINED
    prepare = params.section("prepare", dict[str, Any]) if "prepare" in params.content else {}
    if prepare.get("describer") is not None:
        gan_trained_on |= TrainedOn.DESCRIPTIONS

    def trained_before(section: str) -> TrainedOn:
        pretrained = _pretrained(params.content.get(section, {}).get("classifier"))
        return TrainedOn.PRETRAINED if pretrained else TrainedOn.LABELS

    return Experiment(
        replicates=params.replicates,
        **groups,
        evaluate=params.section("evaluate", Evaluate),
        gan_trained_on=gan_trained_on,
        classifiers_trained_on=trained_before("train_classifier"),
        ensemble_trained_on=trained_before("train_ensemble"),
    )


def _pretrained(spec: Any) -> bool:
    """Return whether a plug-in, as params.yaml gives it, starts from pretrained weights."""
    return isinstance(spec, dict) and spec.get("weights", NONE) != NONE
