"""Linkage: how often a stand-in is closer to its own source than to other training images."""

from ganaug.core.config import settings
from ganaug.synthesis.attacks import Attack, Pairs


@settings
class Linkage(Attack):
    """Mean share of the other training images of the source's class that are farther from a stand-in than its source.

    Distances are by pixels; equal distances count half. Stand-ins that have nothing of their sources score 0.5; copies
    score 1, or a little less if training images are identical. This is the area under the ROC curve of an attacker who
    takes the nearest images for the source. With N stand-ins, chance changes it by up to 0.58/√N (two standard
    deviations). NaN if no source has another image of its class.
    """

    def __call__(self, pairs: Pairs) -> float:
        return pairs.share_farther()
