"""One-dimensional recordings (wav, npz, npy, csv, mat), cut into windows that become images."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import IO, Literal, NamedTuple

import numpy as np
from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.data.file_tree import list_files
from ganaug.data.image_files import EncodedImage
from ganaug.data.sources import Dataset, RawImages

SUFFIXES = frozenset({".wav", ".npz", ".npy", ".csv", ".mat"})

MOST_CHANNELS = 4
"""Channels of a recording, which become the channels of its images."""

QUIETEST = 1e-12
"""Power that is added before taking logarithms, so that silence has one: -120 dB."""


class _Window(NamedTuple):
    """Which samples of a recording an image shows."""

    recording: int
    start: int
    block: int


@settings
class Recordings(Dataset):
    """Recordings in `<class>/**/<file>`, or one per class in `<class>.<suffix>`; of one to four channels."""

    window: PositiveInt
    """Samples of a window, which becomes one image."""
    hop: PositiveInt | None = None
    """Samples from the start of one window to that of the next; None: as many as a window has, so none overlap."""
    block: PositiveInt | None = None
    """Samples of a block of time, whose windows stay in one split; no window is in two blocks. None: all windows of a
    recording stay in one split. Windows are never split at random: neighbours are nearly alike."""
    image: Literal["spectrogram", "waveform"] = "spectrogram"
    """`spectrogram`: power in decibels by frequency (upwards from 0) and time. `waveform`: the samples themselves, row
    by row in a square, which the window must fill exactly."""
    fft: PositiveInt = 128
    """Samples of a spectrum: the image is half as high, and as wide as quarters of it fit into the window."""
    array: str | None = None
    """Name of the array in .npz and .mat files; None: the only one with as many samples as a window."""

    def __post_init__(self) -> None:
        """Raise InputError if a window cannot become an image, or does not fit into a block."""
        if self.image == "waveform" and int(self.window**0.5) ** 2 != self.window:
            raise InputError(f"window: {self.window} samples do not fill a square; choose such as 1024, 32 × 32")
        if self.image == "spectrogram" and (self.fft < 16 or self.fft > self.window):
            raise InputError(f"fft: must be from 16 to the {self.window} samples of a window (given: {self.fft})")
        if self.block is not None and self.block < self.window:
            raise InputError(f"block: {self.block} samples do not hold a window of {self.window}; make it larger")

    def load(self, path: Path) -> RawImages:
        files: list[EncodedImage] = []
        names: list[str] = []
        left_out: Counter[str] = Counter()
        for entry in list_files(path):
            suffix = PurePath(entry.parts[-1]).suffix.lower()
            if entry.file is None or suffix not in SUFFIXES:
                left_out[entry.why or f"no recordings ({suffix or 'no suffix'})"] += 1
                continue
            files.append(entry.file)
            names.append(entry.parts[0] if len(entry.parts) > 1 else PurePath(entry.parts[0]).stem)
        if len(set(names)) < 2:
            raise InputError(
                f"{path}: expected recordings ({', '.join(sorted(SUFFIXES))}) of at least two classes, in a sub-folder "
                f"per class or one per class; found {len(files)} of {len(set(names))}"
            )
        recordings = [self._read(file) for file in files]
        windows = [_Window(*where) for number, signal in enumerate(recordings) for where in self._cut(number, signal)]
        classes = tuple(sorted(set(names)))
        return RawImages(
            images=_Images(self, recordings, windows),
            labels=np.array([classes.index(names[window.recording]) for window in windows]),
            classes=classes,
            names=[f"{files[w.recording].name}: samples {w.start} to {w.start + self.window - 1}" for w in windows],
            groups=np.array([f"{window.recording}/{window.block}" for window in windows]),
            left_out=left_out,
        )

    def _cut(self, number: int, signal: np.ndarray) -> Iterator[tuple[int, int, int]]:
        block = self.block or len(signal)
        for index in range(-(-len(signal) // block)):
            end = min((index + 1) * block, len(signal))
            for start in range(index * block, end - self.window + 1, self.hop or self.window):
                yield number, start, index

    def _read(self, file: EncodedImage) -> np.ndarray:
        """Return a recording as float32, (samples, channels)."""
        try:
            with file.open() as stream:
                signal = self._samples(stream, PurePath(file.name).suffix.lower())
        except InputError as error:
            raise InputError(f"{file.name}: {error}") from None
        except Exception as error:  # readers raise errors of many kinds for damaged files
            raise InputError(f"{file.name}: cannot be read as a recording ({error}); fix or remove it") from None
        if signal.dtype.kind not in "biuf" or signal.ndim > 2 or not np.isfinite(signal).all():
            raise InputError(f"{file.name}: must hold finite numbers, of shape (samples,) or (samples, channels)")
        signal = signal.reshape(len(signal), -1)
        signal = signal.T if signal.shape[0] <= MOST_CHANNELS < signal.shape[1] else signal
        if signal.shape[1] > MOST_CHANNELS or len(signal) < self.window:
            raise InputError(
                f"{file.name}: {signal.shape[1]} channels of {len(signal)} samples; a window needs {self.window} "
                f"samples of 1 to {MOST_CHANNELS} channels"
            )
        return signal.astype(np.float32)

    def _samples(self, stream: IO[bytes], suffix: str) -> np.ndarray:
        if suffix == ".wav":
            from scipy.io import wavfile

            return np.asarray(wavfile.read(stream)[1])
        if suffix == ".csv":
            import pandas as pd

            # rows that are no numbers, such as a header, are none of the samples
            return pd.read_csv(stream, header=None).apply(pd.to_numeric, errors="coerce").dropna().to_numpy()
        if suffix == ".npy":
            return np.asarray(np.load(stream, allow_pickle=False))
        if suffix == ".npz":
            with np.load(stream, allow_pickle=False) as archive:
                return self._chosen({name: archive[name] for name in archive})
        from scipy.io import loadmat

        return self._chosen({name: np.squeeze(value) for name, value in loadmat(stream).items() if name[0] != "_"})

    def _chosen(self, arrays: dict[str, np.ndarray]) -> np.ndarray:
        fitting = [name for name, array in arrays.items() if array.ndim and max(array.shape) >= self.window]
        name = self.array if self.array is not None else fitting[0] if len(fitting) == 1 else None
        if name not in arrays:
            raise InputError(f"holds {', '.join(arrays)}; set prepare.source.array to the one with the samples")
        return arrays[name]

    def picture(self, window: np.ndarray) -> np.ndarray:
        """Return the image (H, W, C), float32, of a window (samples, C)."""
        if self.image == "waveform":
            side = int(self.window**0.5)
            return window.reshape(side, side, -1)
        from scipy.signal import stft

        overlap = self.fft - self.fft // 4
        _, _, spectrum = stft(window, nperseg=self.fft, noverlap=overlap, axis=0, boundary=None, padded=False)
        power = np.moveaxis(np.abs(spectrum[: self.fft // 2]) ** 2, 1, 2)  # frequencies, frames, channels
        return 10 * np.log10(power[::-1] + QUIETEST).astype(np.float32)


class _Images(Iterable[np.ndarray]):
    """The windows of all recordings, as images."""

    def __init__(self, source: Recordings, recordings: list[np.ndarray], windows: list[_Window]) -> None:
        self.source, self.recordings, self.windows = source, recordings, windows

    def __iter__(self) -> Iterator[np.ndarray]:
        for window in self.windows:
            signal = self.recordings[window.recording]
            yield self.source.picture(signal[window.start : window.start + self.source.window])
