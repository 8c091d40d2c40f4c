"""The report's plots, as PNG files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from ganaug.core.pictures import contact_sheet
from ganaug.data.images import LabelledImages
from ganaug.experiment.quantity import Quantity

matplotlib.use("Agg")
from matplotlib import font_manager
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

STYLE = {"font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.3}
FONTS = (
    *("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Source Han Sans SC"),
    *("Microsoft YaHei", "PingFang SC", "Hiragino Sans", "Yu Gothic", "Malgun Gothic", "WenQuanYi Zen Hei"),
    *("Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans Thai", "Arial Unicode MS"),
)
"""Fonts for class names in any script; each letter is taken from the first that is installed and has it."""

REAL, AUGMENTED, EMPHASIS = "#4c566a", "#2a7ab9", "#c0392b"


def draw_all(folder: Path, summary: Mapping[str, Any], histories: Mapping[int, list[dict[str, float]]]) -> None:
    """Write arms.png, per_class.png and gan_curves.png."""
    with plt.rc_context(STYLE | {"font.family": _installed_fonts()}):
        _save(arms(summary), folder / "arms.png")
        _save(per_class(summary), folder / "per_class.png")
        _save(gan_curves(histories), folder / "gan_curves.png")


def arms(summary: Mapping[str, Any]) -> Figure:
    """Deciding metric of each arm (left) and its paired gain (right): mean, interval, one dot per replicate."""
    names, metric = list(summary["arms"]), summary["metric"]
    quantity = Quantity(**summary["metrics"][metric])
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 1.2 + 0.45 * len(names)), sharey=True, layout="constrained")
    for y, name in enumerate(names):
        color = REAL if summary["arms"][name]["group"] == "baseline" else AUGMENTED
        _interval(left, y, summary["arms"][name][metric], quantity.scale, color)
        if name in summary["gains"]:
            _interval(right, y, summary["gains"][name][metric], quantity.scale, color)
    right.axvline(0, color=EMPHASIS, linewidth=1)
    left.set_yticks(range(len(names)), names)
    left.invert_yaxis()
    left.set_xlabel(f"{quantity.heading} on test images{', lower is better' if quantity.better == 'low' else ''}")
    right.set_xlabel(quantity.gain_heading(summary["reference"]))
    level = f"{100 * summary['confidence_level']:g}%"
    left.set_title(f"dots: mean and single replicates; bars: {level} interval", fontsize=9, loc="left")
    right.set_title("grey: real images only; blue: with the GAN", fontsize=9, loc="left")
    return figure


def per_class(summary: Mapping[str, Any]) -> Figure:
    """Mean change in recall per class compared with the reference, in percentage points."""
    names, classes = list(summary["gains"]), summary["dataset"]["classes"]
    changes = 100 * np.array([[summary["gains"][name]["recall"][label]["mean"] for label in classes] for name in names])
    changes = changes.reshape(len(names), len(classes))
    figure, axes = plt.subplots(
        figsize=(max(6.5, 2.5 + 0.55 * len(classes)), 1.7 + 0.45 * max(1, len(names))), layout="constrained"
    )
    reach = max(1.0, float(np.abs(changes).max(initial=0)))
    image = axes.imshow(changes, cmap="RdBu", vmin=-reach, vmax=reach, aspect="auto")
    for row, column in np.ndindex(changes.shape):
        value = changes[row, column]
        interval = summary["gains"][names[row]]["recall"][classes[column]]
        significant = interval["low"] is not None and interval["low"] * interval["high"] > 0  # excludes 0
        weight = "bold" if significant else "normal"
        axes.text(column, row, f"{value:+.1f}", ha="center", va="center", fontsize=8, weight=weight,
                  color="white" if abs(value) > 0.6 * reach else "black")  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    titles = drawable(classes)
    axes.set_xticks(range(len(classes)), titles, rotation=45 if max(map(len, titles)) > 3 else 0, parse_math=False)
    axes.grid(visible=False)
    axes.set_xlabel(f"class\nchange in recall compared with {summary['reference']}, points\nbold: interval excludes 0")
    figure.colorbar(image, ax=axes, shrink=0.9)
    return figure


def _installed_fonts() -> list[str]:
    installed = {*font_manager.get_font_names()}
    return [name for name in FONTS if name in installed]


def drawable(names: Sequence[str]) -> list[str]:
    """Return the names; for those with letters that no installed font has, their numbers instead, such as #3."""
    fonts = [font_manager.get_font(font_manager.findfont(name)) for name in _installed_fonts()]
    return [
        name if all(any(font.get_char_index(ord(letter)) for font in fonts) for letter in name) else f"#{number}"
        for number, name in enumerate(names)
    ]


PANELS = {
    "predicted probability of being real": ("p_real", "p_fake"),
    "accuracy of the discriminator": ("accuracy_train", "accuracy_val", "accuracy_fake"),
    "gradient norm": ("d_gradient", "g_gradient"),
    "diversity within classes, real = 1": ("diversity",),
    "fraction of near-copies": ("near_copies",),
    "distance to validation images": ("distance",),
    "translations taken for their source's class": ("source_class",),
    "effect of the source, all = 1": ("source_effect",),
}
"""Panels of a GAN's health, shown after the terms of its objective: title and columns of history.csv, if it has
them."""
LABELS = {
    "p_real": "real",
    "p_fake": "fake",
    "accuracy_train": "training",
    "accuracy_val": "validation",
    "accuracy_fake": "fake",
    "d_gradient": "discriminator",
    "g_gradient": "generator",
}


def gan_curves(histories: Mapping[int, list[dict[str, float]]]) -> Figure:
    """Every term of the objective and every health measure over training: one colour per replicate."""
    measures = {column for columns in PANELS.values() for column in columns}
    columns = next(iter(histories.values()))[0]
    terms = [name for name in columns if name not in measures | {"step", "images"}]
    panels: dict[str, tuple[str, ...]] = {
        {"d": "discriminator: ", "g": "generator: "}[name[0]] + name[2:]: (name,) for name in terms
    }
    panels |= {title: names for title, names in PANELS.items() if columns.keys() >= set(names)}
    rows = -(-len(panels) // 3)
    figure, grid = plt.subplots(rows, 3, figsize=(11, 2.6 * rows), squeeze=False, layout="constrained")
    for axes, (title, names) in zip(grid.flat, panels.items(), strict=False):
        for number, (replicate, history) in enumerate(histories.items()):
            for name, line in zip(names, ("-", "--", ":"), strict=False):
                label = str(replicate) if len(names) == 1 else LABELS[name] if number == 0 else None
                axes.plot([row["step"] for row in history], [row[name] for row in history], line,
                          color=f"C{number % 10}", label=label, linewidth=1)  # fmt: skip
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("step")
        if len(names) > 1:
            axes.legend(fontsize=8)
    grid[0][0].legend(title="replicate", fontsize=8)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    return figure


def contact_sheets(
    folder: Path, train: LabelledImages, synthetic: LabelledImages, sources: LabelledImages | None = None
) -> None:
    """Write real.png and synthetic.png with the images of one replicate: one row per class.

    sources: for each synthetic image, the image to show above it.
    """
    above = None if sources is None else sources.images
    for name, part, counterparts in (("real", train, None), ("synthetic", synthetic, above)):
        sheet = contact_sheet(part.images, np.asarray(part.labels), len(part.classes), above=counterparts)
        sheet.save(folder / f"{name}.png")


def _interval(axes: Any, y: int, interval: Mapping[str, Any], scale: int, color: str) -> None:
    """Draw an interval, times `scale`, at height `y`: a bar, a dot per replicate, and a larger dot for the mean."""
    mean = scale * interval["mean"]
    if interval["low"] is not None:
        axes.plot([scale * interval["low"], scale * interval["high"]], [y, y], color=color, linewidth=2)
    axes.plot([scale * value for value in interval["per_replicate"]], [y] * len(interval["per_replicate"]),
              ".", color=color, alpha=0.4, markersize=7)  # fmt: skip
    axes.plot([mean], [y], "o", color=color, markersize=7)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=120, metadata={"Software": None})
    plt.close(figure)
