"""Types of results/summary.json: plain JSON, in the order of the file.

`reader.py` reads the file. `metric_keys.py` writes and reads what a TypedDict cannot declare: figures of arms and gains
under the keys of metrics.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict  # pydantic needs this on Python 3.11

from ganaug.experiment.verdicts import Answer, ArmAnswer


class EndsPart(TypedDict):
    """A mean over replicates and the ends of its interval, which are None with one replicate."""

    mean: float
    low: float | None
    high: float | None


class IntervalPart(EndsPart):
    """The same with each replicate's value, in the order of the replicates."""

    per_replicate: list[float]


class QuantityPart(TypedDict):
    """How a metric is named and formatted: see `Quantity`."""

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
    """Description of an arm."""

    group: Literal["baseline", "augmented"]
    words: str
    trained_on: str
    """As in `TrainedOn.words`, or "labels"."""
    gan: list[str]
    """The parts of the GAN that its classifiers use: "images", "discriminator"."""
    synthetic: float
    synthetic_until: float
    tried: dict[str, float]
    """Share of synthetic images → deciding metric on validation."""


class ArmPart(ArmFacts):
    """An arm and its figures on test images.

    It also holds an IntervalPart for each metric of all classes, `val_<deciding metric>`, and for each per-class metric
    its mean by class.
    """

    confusion: list[list[int]]


class AlonePart(IntervalPart):
    """The gain in the deciding metric, with the interval that it would have by itself, and the answer from it."""

    answer: ArmAnswer


class GainPart(TypedDict):
    """An arm's gains over the reference.

    It also holds an IntervalPart for each metric of all classes, and for each per-class metric IntervalParts by class.
    """

    reference: str
    answer: ArmAnswer
    alone: AlonePart


class ComparedPart(TypedDict):
    """A metric's values for both sides of the verdict, and the gain."""

    arm: float
    reference: float
    gain: IntervalPart


class DecidedPart(TypedDict):
    """The verdict without sentences."""

    answer: Answer
    gain: float
    """The GAN's effect: exactly 0 if the arm does without the GAN."""
    low: float | None
    high: float | None
    difference: EndsPart
    """Difference between arm and reference, whatever its cause."""
    reference: str
    arm: str
    references: list[str]
    arms: list[str]
    minimum_detectable: float | None
    replicates_needed: int | None
    confidence_level: float


class WordedPart(DecidedPart):
    """The verdict with sentences."""

    headline: str
    sentence: str


class VerdictPart(WordedPart):
    """The verdict, with both sides' values in each metric."""

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
    """The same with a sentence."""

    sentence: str


class MeasuredPart(TypedDict):
    """A figure of synthetic images, and the same figure of real images in their place; None: too few images."""

    synthetic: float | None
    train: float | None
    held_out: float | None


class FigurePart(MeasuredPart):
    """A quality figure, with its better direction, its ideal value, and whether it is based on features or pixels."""

    better: Literal["high", "low", "none"]
    ideal: float | None
    sees: Literal["features", "pixels"]


class QualityPart(TypedDict):
    """Quality of the synthetic sets, averaged over replicates."""

    features: str
    figures: dict[str, FigurePart]
    stand_ins: NotRequired[dict[str, MeasuredPart]]
    """Results of the attacks, if the images are stand-ins."""


class NeighbourPart(TypedDict):
    """Balanced accuracy of the nearest-neighbour classifier."""

    balanced_accuracy: float
    val_balanced_accuracy: float


class DoubtPart(TypedDict):
    """A finding about arms or synthetic sets."""

    seen: str
    remedy: str


class LeftToGainPart(TypedDict):
    """What the baselines leave to gain on validation images."""

    metric: str
    baselines: dict[str, float]
    neighbour: float
    left: float
    worth_trying: bool
    sentence: str


class ConditionPart(TypedDict):
    """A condition for relying on the answer: see `Condition`."""

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
    """Cost per 0.01 of gain; None: there is no gain."""


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
    """The same with its users."""

    used_by: list[str]
    """Dotted keys in params.yaml of the plug-ins that started from it."""


class Results(TypedDict):
    """The results that follow from the arms' scores."""

    dataset: DatasetPart
    replicates: list[int]
    overlap: float
    findings: dict[str, list[str]]
    """Replicate → names of the findings in its GAN's training."""
    confidence_level: float
    smallest_gain: float
    metric: str
    """Key of the deciding metric."""
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
    """Most important condition first."""
    cost: CostPart
