"""Sample one replicate's generator: the synthetic set."""

from ganaug.config import read, read_seed
from ganaug.generation import generate
from ganaug.results import GANS, SYNTHETIC
from ganaug.sections.generate import Generate
from ganaug.seeding import derive
from ganaug.stage import run


def main(replicate: str) -> None:
    settings = read("generate", Generate)
    generate(settings, GANS / replicate, derive(read_seed(), f"generate/{replicate}"), SYNTHETIC / replicate)


if __name__ == "__main__":
    run(main)
