"""Image files that need optional libraries; test_odd_inputs.py has all others."""

import sys

import numpy as np
import pytest
from PIL import Image, features

from ganaug.core.errors import InputError
from ganaug.data.image_files import EncodedImage, decode

RAMP = np.arange(64, dtype=np.uint16).reshape(8, 8)


def test_heic_is_read(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    pixels = np.full((32, 48, 3), (200, 30, 60), np.uint8)
    heif.from_pillow(Image.fromarray(pixels)).save(tmp_path / "photo.heic", quality=95)
    decoded = decode(EncodedImage.at(tmp_path / "photo.heic")).pixels
    assert decoded.shape == (32, 48, 3)
    np.testing.assert_allclose(decoded, pixels, atol=6)


@pytest.mark.parametrize(
    ("suffix", "feature", "options"),
    [("jp2", "jpg_2000", {}), ("avif", "avif", {"quality": 95, "subsampling": "4:4:4"})],
)
def test_jpeg_2000_and_avif_are_read(tmp_path, suffix, feature, options):
    if not features.check(feature):
        pytest.skip(f"this Pillow was built without {feature}")
    pixels = np.full((16, 24, 3), (200, 30, 60), np.uint8)
    Image.fromarray(pixels).save(tmp_path / f"photo.{suffix}", **options)
    np.testing.assert_allclose(decode(EncodedImage.at(tmp_path / f"photo.{suffix}")).pixels, pixels, atol=6)


def dicom(path, stored, **attributes):
    """Write a grey image of 12 bits in 16."""
    pydicom = pytest.importorskip("pydicom")
    meta = pydicom.dataset.FileMetaDataset()
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = pydicom.uid.CTImageStorage
    meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
    image = pydicom.dataset.FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    image.Rows, image.Columns = stored.shape
    image.SamplesPerPixel, image.BitsAllocated, image.BitsStored, image.HighBit = 1, 16, 12, 11
    image.PixelRepresentation, image.PhotometricInterpretation = 0, "MONOCHROME2"
    for name, value in attributes.items():
        setattr(image, name, value)
    image.PixelData = stored.tobytes()
    image.save_as(path)
    return EncodedImage.at(path)


def test_dicom_is_read_in_the_units_of_its_modality(tmp_path):
    file = dicom(tmp_path / "scan.dcm", RAMP, RescaleSlope=2, RescaleIntercept=-1024)
    np.testing.assert_array_equal(decode(file).pixels[..., 0], 2.0 * RAMP - 1024)


def test_dicom_whose_smallest_value_is_white_is_inverted(tmp_path):
    file = dicom(tmp_path / "scan.dcm", RAMP, PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(decode(file).pixels[..., 0], 4095 - RAMP)


def test_damaged_dicom_is_reported(tmp_path):
    pytest.importorskip("pydicom")
    (tmp_path / "scan.dcm").write_bytes(b"rubbish")
    with pytest.raises(InputError, match=r"scan.dcm: cannot be read as an image \(.*\); fix or remove it"):
        decode(EncodedImage.at(tmp_path / "scan.dcm"))


@pytest.mark.parametrize(("suffix", "library", "extra"), [("heic", "pillow_heif", "heic"), ("dcm", "pydicom", "dicom")])
def test_a_missing_library_is_reported_with_its_extra(tmp_path, monkeypatch, suffix, library, extra):
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)  # makes its import fail
    file = EncodedImage.at(tmp_path / f"image.{suffix}")
    (tmp_path / f"image.{suffix}").write_bytes(b"anything")
    with pytest.raises(InputError, match=rf"{library} is not installed; .* pip install 'ganaug\[{extra}\]'"):
        decode(file)


@pytest.mark.parametrize("options", [{}, {"compression": "lzw"}, {"planarconfig": "separate"}], ids=str)
@pytest.mark.parametrize("channels", [3, 4])
def test_tiff_files_keep_16_bits_of_each_colour(tmp_path, channels, options):
    tifffile = pytest.importorskip("tifffile")
    pixels = np.random.default_rng(0).integers(0, 65536, (7, 5, channels), dtype=np.uint16)
    separate = "planarconfig" in options
    stored = pixels.transpose(2, 0, 1) if separate else pixels
    more = {"extrasamples": ["unassalpha"]} if channels == 4 else {}
    tifffile.imwrite(tmp_path / "deep.tif", stored, photometric="rgb", **options, **more)
    np.testing.assert_array_equal(decode(EncodedImage.at(tmp_path / "deep.tif")).pixels, pixels)


def test_deep_tiff_files_are_turned_upright(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    pixels = np.arange(2 * 3 * 3, dtype=np.uint16).reshape(2, 3, 3) * 3000
    tifffile.imwrite(tmp_path / "turned.tif", pixels, photometric="rgb", extratags=[(274, 3, 1, 6, True)])
    # 6: the first row of the file is the right side, its first column the top
    np.testing.assert_array_equal(decode(EncodedImage.at(tmp_path / "turned.tif")).pixels, np.rot90(pixels, -1))


def test_deep_tiff_files_name_the_extra_that_reads_them(tmp_path, monkeypatch):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "deep.tif", np.zeros((4, 4, 3), np.uint16), photometric="rgb")
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(InputError, match=r"tifffile is not installed; install it with: pip install 'ganaug\[tiff\]'"):
        decode(EncodedImage.at(tmp_path / "deep.tif"))
