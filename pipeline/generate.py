"""Sample one replicate's generator, choose among the images, measure: the synthetic set."""

from ganaug.classifier.ensemble import Ensemble
from ganaug.core.config import read, read_seed
from ganaug.core.paths import ENSEMBLES, GANS, PREPARED, SYNTHETIC
from ganaug.core.seeding import derive
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.synthesis.generate import Sources, generate
from ganaug.synthesis.generate_settings import Generate


def main(replicate: str) -> None:
    settings = read("generate", Generate)
    train, val = map(LabelledImages.load, (PREPARED / replicate / "train", PREPARED / "val"))
    sources = Sources(GANS / replicate, Ensemble.load(ENSEMBLES / replicate), train, val)
    generate(settings, sources, derive(read_seed(), f"generate/{replicate}"), SYNTHETIC / replicate)


if __name__ == "__main__":
    run(main)
