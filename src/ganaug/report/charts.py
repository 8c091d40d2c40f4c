"""The report's charts, as Vega-Lite specifications that the browser draws.

Colours are styles (`band`, `zero`, `interval`, …) that templates/page.js fills in, as dark and light mode differ.
Every chart has a PNG twin, for print and for DVC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ganaug.experiment.words.quantity import Quantity

MOST_POINTS = 200
"""Maximum number of points per curve: more cannot be told apart, and make the page large."""
ROW = 44
"""Pixels from one interval to the next."""
WITHOUT, WITH = "without the GAN", "with the GAN"

Spec = dict[str, Any]


class Chart(NamedTuple):
    """One chart."""

    spec: Spec
    label: str
    """Text alternative, for readers who cannot see the chart."""


class Bar(NamedTuple):
    """An estimate with its interval, and single values beside it, all as fractions rather than percentage points."""

    name: str
    mean: float
    low: float | None
    high: float | None
    single: Sequence[float] = ()
    with_gan: bool = False


def intervals(bars: Sequence[Bar], quantity: Quantity, band: float, legend: bool = True) -> Spec:
    """Return a chart of intervals, one below the other, over the band of negligible gains, ± `band`."""
    scale, kinds = quantity.scale, [WITHOUT, WITH]
    rows = [
        {
            "name": bar.name,
            "mean": _rounded(scale * bar.mean),
            "low": None if bar.low is None else _rounded(scale * bar.low),
            "high": None if bar.high is None else _rounded(scale * bar.high),
            "shown": quantity.number(bar.mean, signed=True),
            "kind": kinds[bar.with_gan],
        }
        for bar in bars
    ]
    single = [
        {"name": bar.name, "value": _rounded(scale * value), "kind": kinds[bar.with_gan]}
        for bar in bars
        for value in bar.single
    ]
    x: Spec = {
        "type": "quantitative",
        "title": " ← ".join(["worse", *quantity.unit.split()]) + " → better",
        "scale": {"zero": True},
        "axis": {"tickCount": 6},
    }
    y = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"labelLimit": 130, "labelPadding": 8, "ticks": False, "domain": False},
    }
    color = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": kinds},
        "legend": {"orient": "top", "title": None} if legend else None,
    }
    return {
        "width": "container",
        "height": ROW * max(1, len(bars)),
        "data": {"values": rows},
        "layer": [*_ground(x, scale * band), *_marks(x, {"y": y, "color": color}, single)],
    }


def _ground(x: Spec, band: float) -> list[Spec]:
    """Return the background layers: the band and the line at 0."""
    return [
        {
            "data": {"values": [{"low": -band, "high": band}]},
            "mark": {"type": "rect", "style": "band"},
            "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}},
        },
        {
            "data": {"values": [{"value": 0}]},
            "mark": {"type": "rule", "style": "zero"},
            "encoding": {"x": {"field": "value", **x}},
        },
    ]


def _marks(x: Spec, row: Spec, single: Sequence[Spec]) -> list[Spec]:
    """Return the layers of intervals, single values, means and their numbers. row: the encoding that all share."""
    tooltip = [{"field": field, "type": kind} for field, kind in (("name", "nominal"), ("mean", "quantitative"))]
    tooltip += [{"field": field, "type": "quantitative"} for field in ("low", "high")]
    return [
        {
            "transform": [{"filter": "datum.low != null"}],
            "mark": {"type": "rule", "style": "interval", "strokeWidth": 4},
            "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}, **row},
        },
        {
            "data": {"values": single},
            "mark": {"type": "point", "filled": True, "size": 20, "opacity": 0.7, "yOffset": 10},
            "encoding": {"x": {"field": "value", **x}, **row},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1},
            "encoding": {"x": {"field": "mean", **x}, **row, "tooltip": tooltip},
        },
        {
            "mark": {"type": "text", "style": "value", "dy": -14},
            "encoding": {"x": {"field": "mean", **x}, "y": row["y"], "text": {"field": "shown"}},
        },
    ]


def curves(histories: Mapping[int, Sequence[Mapping[str, float]]], columns: Mapping[str, str]) -> Spec:
    """Return curves over training: a colour per replicate, a dash pattern per column. columns: column → label."""
    rows = [
        {"step": row["step"], "value": _rounded(row[column]), "replicate": str(replicate), "curve": label}
        for replicate, history in histories.items()
        for column, label in columns.items()
        for row in thinned(history)
    ]
    labels = [*columns.values()]
    dash = {
        "field": "curve",
        "type": "nominal",
        "scale": {"domain": labels},
        "legend": {"orient": "bottom", "title": None, "columns": 2} if len(labels) > 1 else None,
    }
    return {
        "width": "container",
        "height": 150,
        "data": {"values": rows},
        "mark": {"type": "line", "strokeWidth": 1.6},
        "encoding": {
            "x": {"field": "step", "type": "quantitative", "axis": {"tickCount": 4}},
            "y": {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": False}},
            "color": {
                "field": "replicate",
                "type": "nominal",
                "scale": {"domain": [*map(str, histories)]},
                "legend": None,
            },
            "strokeDash": dash,
            "tooltip": [{"field": field} for field in ("curve", "replicate", "step", "value")],
        },
    }


def thinned(rows: Sequence[Mapping[str, float]]) -> list[Mapping[str, float]]:
    """Return at most about MOST_POINTS evenly spaced rows, always including the last."""
    every = -(-len(rows) // MOST_POINTS)
    return [*rows[:-1:every], rows[-1]] if rows else []


def _rounded(value: float) -> float:
    """Round a value to the digits that a chart can show."""
    return float(f"{value:.4g}")
