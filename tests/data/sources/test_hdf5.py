"""The HDF5 source."""

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.data.sources.hdf5 import Hdf5

h5py = pytest.importorskip("h5py")
IMAGES = np.arange(4 * 9 * 8, dtype=np.uint16).reshape(4, 9, 8)


def test_arrays_at_any_depth_are_read(tmp_path):
    with h5py.File(tmp_path / "all.h5", "w") as file:
        file.create_dataset("deep/er/x", data=IMAGES, chunks=(3, 9, 8), compression="gzip")
        file["deep/y"] = ["dog", "cat", "dog", "cat"]
    raw = Hdf5(images="deep/er/x", labels="deep/y").load(tmp_path / "all.h5")
    for _ in range(2):
        np.testing.assert_array_equal(np.stack(list(raw.images))[..., 0], IMAGES)
    assert (raw.classes, raw.labels.tolist()) == (("cat", "dog"), [1, 0, 1, 0])


def test_arrays_in_other_files_are_refused(tmp_path):
    (tmp_path / "secret").write_bytes(bytes(100))
    with h5py.File(tmp_path / "all.h5", "w") as file:
        file.create_dataset("images", (10,), np.uint8, external=[(str(tmp_path / "secret"), 0, 10)])
    with pytest.raises(InputError, match="array 'images' is stored in other files; copy it into this one"):
        Hdf5().load(tmp_path / "all.h5")


def test_links_to_other_files_are_not_followed(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["labels"] = [0, 1, 0, 1]
    with h5py.File(tmp_path / "all.h5", "w") as file:
        file["images"] = IMAGES
        file["labels"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "labels")
    with pytest.raises(InputError, match="no array named 'labels'; the file has images"):
        Hdf5().load(tmp_path / "all.h5")


def test_other_files_are_reported(tmp_path):
    (tmp_path / "all.h5").write_bytes(b"rubbish")
    with pytest.raises(InputError, match="not a readable HDF5 file"):
        Hdf5().load(tmp_path / "all.h5")


def test_a_missing_library_is_reported_with_its_extra(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(InputError, match=r"h5py is not installed; install it with: pip install 'ganaug\[hdf5\]'"):
        Hdf5().load(tmp_path / "all.h5")
