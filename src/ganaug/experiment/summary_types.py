"""What results/summary.json holds: types of plain JSON, in the order of the file.

`results.py` reads it. `metric_keys.py` writes and reads what a TypedDict cannot declare: the keys of metrics, which
figures of arms and gains have.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict  # as long as Python 3.11 is supported, pydantic needs this one

from ganaug.experiment.verdicts import Answer, ArmAnswer


class EndsPart(TypedDict):
    """A mean over replicates and the ends of its interval, which are None with one replicate."""

    mean: float
    low: float | None
    high: float | None


class IntervalPart(EndsPart):
    """The same with what each replicate has, in the order of the replicates."""

    per_replicate: list[float]


class QuantityPart(TypedDict):
    """How a metric is called and written: see `Quantity`."""

    title: str
    better: Literal["high", "low"]
    in_points: bool


class DatasetPart(TypedDict):
    """The images that the arms were trained and tested on."""

    name: str
    classes: list[str]
    image_shape: list[int]
    """Channels, height, width."""
    train_per_class: dict[str, int]
    test_size: int
    test_groups: int


class ArmFacts(TypedDict):
    """What an arm is."""

    group: Literal["baseline", "augmented"]
    words: str
    trained_on: str
    """As in `TrainedOn.words`, or "labels"."""
    gan: list[str]
    """What its classifiers use of the GAN: "images", "discriminator"."""
    synthetic: float
    synthetic_until: float
    tried: dict[str, float]
    """Share of synthetic images → the deciding metric on validation."""


class ArmPart(ArmFacts):
    """An arm and its figures on test images.

    Besides, for each metric of all classes its IntervalPart, `val_<deciding metric>`, and for each metric of one class
    its mean by class.
    """

    confusion: list[list[int]]


class AlonePart(IntervalPart):
    """The gain in the deciding metric, with the interval that it would have by itself, and what that says."""

    answer: ArmAnswer


class GainPart(TypedDict):
    """An arm's gains over the reference.

    Besides, for each metric of all classes its IntervalPart, and for each metric of one class an IntervalPart by class.
    """

    reference: str
    answer: ArmAnswer
    alone: AlonePart


class ComparedPart(TypedDict):
    """What both sides of the verdict reach in a metric."""

    arm: float
    reference: float
    gain: IntervalPart


class DecidedPart(TypedDict):
    """The verdict without words."""

    answer: Answer
    gain: float
    """What the GAN adds: exactly 0 where the arm does without it."""
    low: float | None
    high: float | None
    difference: EndsPart
    """Between arm and reference, whatever its reason."""
    reference: str
    arm: str
    references: list[str]
    arms: list[str]
    minimum_detectable: float | None
    replicates_needed: int | None
    confidence_level: float


class WordedPart(DecidedPart):
    """The verdict in words."""

    headline: str
    sentence: str


class VerdictPart(WordedPart):
    """The verdict, with what both sides reach in each metric."""

    metrics: dict[str, ComparedPart]


class SpreadPart(TypedDict):
    """How much the verdict's gain varies: see `Spread`."""

    seeds: int
    seed_variance: float | None
    mean: float
    per_replicate: list[float]
    replicate_variance: float | None
    test_variance: float
    overlap: float
    unshared_variance: float
    test_degrees_of_freedom: float | None
    """None: infinite."""


class ExtraLabelsPart(TypedDict):
    """How many extra labels per class the gain is equivalent to; None: unknown, or beyond the largest measured."""

    labels_per_class: float | None
    low: float | None
    high: float | None


class LabelEquivalentPart(ExtraLabelsPart):
    """The same with words."""

    sentence: str


class MeasuredPart(TypedDict):
    """A figure of synthetic images, and of real ones in their place; None: too few images."""

    synthetic: float | None
    train: float | None
    held_out: float | None


class FigurePart(MeasuredPart):
    """A figure of quality, with what is good and what it sees."""

    better: Literal["high", "low", "none"]
    ideal: float | None
    sees: Literal["features", "pixels"]


class QualityPart(TypedDict):
    """The synthetic sets, averaged over replicates."""

    features: str
    figures: dict[str, FigurePart]
    stand_ins: NotRequired[dict[str, MeasuredPart]]
    """Attacks, if the images are stand-ins."""


class NeighbourPart(TypedDict):
    """Balanced accuracy of the class of the nearest training image."""

    balanced_accuracy: float
    val_balanced_accuracy: float


class DoubtPart(TypedDict):
    """A finding about arms or synthetic sets."""

    seen: str
    remedy: str


class LeftToGainPart(TypedDict):
    """What baselines leave to gain on validation images."""

    metric: str
    baselines: dict[str, float]
    neighbour: float
    left: float
    worth_trying: bool
    sentence: str


class ConditionPart(TypedDict):
    """Something that must hold for an answer to be relied on: see `Condition`."""

    name: str
    met: bool
    seen: str
    remedy: str


class SpentPart(TypedDict):
    """Seconds or joules."""

    gan: float
    arm: float
    reference: float
    per_point: float | None
    """None: there is no gain to pay for."""


class CostPart(TypedDict):
    """What the gain cost; None: not measured."""

    jobs: int
    seconds: SpentPart | None
    joules: SpentPart | None


class RecordedPart(TypedDict):
    """A file of pretrained weights, as stages record it."""

    model: str
    weights: str
    sha256: str
    library: NotRequired[str]
    package: NotRequired[str]
    license: NotRequired[str]


class PretrainedPart(RecordedPart):
    """The same with who started from it."""

    used_by: list[str]
    """As params.yaml calls them."""


class Results(TypedDict):
    """What the arms' scores say."""

    dataset: DatasetPart
    replicates: list[int]
    overlap: float
    findings: dict[str, list[str]]
    """Replicate → names of the findings in its GAN's training."""
    confidence_level: float
    smallest_gain: float
    metric: str
    """Key of the one that decides."""
    metrics: dict[str, QuantityPart]
    reference: str
    arms: dict[str, ArmPart]
    gains: dict[str, GainPart]
    verdict: VerdictPart
    spread: SpreadPart
    label_equivalent: NotRequired[LabelEquivalentPart]


class StartedFrom(TypedDict, total=False):
    """The pretrained weights that a run started from, if there are any."""

    pretrained: list[PretrainedPart]


class Summary(Results, StartedFrom):
    """All of results/summary.json."""

    quality: QualityPart
    neighbour: NeighbourPart
    doubts: dict[str, DoubtPart]
    """Findings about arms and synthetic sets, by name."""
    left_to_gain: LeftToGainPart
    conditions: list[ConditionPart]
    """The most important first."""
    cost: CostPart
