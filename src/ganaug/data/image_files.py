"""Decodes image files of every format that Pillow reads, and of DICOM and HEIF, to arrays."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import IO, NamedTuple, Self

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from ganaug.core.errors import InputError
from ganaug.core.extras import optional

SUFFIXES = frozenset(
    [
        ".apng",
        ".avif",
        ".bmp",
        ".dib",
        ".gif",
        ".ico",
        ".j2c",
        ".j2k",
        ".jfif",
        ".jp2",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".jpx",
        ".pbm",
        ".pcx",
        ".pgm",
        ".png",
        ".pnm",
        ".ppm",
        ".qoi",
        ".sgi",
        ".tga",
        ".tif",
        ".tiff",
        ".webp",
        ".heic",
        ".heif",
        ".dcm",
    ]
)
"""Suffixes of image files; other files are not read as images."""

ORIENTATION, PHOTOMETRIC, BITS = 274, 262, 258
"""Tags of EXIF and TIFF: how the camera was held, whether 0 is black (1) or white (0), and the bits of each channel."""

EXTRAS = {".heic": "heic", ".heif": "heic", ".dcm": "dicom"}
"""Suffix → the extra of ganaug that reads such files."""

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Orientation → the transposition that makes the image upright (EXIF 2.3, section 4.6.4)."""

NUMBERS = {"I": np.int32, "F": np.float32}
"""Pillow's modes with one number per pixel → type of the number. Modes with 16 bits all begin with I;16."""


@dataclass(frozen=True)
class EncodedImage:
    """An encoded image, which is read only when it is decoded.

    name: for error messages, such as the path. open: opens the file for reading; picklable, because other processes
        decode. place: the file on disk, which is the image file itself or an archive that holds it; None if there is
        none.
    """

    name: str
    open: Callable[[], IO[bytes]]
    place: Path | None = None

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the image file at `path`."""
        return cls(str(path), partial(_open, path), path)


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


class Decoded(NamedTuple):
    """The first frame of an image file.

    pixels: uint8, uint16, int32 or float32, (H, W, C), upright. One channel is grey, three are RGB, and one more is
        opacity. animated: whether there are more frames or pages.
    """

    pixels: np.ndarray
    animated: bool


def decode(file: EncodedImage, *, largest: int | None = None) -> Decoded:
    """Read and decode an image file.

    largest: upper limit of height and width in pixels; a larger image is not decoded. None: no limit.

    Raises InputError, naming the file, if it is empty, damaged, of an unknown format, or too large.
    """
    extra = EXTRAS.get(PurePath(file.name).suffix.lower())
    try:
        if extra == "dicom":
            return _decode_dicom(file)
        if extra == "heic":
            optional("pillow_heif", "heic").register_heif_opener()
        with file.open() as stream, Image.open(stream) as image:
            if largest is not None and max(image.size) > largest:
                width, height = image.size
                raise InputError(f"{file.name}: {height}×{width} pixels; set prepare.size, to at most {largest}")
            animated = bool(getattr(image, "is_animated", False))
            if _has_deep_colours(image):
                stream.seek(0)
                return Decoded(_decode_deep(image, stream.read()), animated)
            image.load()
            white_is_zero = (
                isinstance(image, TiffImageFile) and image.tag_v2.get(PHOTOMETRIC) == 0
            )  # Pillow inverts 8 bits itself
            return Decoded(_pixels(_upright(image), white_is_zero), animated)
    except InputError:
        raise
    except Exception as error:  # Pillow raises errors of many kinds for damaged files
        raise InputError(f"{file.name}: {_reason(file, error)}; fix or remove it") from None


def _upright(image: Image.Image) -> Image.Image:
    """Turn a loaded image as its orientation tag says; a tag that cannot be read is ignored."""
    try:
        turn = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # other tags may be damaged
        return image
    return image if turn is None else image.transpose(turn)


def _pixels(image: Image.Image, white_is_zero: bool) -> np.ndarray:
    if image.mode.startswith("I;16"):
        pixels = np.asarray(image).astype(np.uint16)
        if white_is_zero:
            pixels = 65535 - pixels
    elif image.mode in NUMBERS:
        pixels = np.asarray(image, dtype=NUMBERS[image.mode])
    else:
        grey = image.mode in ("1", "L", "LA", "La")
        transparent = image.has_transparency_data
        pixels = np.asarray(image.convert(("LA" if transparent else "L") if grey else "RGBA" if transparent else "RGB"))
    return pixels if pixels.ndim == 3 else pixels[..., None]


def _has_deep_colours(image: Image.Image) -> bool:
    """Whether a PNG or TIFF file has 16 bits for each of several channels; Pillow would keep only eight."""
    if isinstance(image, TiffImageFile):
        bits = image.tag_v2.get(BITS, (1,))
        return len(bits) > 1 and max(bits) == 16
    deep = isinstance(image, PngImageFile) and "16" in str(image.tile[0].args)
    return deep and image.mode in ("LA", "RGB", "RGBA")


def _decode_deep(image: Image.Image, content: bytes) -> np.ndarray:
    if isinstance(image, TiffImageFile):
        with optional("tifffile", "tiff").TiffFile(io.BytesIO(content)) as file:
            page = file.pages[0]
            pixels = page.asarray()
            if page.axes.startswith("S"):  # one plane after another
                pixels = pixels.transpose(1, 2, 0)
        turn = UPRIGHT.get(image.tag_v2.get(ORIENTATION, 1))
        if turn is None:
            return pixels
        return np.stack([np.asarray(Image.fromarray(plane).transpose(turn)) for plane in pixels.transpose(2, 0, 1)], 2)
    import torch  # takes seconds to import, and such files are rare
    from torchvision.io import ImageReadMode, decode_image

    encoded = torch.frombuffer(bytearray(content), dtype=torch.uint8)
    return decode_image(encoded, ImageReadMode.UNCHANGED, apply_exif_orientation=True).permute(1, 2, 0).numpy()


def _decode_dicom(file: EncodedImage) -> Decoded:
    """Decode the first frame, in the units of its modality (PS3.3, C.11.1), with white as its largest value."""
    pydicom, pixels = optional("pydicom", "dicom"), optional("pydicom.pixels", "dicom")
    with file.open() as stream:
        dicom = pydicom.dcmread(stream)
    stored = pixels.pixel_array(dicom, index=0)
    if dicom.PhotometricInterpretation == "MONOCHROME1":  # the smallest value is white
        stored = (1 << dicom.BitsStored) - 1 - stored
    values = pixels.apply_modality_lut(stored, dicom) if stored.ndim == 2 else stored
    return Decoded(values if values.ndim == 3 else values[..., None], int(dicom.get("NumberOfFrames") or 1) > 1)


def _reason(file: EncodedImage, error: Exception) -> str:
    try:
        with file.open() as stream:
            empty = not stream.read(1)
    except Exception:
        return f"cannot be opened ({error})"
    if empty:
        return "empty file"
    unknown = isinstance(error, UnidentifiedImageError)
    return f"cannot be read as an image ({'unknown format' if unknown else error or type(error).__name__})"
