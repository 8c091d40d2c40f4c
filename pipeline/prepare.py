"""Read the source, split it, and draw each replicate's limited training set."""

from shutil import rmtree

import numpy as np

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.files import recreate_directory, write_json
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.data.description import data_card, in_words, pairs_picture
from ganaug.data.images import LabelledImages
from ganaug.data.preparation import prepare
from ganaug.data.settings import Prepare


def main(paths: Paths) -> None:
    params = ParamsFile.load(paths.params)
    settings = params.section("prepare", Prepare)
    paths.unsplit.mkdir(parents=True, exist_ok=True)  # after a kill, it holds what was already read
    try:
        splits, orders, draws = prepare(settings, params.seed, params.replicates, paths.unsplit)
    except InputError:
        rmtree(paths.unsplit)
        raise
    recreate_directory(paths.prepared)
    splits.val.save(paths.val)
    splits.test.save(paths.test)
    splits.pool.save(paths.pool)
    splits.other_domain.save(paths.other_domain)
    if picture := pairs_picture(splits):
        picture.save(paths.near_duplicates)
    rmtree(paths.unsplit)
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
