"""Plots with class names in any script."""

import warnings

from ganaug.report.plots import drawable, per_class

NAMES = ["cat", "Кот", "$x^2$", "\U0010fffd", "new\nline"]  # no font has the fourth, an unassigned character


def test_names_that_no_font_has_are_numbers():
    assert drawable(NAMES) == ["cat", "Кот", "$x^2$", "#3", "#4"]


def test_no_letter_is_drawn_as_an_empty_box():
    recall = {name: {"mean": 0.1, "low": None, "high": None} for name in NAMES}
    summary = {"gains": {"gan": {"recall": recall}}, "dataset": {"classes": NAMES}, "reference": "real"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of missing glyphs
        figure = per_class(summary)
        figure.canvas.draw()
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == drawable(NAMES)


def test_long_names_are_cut():
    assert drawable(["x" * 40, "x" * 41]) == ["x" * 40, "x" * 39 + "…"]
