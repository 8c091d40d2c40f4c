"""The comparison as a single HTML page that needs no other file."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

import jinja2

from ganaug import __version__
from ganaug.report.compare.comparison import cautions, sentences, tables
from ganaug.report.compare.evaluated_configuration import EvaluatedConfiguration


def as_html(configurations: Sequence[EvaluatedConfiguration]) -> str:
    """Return the page. Names and values are escaped."""
    template = files("ganaug.report.compare").joinpath("page.html").read_text(encoding="utf-8")
    return (
        jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
        .from_string(template)
        .render(
            version=__version__,
            sentences=sentences(configurations),
            tables=tables(configurations),
            cautions=cautions(configurations),
        )
    )
