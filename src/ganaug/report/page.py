"""The report: a single HTML page that needs no other file and no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from ganaug.core.time_words import time_in_words
from ganaug.report import words
from ganaug.report.charts import Chart
from ganaug.report.finished import Finished
from ganaug.report.pictures import file_url
from ganaug.report.sections import again, answer, arms, classes, cost, data, gan, images, synthetic

SECTIONS: Mapping[str, Callable[[Finished], dict[str, Any]]] = {
    "answer": answer.context,
    "arms": arms.context,
    "classes": classes.context,
    "images": images.context,
    "synthetic": synthetic.context,
    "gan": gan.context,
    "cost": cost.context,
    "data": data.context,
    "again": again.context,
}
"""Template → function that returns its context, in the order of the page."""
SCRIPTS = ("vega.min.js", "vega-lite.min.js")


def render(run: Finished) -> str:
    """Return the report of a finished run, as HTML."""
    contexts = {name: context(run) for name, context in SECTIONS.items()}
    charts: dict[str, Chart] = {}
    for section in contexts.values():
        charts |= section.get("charts", {})
    return _environment().get_template("page.html").render(
        sections=list(SECTIONS),
        summary=run.summary,
        deciding=run.quantity,
        charts=charts,
        specs={key: chart.spec for key, chart in charts.items()},
        twins={path.stem: file_url(path) for path in sorted(run.paths.plots.glob("*.png"))},
        scripts=[_asset(f"vendor/{name}") for name in SCRIPTS],
        script=_asset("templates/page.js"),
        style=_asset("templates/style.css"),
        today=f"{datetime.now(UTC):%Y-%m-%d}",
        **contexts,
    )  # fmt: skip


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ganaug.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "time": time_in_words,
        "code": words.with_code,
        "anchor": words.anchor,
    }
    environment.globals["glossary"] = words.GLOSSARY
    return environment


def _asset(name: str) -> Markup:
    """Return a file of this package, which is not escaped."""
    return Markup(files("ganaug.report").joinpath(name).read_text(encoding="utf-8"))
