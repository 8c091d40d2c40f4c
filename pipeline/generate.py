"""Sample one replicate's generator, choose among the images, measure: the synthetic set."""

from ganaug.config import read, read_seed
from ganaug.ensemble import Ensemble
from ganaug.generation import Sources, generate
from ganaug.images import LabelledImages
from ganaug.results import ENSEMBLES, GANS, PREPARED, SYNTHETIC
from ganaug.sections.generate import Generate
from ganaug.seeding import derive
from ganaug.stage import run


def main(replicate: str) -> None:
    settings = read("generate", Generate)
    train, val = map(LabelledImages.load, (PREPARED / replicate / "train", PREPARED / "val"))
    sources = Sources(GANS / replicate, Ensemble.load(ENSEMBLES / replicate), train, val)
    generate(settings, sources, derive(read_seed(), f"generate/{replicate}"), SYNTHETIC / replicate)


if __name__ == "__main__":
    run(main)
