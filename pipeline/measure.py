"""Measure the quality and privacy of one replicate's synthetic set, and write its card."""

from ganaug.classifier.ensemble import Ensemble
from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.core.seeding import derive
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.data.source_images import load_sources
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.measure import MeasuredSets, measure
from ganaug.synthesis.measure_settings import Measure
from ganaug.synthesis.stand_ins import sources_of_stand_ins


def main(paths: Paths, replicate: str) -> None:
    params = ParamsFile.load(paths.params)
    settings, generated = params.section("measure", Measure), params.section("generate", Generate)
    train, report = LabelledImages.load(paths.train(replicate)), paths.synthetic_report(replicate)
    sources = load_sources(paths.synthetic(replicate))
    if generated.stand_ins:
        sources = sources_of_stand_ins(generated, train, derive(params.seed, f"generate/{replicate}"), report)
    sets = MeasuredSets(
        synthetic=LabelledImages.load(paths.synthetic(replicate)),
        train=train,
        val=LabelledImages.load(paths.val),
        ensemble=Ensemble.load(paths.ensemble(replicate)),
        gan=paths.gan(replicate),
        sources=sources,
    )
    measure(settings, generated, sets, report)


if __name__ == "__main__":
    run(main)
