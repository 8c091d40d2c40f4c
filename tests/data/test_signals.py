"""Turning windows of signals into images; test_recordings.py also tests this, through the source."""

import numpy as np
import pytest

from ganaug.data.signals import mel_filters


def test_mel_filters_share_each_frequency_between_two_neighbouring_bands():
    filters = mel_filters(20, 512, 16000)
    assert filters.shape == (20, 257)
    frequencies = np.linspace(0, 8000, 257)
    peaks = frequencies[filters.argmax(axis=1)]
    between = (frequencies >= peaks[0] + 40) & (frequencies <= peaks[-1] - 40)  # bins are 31 Hz apart
    np.testing.assert_allclose(filters[:, between].sum(axis=0), 1)
    assert ((filters > 0).sum(axis=0) <= 2).all()


def test_mel_bands_are_centred_where_the_formula_says():
    # half of 14,000 Hz is 2595 log10(11) = 2702.4 mel; one band is centred at half of it, 700 (√11 - 1) = 1621.6 Hz
    (only,) = mel_filters(1, 14000, 14000)
    assert only.argmax() in (1621, 1622)
    assert (only[0], only[-1]) == pytest.approx((0, 0), abs=1e-12)
    assert only[811] == pytest.approx(811 / (700 * (11**0.5 - 1)))
