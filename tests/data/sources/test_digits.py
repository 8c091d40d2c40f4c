"""The digits source."""

from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from ganaug.data.sources.digits import Digits


def test_all_digits_are_read_and_scaled_to_the_full_range():
    raw = Digits().load(Path("ignored"))
    assert raw.images.shape == (1797, 8, 8, 1)
    assert raw.classes == tuple("0123456789")
    np.testing.assert_array_equal(raw.labels, load_digits().target)
    # stored as 0 … 16: 0 → 0, 8 → 127.5 → 128, 16 → 255
    ink = load_digits().images
    assert set(raw.images[..., 0][ink == 0]) == {0}
    assert set(raw.images[..., 0][ink == 8]) == {128}
    assert set(raw.images[..., 0][ink == 16]) == {255}


def test_digits_can_be_described_by_words():
    assert Digits().load(Path("ignored")).descriptions is None
    texts = Digits(words=True).load(Path("ignored")).descriptions
    counts = Counter(word for text in texts for word in text.split())
    assert set(counts) == {"thin", "medium", "thick", "left", "upright", "right"}
    assert all(580 < count < 620 for count in counts.values())  # a third of each class
