"""Recordings become images of their windows, split by blocks of time."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.io import savemat, wavfile

from ganaug.core.errors import InputError
from ganaug.core.plugins import build
from ganaug.data.sources.recordings import Recordings

RATE = 1000  # samples per second


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
    expected = signal / 32768 if suffix == "wav" else signal
    np.testing.assert_array_equal(images(raw).reshape(2, 300), [expected, expected])
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
    assert high.shape == (50, 37)  # a spectrum every 25 samples: (1000 - 100) / 25 + 1
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
        ({"window": 100, "fft": 128}, "fft: must be an even number from 16 to the 100 samples"),
        ({"window": 100, "fft": 33}, "fft: must be an even number"),
        ({"window": 1024, "block": 1000}, "block: 1000 samples are shorter than a window of 1024"),
        ({"window": 1024, "block": 4096, "group": "(.)"}, "block: windows of a group stay together"),
        ({"window": 1024, "label": "[0-9]"}, "label: .* needs parentheses around the part that names the class"),
    ],
)
def test_options_that_cannot_be_met_are_refused(options, message):
    with pytest.raises((InputError, ValidationError), match=message):
        build("data.sources", {"name": "recordings", **options})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"signal": tone(1, 50)},
            "50 samples, but a window needs 256; lower prepare.source.window, or set .*pad to true",
        ),
        ({"rpm": 1797, "text": "x"}, "holds rpm, text; set prepare.source.array"),
        ({"x": tone(1), "y": tone(2)}, "holds x, y; set prepare.source.array to the one with the samples"),
        ({"signal": np.full(2048, np.nan)}, "must hold finite numbers"),
        ({"signal": np.zeros((2048, 7))}, "7 channels of 2048 samples; a recording has up to 4"),
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


def test_samples_of_any_depth_are_on_one_scale(tmp_path):
    for name, samples in (
        ("8 bits", np.array([0, 128, 192], np.uint8)),
        ("16 bits", np.array([-32768, 0, 16384], np.int16)),
        ("32 bits", np.array([-(2**31), 0, 2**30], np.int32)),
        ("float", np.array([-1, 0, 0.5], np.float32)),
    ):
        wavfile.write(tmp_path / f"{name}.wav", RATE, np.repeat(samples, 3))
    for image in Recordings(window=9, image="waveform").load(tmp_path).images:
        assert image[:, :, 0].tolist() == [[-1] * 3, [0] * 3, [0.5] * 3]


def test_the_class_and_the_group_can_be_in_the_file_names(tmp_path):
    (tmp_path / "all").mkdir()
    for name in ("3_ann_0", "3_bob_0", "7_ann_0", "7_ann_1"):
        np.save(tmp_path / f"all/{name}.npy", tone(1, 32))
    raw = Recordings(window=16, image="waveform", label=r"(\d)_", group="_(.*)_").load(tmp_path)
    assert raw.classes == ("3", "7")
    assert raw.labels.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert raw.groups.tolist() == ["ann", "ann", "bob", "bob", "ann", "ann", "ann", "ann"]
    with pytest.raises(
        InputError, match=r"label: x\(y\) finds no class in the paths of 4 of 4 files, such as .*3_ann_0"
    ):
        Recordings(window=16, image="waveform", label="x(y)").load(tmp_path)


def test_short_recordings_can_be_filled_with_zeros(tmp_path):
    for name in "ab":
        np.save(tmp_path / f"{name}.npy", np.ones(10))
    (image, _) = Recordings(window=16, image="waveform", pad=True).load(tmp_path).images
    assert image.ravel().tolist() == [1] * 10 + [0] * 6


def test_a_tone_is_a_bright_row_at_its_mel_band(two_tones):
    # Nyquist's 500 Hz are 2595 log10(1 + 500/700) = 607.4 mel; 10 bands are centred at multiples of 55.2 mel.
    # 100 Hz are 150.5 mel, 2.7 bands: the third from below. 300 Hz are 401.9 mel, 7.3 bands: the seventh
    raw = Recordings(window=1000, fft=100, image="log_mel", mels=10, rate=RATE).load(two_tones)
    high, low = images(raw)[[0, 2], :, :, 0]
    assert high.shape == (10, 37)
    assert set(low.argmax(axis=0)) == {10 - 3}
    assert set(high.argmax(axis=0)) == {10 - 7}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "rate: mel bands need the samples per second"),
        ({"rate": 16000, "mels": 60}, "mels: spectra of 128 samples are too coarse for 60 bands"),
    ],
)
def test_mel_bands_that_cannot_be_computed_are_refused(two_tones, options, message):
    with pytest.raises(InputError, match=message):
        Recordings(window=512, image="log_mel", **options).load(two_tones)


def test_recordings_of_several_rates_are_refused(tmp_path):
    for name, rate in (("a", 8000), ("b", 16000)):
        wavfile.write(tmp_path / f"{name}.wav", rate, tone(1))
    with pytest.raises(InputError, match=r"b\.wav has 16000 samples per second, but .*a\.wav has 8000"):
        Recordings(window=512).load(tmp_path)


def test_waveforms_are_restored_and_spectrograms_are_not(tmp_path):
    both = np.stack([tone(100), tone(300)], axis=1)
    for name in "ab":
        np.save(tmp_path / f"{name}.npy", both)
    source = Recordings(window=1024, image="waveform")
    windows = source.restore(images(source.load(tmp_path)))
    np.testing.assert_array_equal(windows[:2], both.reshape(2, 1024, 2))
    assert source.restore(np.zeros((1, 16, 16, 2), np.float32)) is None  # made smaller: samples are lost
    assert Recordings(window=1024).restore(np.zeros((1, 32, 32, 2), np.float32)) is None
