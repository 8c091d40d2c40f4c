"""Read the source, split it, and draw each replicate's limited training set."""

from shutil import rmtree

import numpy as np

from ganaug.core.config import ParamsFile
from ganaug.core.files import recreate_directory, write_json
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.data.description import data_card, in_words
from ganaug.data.images import LabelledImages
from ganaug.data.preparation import draw_order, draw_training, read_and_split
from ganaug.data.settings import Prepare


def main(paths: Paths) -> None:
    params = ParamsFile.load(paths.params)
    settings = params.section("prepare", Prepare)
    try:
        splits = read_and_split(settings, params.seed, recreate_directory(paths.unsplit))
        orders = {replicate: draw_order(splits.pool, params.seed, replicate) for replicate in params.replicates}
        draws = {replicate: draw_training(settings, splits.pool, order) for replicate, order in orders.items()}
        recreate_directory(paths.prepared)
        splits.val.save(paths.val)
        splits.test.save(paths.test)
        splits.pool.save(paths.pool)
    finally:
        rmtree(paths.unsplit, ignore_errors=True)
    pool = LabelledImages.load(paths.pool)
    for replicate, draw in draws.items():
        pool.subset(draw.train).save(paths.train(replicate), rows_of=paths.pool)
        pool.subset(draw.unlabelled).without_labels().save(paths.unlabelled(replicate), rows_of=paths.pool)
        np.save(paths.order(replicate), orders[replicate])
    card = data_card(settings, splits, draws)
    write_json(paths.data_card, card)
    print(*in_words(card), sep="\n")


if __name__ == "__main__":
    run(main)
