"""The cells of when_it_helps.py: data sets, regimes of labelling, and the recipe that all cells share."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PROJECT = Path(__file__).parents[1]
Spec = dict[str, Any]
REGIMES = ("few", "more", "imbalanced", "translated", "unlabelled")


@dataclass(frozen=True, kw_only=True)
class Data:
    """A data set, and how many labels per class it can give."""

    file: str | None
    """What FOLDER must hold; None: nothing."""
    prepare: Spec
    transforms: list[Spec]
    diffaugment: str | list[str]
    classes: tuple[str, ...] = tuple("0123456789")
    whole_folder: bool = False
    """Whether the source's path is FOLDER itself, not `file` in it."""
    more: int = 100
    """Labels per class in the regime `more`."""
    many: int = 100
    """Labels per class of the larger classes, the first half, in the regimes `imbalanced` and `translated`."""
    short: int = 5
    """Labels per class of the other classes in these regimes."""
    translations: int = 200
    """Translations per class that are kept; twice as many are made, each of a different image."""
    oversampling: tuple[str, ...] = ("smote", "m2m")
    """Controls without a GAN in the regime `translated`."""
    regimes: tuple[str, ...] = REGIMES


AFFINE: Spec = {"name": "RandomAffine", "translate": [0.1, 0.1], "scale": [0.9, 1.1], "interpolation": "bilinear"}
CHARACTERS: list[Spec] = [{**AFFINE, "degrees": 10}]
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
FAULTS = Data(
    file="cwru",
    prepare={
        "source": {"name": "recordings", "window": 256, "block": 6144, "fft": 64},
        "size": 32,
        "values": {"percentiles": [1, 99.5]},
        "test": 0.4,
        "val": 0.2,
    },
    transforms=[{"name": "RandomAffine", "degrees": 0, "translate": [0.1, 0.0], "interpolation": "bilinear"}],
    diffaugment=["translation"],
    classes=tuple(f"{part}_{inches}" for part in ("ball", "inner", "outer") for inches in ("007", "014", "021")),
    short=2,
    translations=150,
    regimes=("translated",),
)
DATA = {
    "digits": Data(
        file=None,
        prepare={"source": {"name": "digits"}, "test": 0.3, "val": 0.1},
        transforms=CHARACTERS,
        diffaugment="characters",
    ),
    "mnist": Data(
        file="MNIST",
        prepare={"source": {"name": "torchvision", "dataset": "MNIST"}, "size": 16, "test": None, "val": 20},
        transforms=CHARACTERS,
        diffaugment="characters",
        classes=tuple(f"{digit} - {name}" for digit, name in enumerate(DIGITS)),
        whole_folder=True,
    ),
    "fashion": Data(
        file="fashion_1813.npz",
        prepare={"source": {"name": "npz"}, "size": 16, "test": 0.3, "val": 0.1},
        transforms=[{**AFFINE, "degrees": 5}, {"name": "RandomHorizontalFlip"}],
        diffaugment=["affine", "flip"],
    ),
    "signs": Data(
        file="sign_digits",
        prepare={"source": {"name": "folder"}, "size": 16, "test": 0.2, "val": 0.1},
        transforms=[*CHARACTERS, {"name": "ColorJitter", "brightness": 0.3, "contrast": 0.3}],
        diffaugment=["affine", "color"],
        more=50,
        many=60,
        translations=130,
    ),
    "bearings": FAULTS,
    "bearings_1": replace(FAULTS, short=1, oversampling=("m2m",)),  # SMOTE needs two images
}
IMBALANCED = ("imbalanced", "translated")
LABELLED = {"few": 20, "unlabelled": 10}
SHARES = [0, 0.25, 0.5]
MORE_LABELS: dict[str, list[Any]] = {"few": [40], "more": ["all"], "unlabelled": [20, 50]}
"""Labels per class of the arms that measure the label equivalent. In the regime `imbalanced`, these have as many as the
largest class; in `translated`, there are no such arms."""


def prepare(dataset: str, regime: str, folder: Path) -> Spec:
    """Return section `prepare` of a cell. folder: holds the data sets' files."""
    data = DATA[dataset]
    labelled: Any = {**LABELLED, "more": data.more}.get(regime)
    if labelled is None:
        half = len(data.classes) // 2
        labelled = {name: data.many if index < half else data.short for index, name in enumerate(data.classes)}
    path = "data/raw" if data.file is None else str(folder if data.whole_folder else folder / data.file)
    return {"size": None, "channels": None, **data.prepare, "path": path, "labelled_per_class": labelled}


def arms(regime: str, data: Data, labels: list[Any]) -> Spec:
    """Return section `arms` of a cell. labels: labels per class of the arms that measure the label equivalent."""
    classical: Spec = {"transforms": data.transforms}
    mixing: Spec = {"mixing": {"name": "MixUp", "alpha": 0.2}}
    baseline: Spec = {"classical": classical, "mixup": classical | mixing}
    informed: Spec = {}
    augmented: Spec = {
        "gan_classical": classical | {"synthetic": SHARES},
        "gan_mixup": classical | mixing | {"synthetic": SHARES},
    }
    if regime in IMBALANCED:
        baseline |= {
            "balanced": classical | {"balanced": True},
            "mixup_balanced": classical | mixing | {"balanced": True},
        }
        if regime == "translated":
            for name in data.oversampling:
                filled = classical | {"balanced": True, "oversampling": {"name": name}}
                baseline |= {name: filled, f"{name}_mixup": filled | mixing}
        minority = {"balanced": True, "synthetic_for": "short", "synthetic": SHARES}
        augmented = {"gan_minority": classical | minority, "gan_minority_mixup": classical | mixing | minority}
    elif regime == "unlabelled":
        pseudo = {"pseudo_labels": 0.5}
        taught, taught_by_both = (pseudo | {"teacher": teacher} for teacher in ("discriminator", "both"))
        informed = {
            "pseudo_label": classical | pseudo,
            "pseudo_label_all": classical | pseudo | {"pseudo_label_threshold": 0.0},
            "pseudo_mixup": classical | mixing | pseudo,
        }
        augmented = {
            "discriminator": {"discriminator": True},
            "taught": classical | taught,
            "taught_by_both": classical | taught_by_both,
            "taught_by_both_mixup": classical | mixing | taught_by_both,
        }
    for name in ("balanced", "mixup_balanced") if "balanced" in baseline else ("classical", "mixup"):
        baseline |= {f"{name}_{more}": baseline[name] | {"labels": more} for more in labels}
    return {"baseline": baseline, "informed": informed, "augmented": augmented}


def params(dataset: str, regime: str, folder: Path, replicates: int) -> Spec:
    """Return the whole params.yaml of a cell: the project's own, with this cell's changes."""
    recipe: Spec = YAML(typ="safe").load(PROJECT / "params.yaml")
    data = DATA[dataset]
    recipe["replicates"] = list(range(replicates))
    recipe["prepare"] = prepare(dataset, regime, folder)
    recipe["train_ensemble"] |= {"members": 5, "steps": 400, "transforms": data.transforms}
    gan = {"unlabelled": SEMI_SUPERVISED, "translated": TRANSLATOR}.get(regime, SUPERVISED)
    recipe["train_gan"] |= gan | {"diffaugment": data.diffaugment, "balanced": regime in IMBALANCED}
    recipe["generate"] |= SELECTION
    if regime == "translated":  # each image is translated into each other class once
        recipe["generate"] |= {"per_class": data.translations, "candidates_per_image": 2.0}
    recipe["train_classifier"] |= {"steps": 400, "seeds": 3}
    labelled = recipe["prepare"]["labelled_per_class"]
    more = [] if regime == "translated" else MORE_LABELS.get(regime) or [max(labelled.values())]
    recipe["arms"] = arms(regime, data, more)
    return recipe


SUPERVISED: Spec = {
    "steps": 1000,
    "learning_rate": 1e-3,
    "discriminator_learning_rate": 1e-3,
    "trainer": {"precision": "bf16-mixed"},
    "ema_half_life": 5000,
    "batch_size": 32,
}
SEMI_SUPERVISED: Spec = {
    "network": {
        "name": "dcgan",
        "channels": 64,
        "generator_conditioning": "none",
        "discriminator_conditioning": "classifier",
    },
    "objective": {"name": "sgan"},
    "unlabelled": "unconditional",
    "class_weights": {"real": 2, "generator": 0},
    "steps": 4000,
    "learning_rate": 3e-4,
    "discriminator_learning_rate": 3e-4,
    "betas": [0.5, 0.999],
    "trainer": {"precision": "bf16-mixed"},
    "ema_half_life": 20000,
    "batch_size": 128,
}
TRANSLATOR: Spec = {
    "network": {"name": "stargan", "identity": 2.0},
    "objective": {"name": "hinge"},
    "class_weights": {"generator": 1.0},
    "steps": 1500,
    "learning_rate": 2e-4,
    "discriminator_learning_rate": 2e-4,
    "betas": [0.5, 0.999],
    "trainer": {"precision": "32-true"},
    "ema_half_life": 5000,
    "batch_size": 32,
}
SELECTION: Spec = {"per_class": 200, "candidates_per_image": 3.0, "policy": {"name": "hard_but_right"}}
