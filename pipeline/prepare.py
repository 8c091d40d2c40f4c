"""Read the source, split it, and draw each replicate's limited training set."""

import numpy as np

from ganaug.core.config import ParamsFile
from ganaug.core.files import recreate_directory, write_json
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.data.preparation import data_card, draw_order, draw_training, read_and_split
from ganaug.data.settings import Prepare


def main(paths: Paths) -> None:
    params = ParamsFile.load(paths.params)
    settings = params.section("prepare", Prepare)
    paths.unsplit.parent.mkdir(exist_ok=True)
    try:
        splits = read_and_split(settings, params.seed, paths.unsplit)
        orders = {replicate: draw_order(splits.pool, params.seed, replicate) for replicate in params.replicates}
        draws = {replicate: draw_training(settings, splits.pool, order) for replicate, order in orders.items()}
        recreate_directory(paths.prepared)
        splits.val.save(paths.val)
        splits.test.save(paths.test)
        splits.pool.save(paths.pool)
    finally:
        paths.unsplit.unlink(missing_ok=True)
    pool = LabelledImages.load(paths.pool)
    for replicate, draw in draws.items():
        pool.subset(draw.train).save(paths.train(replicate), rows_of=paths.pool)
        pool.subset(draw.unlabelled).without_labels().save(paths.unlabelled(replicate), rows_of=paths.pool)
        np.save(paths.order(replicate), orders[replicate])
    write_json(paths.data_card, data_card(splits, draws))
    sizes = {"training pool": splits.pool, "validation": splits.val, "test": splits.test}
    print("; ".join(f"{name}: {len(part)} images in {part.number_of_groups} groups" for name, part in sizes.items()))


if __name__ == "__main__":
    run(main)
