"""Generate one replicate's candidates and select its synthetic set among them."""

from ganaug.classifier.ensemble import Ensemble
from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.core.seeding import derive
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.synthesis.generate import Inputs, Output, generate
from ganaug.synthesis.generate_settings import Generate


def main(paths: Paths, replicate: str) -> None:
    params = ParamsFile.load(paths.params)
    train, val = LabelledImages.load(paths.train(replicate)), LabelledImages.load(paths.val)
    ensemble, other_domain = Ensemble.load(paths.ensemble(replicate)), LabelledImages.load(paths.other_domain)
    inputs = Inputs(paths.gan(replicate), ensemble, train, val, other_domain)
    output = Output(paths.synthetic(replicate), paths.synthetic_report(replicate))
    generate(params.section("generate", Generate), inputs, derive(params.seed, f"generate/{replicate}"), output)


if __name__ == "__main__":
    run(main)
