"""Measure the quality and privacy of one replicate's synthetic set, and write its card."""

from ganaug.classifier.ensemble import Ensemble
from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.data.source_images import load_sources
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.measure import Measured, measure
from ganaug.synthesis.measure_settings import Measure


def main(paths: Paths, replicate: str) -> None:
    params = ParamsFile.load(paths.params)
    sets = Measured(
        synthetic=LabelledImages.load(paths.synthetic(replicate)),
        train=LabelledImages.load(paths.train(replicate)),
        val=LabelledImages.load(paths.val),
        ensemble=Ensemble.load(paths.ensemble(replicate)),
        gan=paths.gan(replicate),
        sources=load_sources(paths.synthetic(replicate)),
    )
    settings, generated = params.section("measure", Measure), params.section("generate", Generate)
    measure(settings, generated, sets, paths.synthetic_report(replicate))


if __name__ == "__main__":
    run(main)
