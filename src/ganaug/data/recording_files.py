"""Reads one-dimensional recordings: wav, npz, npy, csv, mat."""

from __future__ import annotations

from pathlib import PurePath
from typing import IO, NamedTuple

import numpy as np

from ganaug.core.errors import InputError
from ganaug.data.image_files import EncodedImage

SUFFIXES = frozenset({".wav", ".npz", ".npy", ".csv", ".mat"})

MOST_CHANNELS = 4
"""Largest number of channels of a recording; they become the channels of its images."""


class Recording(NamedTuple):
    """A signal. samples: float32, (T, C). rate: samples per second, or None if the file does not say."""

    samples: np.ndarray
    rate: float | None


def read_recording(file: EncodedImage, array: str | None) -> Recording:
    """Read a recording. array: its name in .npz and .mat files; None: the only array that can be a signal.

    Integers of .wav files become -1 … 1. Raises InputError, naming the file, if it cannot be read.
    """
    try:
        with file.open() as stream:
            signal, rate = _read(stream, PurePath(file.name).suffix.lower(), array)
    except InputError as error:
        raise InputError(f"{file.name}: {error}") from None
    except Exception as error:  # readers raise errors of many kinds for damaged files
        raise InputError(f"{file.name}: cannot be read as a recording ({error}); fix or remove it") from None
    if signal.dtype.kind not in "biuf" or signal.ndim not in (1, 2) or not np.isfinite(signal).all():
        raise InputError(f"{file.name}: must hold finite numbers, of shape (samples,) or (samples, channels)")
    signal = signal.reshape(len(signal), -1)
    signal = signal.T if signal.shape[0] <= MOST_CHANNELS < signal.shape[1] else signal
    if signal.shape[1] > MOST_CHANNELS:
        raise InputError(
            f"{file.name}: {signal.shape[1]} channels of {len(signal)} samples; a recording has up to {MOST_CHANNELS}"
        )
    return Recording(signal.astype(np.float32), rate)


def _read(stream: IO[bytes], suffix: str, array: str | None) -> tuple[np.ndarray, float | None]:
    if suffix == ".wav":
        from scipy.io import wavfile

        rate, samples = wavfile.read(stream)
        return _scaled(samples), float(rate)
    if suffix == ".csv":
        import pandas as pd

        # rows that are not numbers, such as a header, hold no samples
        return pd.read_csv(stream, header=None).apply(pd.to_numeric, errors="coerce").dropna().to_numpy(), None
    if suffix == ".npy":
        return np.asarray(np.load(stream, allow_pickle=False)), None
    if suffix == ".npz":
        with np.load(stream, allow_pickle=False) as archive:
            return _chosen({name: archive[name] for name in archive}, array), None
    from scipy.io import loadmat

    arrays = {name: np.squeeze(value) for name, value in loadmat(stream).items() if not name.startswith("_")}
    return _chosen(arrays, array), None


def _scaled(samples: np.ndarray) -> np.ndarray:
    """Return PCM samples as floats in -1 … 1, so that files of different bit depths are comparable."""
    if samples.dtype.kind not in "iu":
        return samples
    middle = 128 if samples.dtype == np.uint8 else 0  # 8-bit samples are unsigned
    return (samples - float(middle)) / 2.0 ** (8 * samples.dtype.itemsize - 1)


def _chosen(arrays: dict[str, np.ndarray], name: str | None) -> np.ndarray:
    signals = [key for key, array in arrays.items() if array.dtype.kind in "iuf" and array.size > MOST_CHANNELS]
    chosen = name if name is not None else signals[0] if len(signals) == 1 else None
    if chosen not in arrays:
        raise InputError(f"holds {', '.join(arrays)}; set prepare.source.array to the one with the samples")
    return arrays[chosen]
