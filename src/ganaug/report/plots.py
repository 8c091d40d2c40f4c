"""The report's plots, as PNG files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np

from ganaug.core.pictures import contact_sheet
from ganaug.data.images import LabelledImages
from ganaug.experiment.statistics.gains import excludes_zero
from ganaug.experiment.summary.metric_keys import gain_by_class
from ganaug.experiment.summary.types import Summary
from ganaug.experiment.words.quantity import Quantity
from ganaug.report.charts import Bar
from ganaug.report.panels import panels

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
"""Fonts for class names in any script; each character uses the first installed font that has it."""

LONGEST_NAME = 40
"""Maximum number of characters of a name in a plot: longer names would leave no room for the data."""

REAL, AUGMENTED, BAND = "#4c566a", "#2a7ab9", "#e3e8ef"


def draw_all(
    folder: Path,
    summary: Summary,
    bars: Mapping[str, tuple[Sequence[Bar], str]],
    histories: Mapping[int, list[dict[str, float]]],
) -> None:
    """Write per_class.png, gan_curves.png and <name>.png for each of `bars`: name → bars and title of their axis."""
    quantity = Quantity.deciding(summary)
    with plt.rc_context(STYLE | {"font.family": _installed_fonts()}):
        for name, (rows, title) in bars.items():
            _save(intervals(rows, quantity, title, summary["smallest_gain"]), folder / f"{name}.png")
        _save(per_class(summary), folder / "per_class.png")
        _save(gan_curves(histories), folder / "gan_curves.png")


def intervals(bars: Sequence[Bar], quantity: Quantity, title: str, band: float) -> Figure:
    """Plot intervals, one below the other: a bar, a dot per replicate and a larger dot for the mean.

    Blue: with the GAN. The shaded band, from -`band` to `band`, holds negligible gains.
    """
    width = 8 if len(bars) > 2 else 4.5  # a few bars stand beside text
    figure, axes = plt.subplots(figsize=(width, 1.0 + 0.42 * max(1, len(bars))), layout="constrained")
    scale = quantity.scale
    axes.axvspan(-scale * band, scale * band, color=BAND, zorder=0)
    axes.axvline(0, color=REAL, linewidth=1)
    for y, bar in enumerate(bars):
        color = AUGMENTED if bar.with_gan else REAL
        if bar.low is not None and bar.high is not None:
            axes.plot([scale * bar.low, scale * bar.high], [y, y], color=color, linewidth=3)
        axes.plot([scale * value for value in bar.single], [y] * len(bar.single), ".", color=color, alpha=0.4)
        axes.plot([scale * bar.mean], [y], "o", color=color, markersize=8)
    axes.set_yticks(range(len(bars)), drawable([bar.name for bar in bars]), parse_math=False)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_xlabel(title, parse_math=False)
    return figure


def per_class(summary: Summary) -> Figure:
    """Plot the mean change in recall per class compared with the reference, in percentage points."""
    names, classes = list(summary["gains"]), summary["dataset"]["classes"]
    recall = [gain_by_class(gain, "recall") for gain in summary["gains"].values()]
    changes = 100 * np.array([[gain[label]["mean"] for label in classes] for gain in recall])
    changes = changes.reshape(len(names), len(classes))
    titles = drawable(classes)
    longest = max(map(len, titles))
    height = 1.7 + 0.45 * max(1, len(names)) + (0.06 * longest if longest > 3 else 0)  # long titles are slanted
    figure, axes = plt.subplots(figsize=(max(6.5, 2.5 + 0.55 * len(classes)), height), layout="constrained")
    reach = max(1.0, float(np.abs(changes).max(initial=0)))
    image = axes.imshow(changes, cmap="RdBu", vmin=-reach, vmax=reach, aspect="auto")
    for row, column in np.ndindex(changes.shape):
        value = changes[row, column]
        weight = "bold" if excludes_zero(recall[row][classes[column]]) else "normal"
        axes.text(column, row, f"{value:+.1f}", ha="center", va="center", fontsize=8, weight=weight,
                  color="white" if abs(value) > 0.6 * reach else "black")  # fmt: skip
    axes.set_yticks(range(len(names)), drawable(names), parse_math=False)
    axes.set_xticks(range(len(classes)), titles, rotation=45 if longest > 3 else 0, parse_math=False)
    axes.grid(visible=False)
    axes.set_xlabel(f"class\nchange in recall compared with {summary['reference']}, points\nbold: interval excludes 0")
    figure.colorbar(image, ax=axes, shrink=0.9)
    return figure


def _installed_fonts() -> list[str]:
    installed = {*font_manager.get_font_names()}
    return [name for name in FONTS if name in installed]


def drawable(names: Sequence[str]) -> list[str]:
    """Return the names, cut to LONGEST_NAME. Names with characters that no installed font has become numbers: #3."""
    fonts = [font_manager.get_font(font_manager.findfont(name)) for name in _installed_fonts()]
    return [
        _cut(name) if all(any(font.get_char_index(ord(letter)) for font in fonts) for letter in name) else f"#{number}"
        for number, name in enumerate(names)
    ]


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def gan_curves(histories: Mapping[int, list[dict[str, float]]]) -> Figure:
    """Plot every term of the objective and every health measure over training, one colour per replicate."""
    shown = panels(next(iter(histories.values()))[0])
    rows = -(-len(shown) // 3)
    figure, grid = plt.subplots(rows, 3, figsize=(11, 2.6 * rows), squeeze=False, layout="constrained")
    for axes, (title, columns) in zip(grid.flat, shown.items(), strict=False):
        for number, (replicate, history) in enumerate(histories.items()):
            for (name, label), line in zip(columns.items(), ("-", "--", ":"), strict=False):
                legend = str(replicate) if len(columns) == 1 else label if number == 0 else None
                axes.plot([row["step"] for row in history], [row[name] for row in history], line,
                          color=f"C{number % 10}", label=legend, linewidth=1)  # fmt: skip
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("step")
        if len(columns) > 1:
            axes.legend(fontsize=8)
    grid[0][0].legend(title="replicate", fontsize=8)
    for axes in grid.flat[len(shown) :]:
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


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=120, metadata={"Software": None})
    plt.close(figure)
