"""How much memory does a process need that measures quality and does nothing else?

    python bench/measure_memory.py [COUNT]

Prints the resident memory after imports and the largest one, for COUNT (10,000) random synthetic and training images
of 32×32 with three channels in ten classes, 384 features, and half as many validation images.
"""

import resource
import sys

import numpy as np

import ganaug.synthesis.measure  # noqa: F401  # everything that the stage imports
from ganaug.synthesis.metrics import Compared
from ganaug.synthesis.quality import all_metrics, quality

CLASSES = tuple("0123456789")


class RandomSets:
    """Random features and pixels of the same sets, made only when they are used."""

    def __init__(self, count: int) -> None:
        self.sizes, self.draws = (count, count, count // 2), np.random.default_rng(0)

    def features(self) -> Compared:
        return self._compared([self.draws.normal(size=(size, 384)) for size in self.sizes])

    def pixels(self) -> Compared:
        return self._compared([self.draws.integers(0, 256, (size, 3072), dtype=np.uint8) for size in self.sizes])

    def _compared(self, sets: list[np.ndarray]) -> Compared:
        return Compared(*(part for one in sets for part in (one, (np.arange(len(one)) % 10).astype(np.int64))))


def _largest() -> float:
    """Return the largest resident memory so far, in MB; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main() -> None:
    sets = RandomSets(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    print(f"after imports: {_largest():.0f} MB")
    quality(all_metrics(), sets.features, sets.pixels, CLASSES)
    print(f"largest: {_largest():.0f} MB")


if __name__ == "__main__":
    main()
