"""Same group: how often a stand-in is closer to other images of its source's person than to images of strangers."""

from math import nan

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.attacks import Attack, Block, Pairs


@settings
class SameGroup(Attack):
    """Mean share of strangers' images that are farther from a stand-in than another image of its source's group is.

    A group holds the images of one person, for example. Distances are by pixels, to training images of the source's
    class; equal distances count half. Stand-ins that have nothing of their person score 0.5; the score of copies
    depends on what the pixels of one person's images have in common, which may be little. NaN if no source has both
    another image of its group and a stranger's image in its class.
    """

    def __call__(self, pairs: Pairs) -> float:
        shares = [share for block in pairs.blocks() for share in _shares(block, pairs.train_groups)]
        return float(np.mean(shares)) if shares else nan


def _shares(block: Block, groups: np.ndarray) -> list[float]:
    """Return the share of each stand-in in a block for which it is defined."""
    of_image, shares = groups[block.class_images], []
    for source, distances in zip(block.sources, block.distances, strict=True):
        same = of_image == groups[source]
        strangers, others = np.sort(distances[~same]), distances[same & (block.class_images != source)]
        if len(strangers) and len(others):
            nearer = (np.searchsorted(strangers, others, "left") + np.searchsorted(strangers, others, "right")) / 2
            shares.append(1 - float(nearer.mean()) / len(strangers))
    return shares
