"""Exports of synthetic sets."""

import numpy as np
import pytest
from PIL import Image

from ganaug.core.errors import InputError
from ganaug.data.images import LabelledImages
from ganaug.data.sources.digits import Digits
from ganaug.data.sources.recordings import Recordings
from ganaug.data.values import Range
from ganaug.synthesis.export import export
from ganaug.synthesis.formats import Exported
from ganaug.synthesis.formats.folder import Folder


def synthetic(classes=("a", "b"), channels=1):
    images = np.arange(3 * channels * 16, dtype=np.uint8).reshape(3, channels, 4, 4)
    return LabelledImages(images, np.array([0, 1, 1]), classes)


def written(images, source, limits, folder):
    export(Exported(images, source, limits), folder.parent / "CARD.md", Folder(), folder)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_images_are_files_in_a_folder_per_class(tmp_path, channels):
    made = synthetic(channels=channels)
    written(made, Digits(), Range(0, 16), tmp_path / "new")
    files = sorted((tmp_path / "new").rglob("*.*"))
    assert [str(file.relative_to(tmp_path)) for file in files] == [
        "new/a/000000.png",
        "new/b/000001.png",
        "new/b/000002.png",
    ]
    pixels = np.asarray(Image.open(files[2])).reshape(4, 4, channels)
    np.testing.assert_array_equal(pixels, made.images[2].transpose(1, 2, 0))


def test_waveforms_become_signals_in_the_values_of_the_recordings(tmp_path):
    written(synthetic(), Recordings(window=16, image="waveform"), Range(-1, 1), tmp_path / "new")
    signal = np.load(tmp_path / "new/b/000001.npy")
    # image 1 has the levels 16 … 31; level 0 is -1 and level 255 is 1
    np.testing.assert_allclose(signal[:, 0], np.arange(16, 32) / 127.5 - 1, rtol=1e-5)


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match=r"a: cannot be created \(File exists\); export to a new folder"):
        written(synthetic(), Digits(), Range(0, 16), tmp_path / "a")


def test_the_card_goes_with_the_images(tmp_path):
    (tmp_path / "CARD.md").write_text("# Synthetic images")
    written(synthetic(), Digits(), Range(0, 16), tmp_path / "new")
    assert (tmp_path / "new/README.md").read_text() == "# Synthetic images"
