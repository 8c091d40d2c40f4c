"""Read the source, split it, draw each replicate's limited training set."""

import json

from ganaug.config import read, read_replicates, read_seed
from ganaug.images import fresh
from ganaug.preparation import data_card, divide, draw_training
from ganaug.results import PREPARED
from ganaug.sections.prepare import Prepare
from ganaug.stage import run


def main() -> None:
    settings, seed = read("prepare", Prepare), read_seed()
    sides = divide(settings, seed)
    draws = {replicate: draw_training(settings, sides.pool, seed, replicate) for replicate in read_replicates()}
    fresh(PREPARED)
    sides.val.save(PREPARED / "val")
    sides.test.save(PREPARED / "test")
    for replicate, drawn in draws.items():
        drawn.train.save(PREPARED / str(replicate) / "train")
        drawn.unlabelled.save(PREPARED / str(replicate) / "unlabelled")
    card = data_card(sides, draws)
    (PREPARED / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{sum(card['pool'].values())} images in the training pool, {len(sides.val)} val, {len(sides.test)} test")


if __name__ == "__main__":
    run(main)
