"""Recordings become images of their windows, split by blocks of time."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.io import savemat, wavfile

from ganaug.core.errors import InputError
from ganaug.core.plugins import build
from ganaug.data.sources.recordings import Recordings

RATE = 1000


def tone(frequency, samples=2048):
    return np.sin(2 * np.pi * frequency * np.arange(samples) / RATE).astype(np.float32)


def images(raw):
    return np.stack(list(raw.images))


@pytest.fixture
def two_tones(tmp_path):
    """Two recordings of a second or two, 100 and 300 Hz, of one class each."""
    np.savez(tmp_path / "low.npz", signal=tone(100), rate=RATE)
    np.savez(tmp_path / "high.npz", signal=tone(300), rate=RATE)
    return tmp_path


@pytest.mark.parametrize("suffix", ["wav", "npy", "npz", "csv", "mat"])
def test_every_format_gives_the_samples(tmp_path, suffix):
    signal = np.round(tone(50, 300) * 1000).astype(np.int16)
    for name in "ab":
        path = tmp_path / name / f"1.{suffix}"
        path.parent.mkdir()
        if suffix == "wav":
            wavfile.write(path, RATE, signal)
        elif suffix == "npy":
            np.save(path, signal)
        elif suffix == "npz":
            np.savez(path, signal=signal)
        elif suffix == "csv":
            path.write_text("signal\n" + "\n".join(map(str, signal.tolist())), encoding="utf-8")
        else:
            savemat(path, {"DE_time": signal[:, None], "rpm": 1797})
    raw = Recordings(window=100, image="waveform").load(tmp_path)
    np.testing.assert_array_equal(images(raw).reshape(2, 300), [signal, signal])
    assert raw.classes == ("a", "b")


def test_windows_are_named_and_grouped_by_block(two_tones):
    raw = Recordings(window=256, hop=128, block=1000, image="waveform").load(two_tones)
    # blocks of 1000, 1000 and 48 samples; windows at 0, 128, … 640 (640 + 256 = 896) and 744 would end at 1000
    starts = [*range(0, 745, 128), *range(1000, 1745, 128)]
    assert [int(name.split("samples ")[1].split(" to ")[0]) for name in raw.names] == starts * 2
    assert raw.groups.tolist() == ["0/0"] * 6 + ["0/1"] * 6 + ["1/0"] * 6 + ["1/1"] * 6
    assert raw.labels.tolist() == [0] * 12 + [1] * 12  # high, low


def test_without_blocks_a_recording_is_a_group(two_tones):
    assert set(Recordings(window=1024, image="waveform").load(two_tones).groups) == {"0/0", "1/0"}


def test_a_tone_is_a_bright_row_at_its_frequency(two_tones):
    # bins of 1000 / 100 = 10 Hz; 50 rows, the lowest frequency at the bottom: 100 Hz is row 49 - 10, 300 Hz 49 - 30
    raw = Recordings(window=1000, fft=100).load(two_tones)
    high, low = images(raw)[[0, 2], :, :, 0]
    assert high.shape == (50, 37)  # a spectrum each 25 samples: (1000 - 100) / 25 + 1
    assert set(high.argmax(axis=0)) == {19}
    assert set(low.argmax(axis=0)) == {39}
    assert high.max() - np.median(high) > 40  # decibels


def test_channels_become_channels(tmp_path):
    both = np.stack([tone(100), tone(300)], axis=1)
    for name in "ab":
        np.save(tmp_path / f"{name}.npy", both if name == "a" else both.T)
    raw = Recordings(window=1024, image="waveform").load(tmp_path)
    found = images(raw)
    np.testing.assert_array_equal(found[0].reshape(1024, 2), both[:1024])
    np.testing.assert_array_equal(found[0], found[2])


def test_silence_has_a_value(tmp_path):
    for name in "ab":
        np.save(tmp_path / f"{name}.npy", np.zeros(512))
    np.testing.assert_allclose(images(Recordings(window=512).load(tmp_path)), -120)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 1000, "image": "waveform"}, "window: 1000 samples do not fill a square"),
        ({"window": 100, "fft": 128}, "fft: must be from 16 to the 100 samples"),
        ({"window": 1024, "block": 1000}, "block: 1000 samples do not hold a window of 1024"),
    ],
)
def test_options_that_cannot_be_met_are_refused(options, message):
    with pytest.raises((InputError, ValidationError), match=message):
        build("data.sources", {"name": "recordings", **options})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"signal": tone(1, 50)}, "holds signal; set prepare.source.array"),
        ({"x": tone(1), "y": tone(2)}, "holds x, y; set prepare.source.array to the one with the samples"),
        ({"signal": np.full(2048, np.nan)}, "must hold finite numbers"),
        ({"signal": np.zeros((2048, 7))}, "7 channels of 2048 samples; a window needs 256 samples of 1 to 4 channels"),
    ],
)
def test_recordings_that_make_no_windows_are_refused(tmp_path, content, message):
    np.savez(tmp_path / "a.npz", **content)
    np.savez(tmp_path / "b.npz", signal=tone(3))
    with pytest.raises(InputError, match=rf"a\.npz: {message}"):
        Recordings(window=256).load(tmp_path)


def test_damaged_files_are_reported(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.wav").write_bytes(b"RIFF rubbish")
    with pytest.raises(InputError, match=r"a\.wav: cannot be read as a recording \(.*\); fix or remove it"):
        Recordings(window=256).load(tmp_path)


def test_a_single_class_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", tone(1))
    with pytest.raises(InputError, match=r"of at least two classes, .*; found 1 of 1"):
        Recordings(window=256).load(tmp_path)
