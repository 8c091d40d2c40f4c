"""One-dimensional recordings (wav, npz, npy, csv, mat), cut into windows that become images."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic import PositiveFloat, PositiveInt

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.data import signals
from ganaug.data.file_tree import choose_files, is_archive
from ganaug.data.image_files import EncodedImage
from ganaug.data.patterns import check_pattern, find_in_paths, repeats
from ganaug.data.recording_files import SUFFIXES, Recording, read_recording
from ganaug.data.sources import Dataset, RawImages

FIRST_WORD = "^([^_]+)_"
"""Regular expression for names of files that begin with the class, such as `7_jackson_32.wav`."""

LOOKED_AT = 50
"""Number of recordings whose length `recognise` looks at."""

LONG = 20 * 1024
"""Number of samples from which recordings are worth dividing into blocks of time."""


class _Window(NamedTuple):
    """The samples of a recording that an image shows."""

    recording: int
    start: int
    block: int


@settings
class Recordings(Dataset):
    """Recordings of one to four channels in `<class>/**/<file>`, or one per class in `<class>.<suffix>`."""

    window: PositiveInt
    """Samples per window; each window becomes one image."""
    hop: PositiveInt | None = None
    """Samples from the start of one window to that of the next; None: `window`, so that windows do not overlap."""
    block: PositiveInt | None = None
    """Samples per block of time, whose windows stay in one split; no window is in two blocks. None: all windows of a
    recording stay in one split. Windows are never split at random, because neighbours are nearly alike."""
    label: str | None = None
    r"""Regular expression such as `^(\d+)_`, searched in each file's path below the top folder; the text in its first
    parentheses is the class. None: the class is the folder, or the name of a file in no folder."""
    group: str | None = None
    """Regular expression as in `label`; recordings with the same text, such as a speaker's, stay in one split. None:
    each recording is its own group."""
    pad: bool = False
    """Whether to pad recordings that are shorter than a window with zeros at the end; otherwise they are refused."""
    image: Literal["spectrogram", "log_mel", "waveform"] = "spectrogram"
    """`spectrogram`: power in decibels by frequency (upwards from 0) and time. `log_mel`: the same by mel bands.
    `waveform`: the samples themselves, row by row in a square, which the window must fill exactly; `ganaug export`
    writes such synthetic images as signals."""
    fft: PositiveInt = 128
    """Samples per spectrum: a spectrogram is `fft` / 2 pixels high, and has one column for each spectrum that fits into
    the window; spectra start `fft` / 4 samples apart."""
    mels: PositiveInt = 64
    """Number of mel bands, the height of a `log_mel`."""
    rate: PositiveFloat | None = None
    """Samples per second, which `log_mel` needs; None: the rate in the .wav files."""
    array: str | None = None
    """Name of the array in .npz and .mat files; None: the only one that can be a signal."""

    def __post_init__(self) -> None:
        """Raise InputError if a window cannot become an image, or does not fit into a block."""
        for option, pattern in (("label", self.label), ("group", self.group)):
            check_pattern(option, pattern)
        if self.image == "waveform" and int(self.window**0.5) ** 2 != self.window:
            raise InputError(
                f"window: {self.window} samples do not fill a square; choose a square number, such as 1024 (32 × 32)"
            )
        if self.image != "waveform" and (self.fft < 16 or self.fft > self.window or self.fft % 2):
            raise InputError(
                f"fft: must be an even number from 16 to the {self.window} samples of a window (given: {self.fft})"
            )
        if self.block is not None and self.block < self.window:
            raise InputError(f"block: {self.block} samples are shorter than a window of {self.window}; raise block")
        if self.block is not None and self.group is not None:
            raise InputError("block: windows of a group stay together, so blocks have no effect; remove one of them")

    @classmethod
    def recognise(cls, path: Path) -> dict[str, Any] | None:
        if not path.is_dir() and not is_archive(path):
            return None
        paths, files, left_out = choose_files(path, SUFFIXES, "recordings")
        others = sum(count for why, count in left_out.items() if why.startswith("no recordings"))
        if len(paths) < 2 or len(paths) <= others:
            return None
        options: dict[str, Any] = {}
        if {len(parts) for parts in paths} == {1} and repeats(FIRST_WORD, paths):
            options["label"] = FIRST_WORD
        try:
            lengths = [len(read_recording(file, None).samples) for file in files[:LOOKED_AT]]
        except InputError:
            return None
        if min(lengths) >= LONG:
            options |= {"window": 1024, "block": 6 * 1024}
        else:
            window = 2 ** int(np.log2(np.median(lengths)))
            options |= {"window": window, **({"pad": True} if min(lengths) < window else {})}
        # an image about as high as wide: fft / 2 frequencies, and a frame every fft / 4 samples
        return options | {"fft": max(16, 2 ** round(np.log2(8 * options["window"]) / 2))}

    def load(self, path: Path) -> RawImages:
        paths, files, left_out = choose_files(path, SUFFIXES, "recordings")
        labels, groups = self._labels(paths, files), self._groups(paths, files)
        classes = tuple(sorted(set(labels)))
        if len(classes) < 2:
            raise InputError(
                f"{path}: expected recordings ({', '.join(sorted(SUFFIXES))}) of at least two classes, in a sub-folder "
                f"per class or one per class; found {len(files)} of {len(classes)}; if the class is in the files' "
                f"names, set prepare.source.label"
            )
        recordings = [self._read(file) for file in files]
        picture = self._picture(recordings, files)
        windows = [_Window(*w) for number, recording in enumerate(recordings) for w in self._cut(number, recording)]
        return RawImages(
            images=_Images(picture, recordings, windows, self.window),
            labels=np.array([classes.index(labels[window.recording]) for window in windows]),
            classes=classes,
            names=[f"{files[w.recording].name}: samples {w.start} to {w.start + self.window - 1}" for w in windows],
            groups=np.array([groups[w.recording] if groups else f"{w.recording}/{w.block}" for w in windows]),
            left_out=left_out,
        )

    @property
    def shows_time(self) -> bool:
        return self.image != "waveform"

    def restore(self, images: np.ndarray) -> np.ndarray | None:
        """Return the signals (N, T, C) in the images (N, H, W, C), or None if an image does not hold a whole window."""
        count, height, width, channels = images.shape
        if self.image != "waveform" or height * width != self.window:
            return None
        return images.reshape(count, self.window, channels)

    def _labels(self, paths: Sequence[tuple[str, ...]], files: Sequence[EncodedImage]) -> list[str]:
        if self.label is not None:
            return find_in_paths("label", self.label, paths, files)
        return [parts[0] if len(parts) > 1 else PurePath(parts[0]).stem for parts in paths]

    def _groups(self, paths: Sequence[tuple[str, ...]], files: Sequence[EncodedImage]) -> list[str] | None:
        return None if self.group is None else find_in_paths("group", self.group, paths, files)

    def _read(self, file: EncodedImage) -> Recording:
        samples, rate = read_recording(file, self.array)
        missing = self.window - len(samples)
        if missing > 0 and not self.pad:
            raise InputError(
                f"{file.name}: {len(samples)} samples, but a window needs {self.window}; lower prepare.source.window, "
                f"or set prepare.source.pad to true"
            )
        return Recording(np.pad(samples, ((0, max(0, missing)), (0, 0))), rate)

    def _cut(self, number: int, recording: Recording) -> Iterator[tuple[int, int, int]]:
        length = len(recording.samples)
        block = self.block or length
        for index in range(-(-length // block)):
            end = min((index + 1) * block, length)
            for start in range(index * block, end - self.window + 1, self.hop or self.window):
                yield number, start, index

    def _picture(self, recordings: Sequence[Recording], files: Sequence[EncodedImage]) -> Callable[..., np.ndarray]:
        """Return the function that turns a window into an image.

        Raises InputError if rates differ, or if mel bands cannot be computed.
        """
        rate = self._rate(recordings, files)
        if self.image == "waveform":
            return signals.waveform
        if self.image == "spectrogram":
            return partial(signals.spectrogram, fft=self.fft)
        if rate is None:
            raise InputError(
                "prepare.source.rate: mel bands need the samples per second, which these files do not contain"
            )
        filters = signals.mel_filters(self.mels, self.fft, rate)
        if not filters.any(axis=1).all():
            raise InputError(
                f"prepare.source.mels: spectra of {self.fft} samples are too coarse for {self.mels} bands; raise fft, "
                f"or lower mels"
            )
        return partial(signals.log_mel, filters=filters)

    def _rate(self, recordings: Sequence[Recording], files: Sequence[EncodedImage]) -> float | None:
        """Return the rate of all recordings. Raises InputError if they differ."""
        named = zip(recordings, files, strict=True)
        rates = [(recording.rate, file.name) for recording, file in named if recording.rate is not None]
        rates += [(self.rate, "prepare.source.rate")] if self.rate is not None else []
        for rate, name in rates:
            if rate != rates[0][0]:
                raise InputError(
                    f"{name} has {rate:g} samples per second, but {rates[0][1]} has {rates[0][0]:g}; bring all "
                    f"recordings to one rate"
                )
        return rates[0][0] if rates else None


class _Images(Iterable[np.ndarray]):
    """The windows of all recordings, as images."""

    def __init__(
        self,
        picture: Callable[..., np.ndarray],
        recordings: Sequence[Recording],
        windows: Sequence[_Window],
        length: int,
    ) -> None:
        self.picture, self.recordings, self.windows, self.length = picture, recordings, windows, length

    def __iter__(self) -> Iterator[np.ndarray]:
        for number, start, _ in self.windows:
            yield self.picture(self.recordings[number].samples[start : start + self.length])
