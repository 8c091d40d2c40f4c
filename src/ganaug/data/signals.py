"""Turns windows of signals into images: of the samples themselves, or of their power by frequency and time."""

from __future__ import annotations

import numpy as np
from scipy.signal import stft

QUIETEST = 1e-12
"""Power that is added before taking logarithms, so that silence is at -120 dB."""


def waveform(window: np.ndarray) -> np.ndarray:
    """Return the image (S, S, C) that holds the samples of a window (S², C) row by row."""
    side = int(len(window) ** 0.5)
    return window.reshape(side, side, -1)


def spectrogram(window: np.ndarray, fft: int) -> np.ndarray:
    """Return the power in decibels of a window (T, C), float32, (fft / 2, F, C): frequencies upwards from 0, and time.

    A frame has `fft` samples, and begins `fft` / 4 samples after the previous one; F is the number of frames that fit.
    """
    return _decibels(_power(window, fft)[: fft // 2])


def log_mel(window: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Return the power in decibels of a window (T, C) by mel bands, upwards, and time: float32, (M, F, C).

    filters: (M, fft / 2 + 1), as `mel_filters` returns them.
    """
    return _decibels(np.tensordot(filters, _power(window, 2 * (filters.shape[1] - 1)), axes=1))


def mel_filters(bands: int, fft: int, rate: float) -> np.ndarray:
    """Return the weights (bands, fft / 2 + 1) of each frequency in each mel band.

    Triangles of height 1 whose centres are equally spaced in mel, 2595 log10(1 + f / 700) (O'Shaughnessy, Speech
    Communication, 1987), from 0 to half of `rate`, in samples per second. A triangle reaches to the adjacent centres.
    """
    frequencies = np.linspace(0, rate / 2, fft // 2 + 1)
    top = 2595 * np.log10(1 + rate / 2 / 700)
    centres = 700 * (10 ** (np.linspace(0, top, bands + 2) / 2595) - 1)
    rising = (frequencies - centres[:-2, None]) / np.diff(centres)[:-1, None]
    falling = (centres[2:, None] - frequencies) / np.diff(centres)[1:, None]
    return np.minimum(rising, falling).clip(0)


def _power(window: np.ndarray, fft: int) -> np.ndarray:
    """Return the power of a window (T, C) by frequency and time, (fft // 2 + 1, F, C)."""
    _, _, spectrum = stft(window, nperseg=fft, noverlap=fft - fft // 4, axis=0, boundary=None, padded=False)
    return np.moveaxis(np.abs(spectrum) ** 2, 1, 2)


def _decibels(power: np.ndarray) -> np.ndarray:
    """Return decibels of power (frequencies, F, C), the highest frequency first, as in an image."""
    return 10 * np.log10(power[::-1] + QUIETEST).astype(np.float32)
