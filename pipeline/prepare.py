"""Read the source, split it, draw each replicate's limited training set."""

from ganaug.core.config import read, read_replicates, read_seed
from ganaug.core.files import recreate_directory, write_json
from ganaug.core.paths import PREPARED
from ganaug.core.stage import run
from ganaug.data.preparation import data_card, divide, draw_training
from ganaug.data.settings import Prepare


def main() -> None:
    settings, seed = read("prepare", Prepare), read_seed()
    sides = divide(settings, seed)
    draws = {replicate: draw_training(settings, sides.pool, seed, replicate) for replicate in read_replicates()}
    recreate_directory(PREPARED)
    sides.val.save(PREPARED / "val")
    sides.test.save(PREPARED / "test")
    sides.pool.save(PREPARED / "pool")  # with labels that no arm but the ceiling may see
    for replicate, drawn in draws.items():
        drawn.train.save(PREPARED / str(replicate) / "train")
        drawn.unlabelled.save(PREPARED / str(replicate) / "unlabelled")
    card = data_card(sides, draws)
    write_json(PREPARED / "card.json", card)
    sizes = {"the training pool": sides.pool, "val": sides.val, "test": sides.test}
    print("; ".join(f"{len(side)} images of {side.number_of_groups} groups in {name}" for name, side in sizes.items()))


if __name__ == "__main__":
    run(main)
