"""Writes the report of a finished run: its plots and its page."""

from __future__ import annotations

from ganaug.core.config import ParamsFile
from ganaug.core.files import recreate_directory
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.data.source_images import source_images
from ganaug.experiment.summary.types import Summary
from ganaug.report.finished import Finished
from ganaug.report.page import render
from ganaug.report.sections.answer import gain_bars
from ganaug.report.sections.arms import forest_bars


def write_report(summary: Summary, params: ParamsFile, paths: Paths) -> None:
    """Write plots and page of the run with this summary. Raises InputError if a stage's file is missing."""
    run = Finished.read(summary, params, paths)
    draw_plots(run)
    paths.report.write_text(render(run), encoding="utf-8")


def draw_plots(run: Finished) -> None:
    """Write the plots as PNG files, replacing earlier ones; images are from the first replicate."""
    from ganaug.report import plots  # matplotlib takes a second to import

    paths = run.paths
    recreate_directory(paths.plots)
    bars = {"gain": gain_bars(run.summary), "arms": forest_bars(run.summary)}
    plots.draw_all(paths.plots, run.summary, bars, run.histories)
    train, synthetic = LabelledImages.load(paths.train(run.first)), paths.synthetic(run.first)
    sources = source_images(synthetic, train, LabelledImages.load(paths.other_domain))
    plots.contact_sheets(paths.plots, train, LabelledImages.load(synthetic), sources)
