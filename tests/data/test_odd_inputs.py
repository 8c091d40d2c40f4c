"""Broken and odd inputs of many kinds: the user's message, or the images that are read.

Each function below makes one kind of input and returns the section `prepare` to read it with. Its decorator says what
happens: `refused` with the texts that the message holds, or `read` with what holds for the result.
"""

import io
import json
import os
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganaug.core.errors import InputError
from ganaug.core.plugins import from_data
from ganaug.data.description import data_card, in_words
from ganaug.data.preparation import read_and_split
from ganaug.data.settings import Prepare
from ganaug.data.training_draws import draw_order, draw_training

RAMP = np.linspace(0, 1, 256).reshape(16, 16)
FOLDER = {"source": {"name": "folder"}, "test": 0.3, "val": 0.2, "labelled_per_class": "all"}
CASES = {}


def refused(*texts):
    """Register a case in which an InputError holds all `texts`; {root} is the folder of the data."""

    def register(make):
        CASES[make.__name__] = (make, texts, None)
        return make

    return register


def read(check):
    """Register a case in which `check(result)` is true."""

    def register(make):
        CASES[make.__name__] = (make, (), check)
        return make

    return register


class Data:
    """A folder to put data in."""

    def __init__(self, root):
        self.root = root
        self.rng = np.random.default_rng(0)

    def noise(self, shape=(16, 16, 3), dtype=np.uint8):
        return self.rng.integers(0, 256, shape).astype(dtype)

    def put(self, name, image=None, **options):
        """Save an image, an array, or bytes as they are."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(image, bytes):
            path.write_bytes(image)
        else:
            pixels = self.noise() if image is None else image
            (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(path, **options)
        return path

    def fill(self, *classes, count=10, **options):
        """Put `count` images of noise in each class folder."""
        for name in classes or ("a", "b"):
            for index in range(count):
                self.put(f"{name}/{index:03}.png", **options)


class Result:
    """The images that were read."""

    def __init__(self, settings, folder):
        chosen = from_data(Prepare, settings)
        self.splits = read_and_split(chosen, 0, folder)
        draws = {0: draw_training(chosen.labelled_per_class, self.splits.pool, draw_order(self.splits.pool, 0, 0))}
        self.card = json.loads(json.dumps(data_card(chosen, self.splits, draws)))
        self.words = "\n".join(in_words(self.card))
        parts = (self.splits.pool, self.splits.val, self.splits.test)
        self.images = np.concatenate([np.asarray(part.images) for part in parts])
        self.counts = dict(sum((Counter(part.counts) for part in parts), Counter()))

    def levels(self):
        """Return the images that are not noise: those of class `odd`, with their number of grey levels."""
        label = self.card["classes"].index("odd")
        found = [
            image
            for part in (self.splits.pool, self.splits.val, self.splits.test)
            for image in np.asarray(part.images)[part.labels == label]
        ]
        return [len(np.unique(image)) for image in found]


# values


def ramps(data, dtype, scale, suffix="tif", offset=0.0):
    """Put ten ramps, slightly different, in each of two classes."""
    for index in range(20):
        ramp = RAMP.copy()
        ramp[0, 0] = index / 40
        data.put(f"{('even', 'odd')[index % 2]}/{index}.{suffix}", (ramp * scale + offset).astype(dtype))
    return FOLDER


@read(lambda result: min(result.levels()) > 250)
def sixteen_bit_values_over_the_whole_range(data):
    return ramps(data, np.uint16, 65535, "png")


@refused("of type uint16, with values from 0 to 4095, which fills 17 of the type's 256 grey levels", "[0, 4095]")
def twelve_bit_values_in_sixteen_bits(data):
    return ramps(data, np.uint16, 4095, "png")


@read(lambda result: min(result.levels()) > 250)
def twelve_bit_values_with_a_declared_range(data):
    return ramps(data, np.uint16, 4095, "png") | {"values": [0, 4095]}


@read(lambda result: min(result.levels()) > 200 and result.card["read"]["black_and_white"][1] < 4095)
def twelve_bit_values_with_percentiles(data):
    return ramps(data, np.uint16, 4095, "png") | {"values": {"percentiles": [1, 99]}}


@refused("of type uint16, with values from 0 to 255")
def eight_bit_values_in_sixteen_bits(data):
    return ramps(data, np.uint16, 255, "png")


@refused("of type int32, with values from -1000 to 2000", "say which values are black and white")
def signed_values_of_a_scanner(data):
    return ramps(data, np.int32, 3000, offset=-1000)


@read(lambda result: min(result.levels()) > 250)
def signed_values_with_a_declared_window(data):
    return ramps(data, np.int32, 3000, offset=-1000) | {"values": [-1000, 2000]}


@read(lambda result: min(result.levels()) > 250)
def floats_from_zero_to_one(data):
    return ramps(data, np.float32, 1)


@refused("of type float32, with values from 0 to 255")
def floats_from_zero_to_255(data):
    return ramps(data, np.float32, 255)


@refused("odd/1.tif: has values that are infinite or not a number")
def floats_with_nan(data):
    settings = ramps(data, np.float32, 1)
    broken = RAMP.astype(np.float32)
    broken[3, 3] = np.nan
    data.put("odd/1.tif", broken)
    return settings


@refused("values of several types", "19 of type uint8", "1 of type uint16")
def one_image_of_sixteen_bits_among_eight(data):
    data.fill()
    data.put("a/000.png", (RAMP * 65535).astype(np.uint16))
    return FOLDER


@read(lambda result: min(result.levels()) > 250 and result.images.shape[1] == 3)
def colours_of_sixteen_bits(data):
    """Pillow keeps the upper eight bits of them."""
    for index in range(20):
        ramp = np.repeat((RAMP * 4095).astype(">u2")[..., None], 3, axis=2)
        ramp[0, 0] = 200 * index
        data.put(f"{('even', 'odd')[index % 2]}/{index}.png", deep_png(ramp))
    return FOLDER | {"values": [0, 4095]}


def deep_png(pixels):
    """Return a PNG file of 16-bit colours (H, W, 3), which Pillow cannot write."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@read(lambda result: "prepare.values: [10, 19] would use all grey levels" in result.words)
def eight_bit_values_that_are_nearly_one_grey(data):
    for index in range(20):
        data.put(f"{'ab'[index % 2]}/{index}.png", data.rng.integers(10, 20, (16, 16)).astype(np.uint8))
    return FOLDER


# transparency


def cut_out(mode="RGBA"):
    """Return a picture with a red square on transparent black."""
    picture = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    picture.paste((200, 30, 30, 255), (4, 4, 12, 12))
    return picture.convert(mode)


def corners(result):
    return {tuple(image[:, 0, 0].tolist()) for image in result.images}


@read(lambda result: result.images.shape[1:] == (3, 16, 16) and (255, 255, 255) in corners(result))
def one_transparent_image_among_opaque_ones(data):
    data.fill()
    data.put("a/000.png", cut_out())
    return FOLDER


@read(lambda result: (10, 20, 30) in corners(result))
def transparent_image_on_a_declared_background(data):
    data.fill()
    data.put("a/000.png", cut_out())
    return FOLDER | {"background": [10, 20, 30]}


@read(lambda result: (255, 255, 255) in corners(result))
def transparent_colour_of_a_palette(data):
    data.fill()
    palette = Image.new("P", (16, 16), 0)
    palette.putpalette([1, 2, 3, 200, 30, 30])
    palette.paste(1, (4, 4, 12, 12))
    data.put("a/000.png", palette, transparency=0)
    return FOLDER


@read(lambda result: (result.images[:, :, 1:] == 255).all())
def colours_hidden_under_full_transparency(data):
    for index in range(20):
        hidden = data.noise((16, 16, 4))
        hidden[..., 3] = 0
        hidden[0, :, 3] = 255
        data.put(f"{'ab'[index % 2]}/{index}.png", hidden)
    return FOLDER


@read(lambda result: result.images.shape[1] == 4 and (0, 0, 0, 0) in corners(result))
def transparency_that_is_wanted(data):
    data.fill()
    data.put("a/000.png", cut_out())
    return FOLDER | {"channels": 4}


@read(lambda result: result.images.shape[1] == 3)
def grey_images_with_a_colour_image_at_the_end(data):
    data.fill(image=None)
    for index in range(10):
        data.put(f"a/{index:03}.png", data.noise((16, 16)))
    return FOLDER


# orientation, modes, frames


def half():
    """Return a picture whose left half is red and whose right half is blue, 16 wide and 8 high."""
    picture = Image.new("RGB", (16, 8), (0, 0, 255))
    picture.paste((255, 0, 0), (0, 0, 8, 8))
    return picture


@read(
    lambda result: (
        {(tuple(image[:, 4, 8].tolist()), tuple(image[:, 12, 8].tolist())) for image in odd(result)}
        == {((255, 0, 0), (0, 0, 255)), ((0, 0, 255), (255, 0, 0))}
    )
)
def pictures_taken_with_a_turned_camera(data):
    """Turned clockwise (6), the left side is on top; turned the other way (8), the right side is."""
    data.fill("even")
    for index, orientation in enumerate((6, 8) * 5):
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture = half()
        picture.putpixel((0, index % 8), (index, 0, 0))
        data.put(f"odd/{index}.png", picture, exif=exif)
    return FOLDER | {"size": 16}


def odd(result):
    """Return the images of the class `odd`."""
    label = result.card["classes"].index("odd")
    parts = (result.splits.pool, result.splits.val, result.splits.test)
    return [image for part in parts for image in np.asarray(part.images)[part.labels == label]]


@read(lambda result: result.counts == {"a": 10, "b": 10})
def orientation_of_an_unexpected_type(data):
    data.fill()
    content = data.put("a/000.jpg", quality=95).read_bytes()
    (data.root / "a/000.png").unlink()
    # big-endian TIFF, one entry: tag 0x0112 (orientation) of type 2 (text), 4 bytes, "x"
    tag = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\0\0\0\x04x\0\0\0\0\0\0\0"
    marker = b"\xff\xe1" + struct.pack(">H", len(tag) + 8) + b"Exif\0\0" + tag
    data.put("a/000.jpg", content[:2] + marker + content[2:])
    return FOLDER


@read(lambda result: (0, 255, 255) in corners(result))
def cyan_in_printing_colours(data):
    data.fill()
    inks = Image.merge("CMYK", [Image.new("L", (16, 16), value) for value in (255, 0, 0, 0)])
    data.put("a/000.tif", inks)
    return FOLDER


@read(lambda result: "2 files have several frames or pages" in result.words and result.counts["a"] == 12)
def files_of_several_frames(data):
    data.fill()
    frames = [Image.fromarray(data.noise()) for _ in range(3)]
    frames[0].save(data.root / "a/moves.gif", save_all=True, append_images=frames[1:])
    frames[0].save(data.root / "a/pages.tiff", save_all=True, append_images=frames[1:])
    return FOLDER


@read(lambda result: "20 images are stretched to 16×16" in result.words)
def oblong_images_made_square(data):
    data.fill(image=None)
    for index in range(20):
        data.put(f"{'ab'[index % 2]}/{index // 2:03}.png", data.noise((16, 32, 3)))
    return FOLDER | {"size": 16}


@read(lambda result: "stretched" not in result.words and result.images.shape[2:] == (16, 16))
def oblong_images_cropped(data):
    return oblong_images_made_square(data) | {"fit": "crop"}


@refused("images have 2 sizes", "set prepare.size")
def images_of_two_sizes(data):
    data.fill()
    data.put("a/000.png", data.noise((20, 16, 3)))
    return FOLDER


@refused("4000×3000 pixels; set prepare.size, to at most 256")
def photographs_without_a_size(data):
    data.fill("b")
    for index in range(3):
        data.put(f"a/{index}.png", Image.new("L", (3000, 4000)))
    return FOLDER


@refused("1×1 pixels", "1×3000 pixels")
def images_of_a_few_pixels(data):
    data.fill()
    data.put("a/dot.png", data.noise((1, 1, 3)))
    data.put("b/line.png", data.noise((1, 3000, 3)))
    return FOLDER


# damage


@refused(
    "a/000.png: empty file", "a/001.png: cannot be read as an image", "b/000.png: cannot be read", "unknown format"
)
def several_broken_files_in_one_message(data):
    data.fill(image=Image.fromarray(data.noise((64, 64, 3))))
    data.put("a/000.png", b"")
    whole = (data.root / "a/002.png").read_bytes()
    data.put("a/001.png", whole[: len(whole) // 2])
    data.put("b/000.png", b"<!DOCTYPE html><html>404</html>")
    return FOLDER | {"size": 16}


@refused("such problems")
def more_broken_files_than_a_message_lists(data):
    for index in range(30):
        data.put(f"{'ab'[index % 2]}/{index}.png", b"rubbish")
    return FOLDER


@refused("a/bomb.png: cannot be read as an image", "decompression bomb")
def a_decompression_bomb(data):
    data.fill()
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    data.put("a/bomb.png", b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + bytes(4) + end)
    return FOLDER | {"size": 16}


# files that are no images of a class


@read(
    lambda result: (
        result.counts == {"a": 10, "b": 10}
        and result.card["read"]["files_left_out"]
        == {
            "hidden": 5,
            "made by the system": 2,
            "no images (.txt)": 1,
            "no images (.db)": 1,
            "beside the class folders": 1,
        }
    )
)
def what_systems_leave_in_folders(data):
    data.fill()
    for name in (".DS_Store", "a/.DS_Store", "a/._000.png", ".ipynb_checkpoints/a/1.png", "a/.ipynb_checkpoints/2.png"):
        data.put(name, b"rubbish")
    for name in ("a/@eaDir/000.png/thumb.png", "__MACOSX/a/._1.png", "a/Thumbs.db", "a/notes.txt"):
        data.put(name, b"rubbish")
    data.put("loose.png")
    return FOLDER


@read(lambda result: result.counts == {"a": 17, "b": 10})
def less_usual_suffixes(data):
    data.fill()
    formats = {
        "jfif": "JPEG",
        "jpe": "JPEG",
        "JPG": "JPEG",
        "tga": "TGA",
        "pnm": "PPM",
        "apng": "PNG",
        "jp2": "JPEG2000",
    }
    for suffix, kind in formats.items():
        data.put(f"a/x.{suffix}", format=kind)
    return FOLDER


@refused("no image files in: cow", "1 no images (.txt)")
def a_class_without_images(data):
    data.fill()
    data.put("cow/readme.txt", b"to do")
    return FOLDER


@refused("no image files in: cow")
def an_empty_folder(data):
    data.fill()
    (data.root / "cow").mkdir()
    return FOLDER


@refused("20 of 40 files look like masks", "prepare.source.exclude")
def masks_in_folders_of_their_own(data):
    data.fill("a/images", "b/images", "a/masks", "b/masks")
    return FOLDER


@refused("10 of 30 files look like masks")
def masks_beside_the_images(data):
    data.fill()
    for index in range(10):
        data.put(f"a/{index:03}_mask.png")
    return FOLDER


@read(lambda result: result.counts == {"a": 10, "b": 10} and result.card["read"]["files_left_out"] == {"excluded": 10})
def masks_that_are_excluded(data):
    masks_beside_the_images(data)
    return FOLDER | {"source": {"name": "folder", "exclude": ["*_mask.*"]}}


@read(lambda result: result.counts == {"a": 10, "b": 10})
def images_that_are_included(data):
    masks_in_folders_of_their_own(data)
    return FOLDER | {"source": {"name": "folder", "include": ["*/images/*"]}}


@refused("expected at least two sub-folders", "found 0", "18 beside the class folders", "set prepare.source.label")
def classes_in_the_file_names(data):
    for index in range(18):
        data.put(f"{('cat', 'dog')[index % 2]}_{index}.png")
    return FOLDER


@read(lambda result: result.counts == {"a": 10, "b": 10})
def folders_one_level_too_deep(data):
    data.fill("mine/a", "mine/b")
    return FOLDER


# splits


@refused("test, train, val are splits rather than classes", "prepare.source.splits to auto")
def folders_of_splits_taken_for_classes(data):
    data.fill("train/a", "train/b", "val/a", "val/b", "test/a", "test/b")
    return FOLDER


@read(lambda result: [len(getattr(result.splits, part)) for part in ("pool", "val", "test")] == [20, 8, 12])
def folders_of_splits(data):
    data.fill("train/a", "train/b", count=10)
    data.fill("valid/a", "valid/b", count=4)
    data.fill("test/a", "test/b", count=6)
    return FOLDER | {"source": {"name": "folder", "splits": "auto"}, "val": None, "test": None}


@read(lambda result: "to use them, set prepare.val and prepare.test to null" in result.words)
def own_splits_that_are_ignored(data):
    return folders_of_splits(data) | {"val": 0.2, "test": 0.3}


@refused("cannot tell which splits the sub-folders dev, test, train, val are;", "{train: ")
def two_folders_of_one_split(data):
    data.fill("train/a", "train/b", "val/a", "val/b", "dev/a", "dev/b", "test/a", "test/b")
    return FOLDER | {"source": {"name": "folder", "splits": "auto"}}


@read(lambda result: len(result.splits.test) == 20 and result.card["read"]["files_left_out"] == {"in no split": 20})
def declared_splits(data):
    data.fill("one/a", "one/b", "two/a", "two/b", "three/a", "three/b")
    return FOLDER | {"source": {"name": "folder", "splits": {"train": "one", "test": "three"}}, "test": None}


@refused("prepare.val: null needs a source with its own validation set")
def a_validation_set_that_is_not_there(data):
    data.fill()
    return FOLDER | {"val": None}


@read(lambda result: "20 images have copies with another label" in result.words)
def the_same_images_in_two_classes(data):
    data.fill(count=20)
    for index in range(10):
        data.put(f"b/also {index}.png", (data.root / f"a/{index:03}.png").read_bytes())
    return FOLDER


def shots(data):
    """Put five shots, with other exposures, of each of eight objects in a class."""
    for name in "ab":
        for part in range(8):
            small = Image.fromarray(data.noise((5, 5, 3))).resize((32, 32))
            for shot in range(5):
                picture = np.asarray(small) * (1 - 0.1 * shot)
                data.put(f"{name}/{part} {shot}.png", picture.astype(np.uint8))
    return FOLDER


@read(
    lambda result: (
        "pairs of nearly identical images are in different splits" in result.words and len(result.splits.pairs) > 20
    )
)
def several_shots_of_an_object(data):
    return shots(data)


@read(lambda result: not len(result.splits.pairs) and sum(result.card["groups"].values()) == 16)
def several_shots_of_an_object_kept_together(data):
    return shots(data) | {"near_duplicates": "group"}


@refused("prepare.near_duplicates:", "pairs of images in different splits are nearly the same, such as", "a/", ".png")
def several_shots_of_an_object_refused(data):
    return shots(data) | {"near_duplicates": "refuse"}


# links and special files


@refused("a link to a folder, whose files DVC would not watch")
def a_class_folder_that_is_a_link(data):
    data.fill("elsewhere/c", "classes/a", "classes/b")
    (data.root / "classes/c").symlink_to(data.root / "elsewhere/c")
    return FOLDER | {"path": "classes"}


@read(lambda result: result.card["read"]["files_left_out"] == {"broken links": 1, "special files": 1})
def broken_links_and_pipes(data):
    data.fill()
    (data.root / "a/gone.png").symlink_to(data.root / "nowhere.png")
    os.mkfifo(data.root / "a/pipe.png")
    return FOLDER


@refused("not UTF-8; rename it")
def a_name_that_is_not_utf_8(data):
    data.fill()
    Path(os.fsdecode(os.fsencode(data.root) + b"/a/caf\xe9.png")).write_bytes((data.root / "a/000.png").read_bytes())
    return FOLDER


@read(lambda result: result.counts == {'<b>"x" & y': 10, "猫\n| 犬": 10} and "猫\\n| 犬 " in result.words)
def names_with_markup_and_newlines(data):
    data.fill('<b>"x" & y', "猫\n| 犬")
    return FOLDER


# archives


def packed(data, name):
    """Pack all files below the root as `name`, and return the settings that read it."""
    files = [file for file in sorted(data.root.rglob("*")) if file.is_file()]
    target = data.root / name
    if name.endswith("zip"):
        with zipfile.ZipFile(target, "w") as archive:
            for file in files:
                archive.write(file, file.relative_to(data.root))
    else:
        with tarfile.open(target, "w:" + name.rpartition(".")[2].removeprefix("tar")) as archive:
            for file in files:
                archive.add(file, file.relative_to(data.root))
    return FOLDER | {"path": name}


@read(lambda result: result.counts == {"a": 10, "b": 10})
def a_zip_archive(data):
    data.fill("top/a", "top/b")
    return packed(data, "all.zip")


@read(lambda result: result.counts == {"a": 10, "b": 10})
def a_compressed_tar_archive(data):
    data.fill()
    return packed(data, "all.tar.gz")


@refused("'../outside.png' leads out of the archive")
def an_archive_with_paths_out_of_it(data):
    data.fill()
    settings = packed(data, "all.zip")
    with zipfile.ZipFile(data.root / "all.zip", "a") as archive:
        archive.writestr("../outside.png", b"")
    return settings


@refused("'/etc/x.png' leads out of the archive")
def an_archive_with_absolute_paths(data):
    data.fill()
    settings = packed(data, "all.tar")
    with tarfile.open(data.root / "all.tar", "a") as archive:
        archive.addfile(tarfile.TarInfo("/etc/x.png"), io.BytesIO())
    return settings


@read(lambda result: result.card["read"]["files_left_out"] == {"links": 1})
def an_archive_with_a_link(data):
    data.fill()
    settings = packed(data, "all.tar")
    link = tarfile.TarInfo("a/link.png")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(data.root / "all.tar", "a") as archive:
        archive.addfile(link)
    return settings


@refused("that is too large for an image: remove it")
def an_archive_that_is_a_bomb(data):
    data.fill()
    settings = packed(data, "all.zip")
    with zipfile.ZipFile(data.root / "all.zip", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/zeros.png", bytes(2**25))
    return settings


@refused("not a readable zip or tar archive")
def a_damaged_archive(data):
    data.fill()
    settings = packed(data, "all.tar.gz")
    whole = (data.root / "all.tar.gz").read_bytes()
    data.put("all.tar.gz", whole[: len(whole) // 2])
    return settings


# tables


def table(data, *lines, name="all.csv", encoding="utf-8", images=20):
    """Put a table of these lines beside images 0.png, 1.png, … and return the settings that read it."""
    for index in range(images):
        data.put(f"{index}.png")
    (data.root / name).write_text("\n".join(lines), encoding=encoding)
    return FOLDER | {"source": {"name": "table", "file": name}}


def rows(separator=",", count=20):
    return [f"{index}.png{separator}{'ab'[index % 2]}" for index in range(count)]


@read(lambda result: result.counts == {"a": 10, "b": 10} and not result.card["read"]["files_left_out"])
def a_table_with_a_byte_order_mark(data):
    return table(data, "path,label", *rows(), encoding="utf-8-sig")


@read(lambda result: result.counts == {"a": 10, "b": 10})
def a_table_with_semicolons(data):
    return table(data, "path;label", *rows(";"))


@read(lambda result: result.counts == {'said "so"\n, twice': 10, "b": 10})
def a_table_with_quotes_and_newlines(data):
    quoted = [row.replace(",a", ',"said ""so""\n, twice"') for row in rows()]
    return table(data, "path,label", *quoted)


@read(lambda result: list(result.card["classes"]) == ["2", "10"])
def a_table_of_numbers(data):
    return table(data, "path,label", *(row.replace("a", "2").replace("b", "10") for row in rows()))


@read(lambda result: result.card["read"]["files_left_out"] == {"not in the table": 5})
def images_that_are_not_in_the_table(data):
    return table(data, "path,label", *rows(), images=25)


@refused("unknown column 'label' (did you mean 'labels'?); choose from: labels, path")
def a_table_without_the_column(data):
    return table(data, "path,labels", *rows())


@refused("unknown table 'all.csv'", "choose from: other.tsv")
def a_table_that_is_not_there(data):
    table(data, "path\tlabel", *rows("\t"), name="other.tsv")
    return FOLDER | {"source": {"name": "table", "file": "all.csv"}}


@refused("names 2 files that are not there, such as 20.png", "prepare.source.suffix")
def a_table_that_names_missing_files(data):
    return table(data, "path,label", *rows(count=22))


@refused("names 1 files that are not there, such as ../../etc/passwd")
def a_table_that_names_files_elsewhere(data):
    return table(data, "path,label", *rows(), "../../etc/passwd,a")


@refused("has 1 rows without a label, such as that of 3.png")
def a_table_with_an_empty_label(data):
    return table(data, "path,label", *(row if index != 3 else "3.png," for index, row in enumerate(rows())))


@refused("names 1 files more than once, such as 0.png")
def a_table_that_names_a_file_twice(data):
    return table(data, "path,label", *rows(), "0.png,b")


@read(lambda result: "17 images have no group" in result.words)
def a_table_with_unknown_groups(data):
    settings = table(data, "path,label,who", *(f"{row},{'p' if index < 3 else ''}" for index, row in enumerate(rows())))
    return settings | {"source": settings["source"] | {"group": "who"}}


@refused("has the split holdout, which is not among: train, val, test")
def a_table_with_an_unknown_split(data):
    settings = table(data, "path,label,part", *(f"{row},{'holdout' if row[0] == '7' else 'train'}" for row in rows()))
    return settings | {"source": settings["source"] | {"split": "part"}, "test": None}


# arrays


def archive(data, **arrays):
    np.savez(data.root / "all.npz", **{"images": data.noise((20, 16, 16)), "labels": np.arange(20) % 2, **arrays})
    return FOLDER | {"source": {"name": "npz"}, "path": "all.npz"}


@refused("all images are of one class, 0")
def one_class_only(data):
    return archive(data, labels=np.zeros(20, int))


@refused("of type float64, with values from 0 to 0.1", "prepare.values")
def images_that_are_nearly_black(data):
    return archive(data, images=np.eye(16)[None].repeat(20, axis=0) * 0.1)


@read(lambda result: "12 images have no group" in result.words and result.card["groups"]["pool"] > 1)
def groups_that_are_not_a_number(data):
    settings = archive(data, who=np.where(np.arange(20) < 12, np.nan, np.arange(20) // 2))
    return settings | {"source": {"name": "npz", "groups": "who"}}


# the test


@pytest.mark.parametrize("name", sorted(CASES))
def test_odd_input(name, tmp_path):
    make, texts, check = CASES[name]
    (tmp_path / "data").mkdir()
    settings = dict(make(Data(tmp_path / "data")))
    settings["path"] = str(tmp_path / "data" / settings.get("path", ""))
    (tmp_path / "work").mkdir()
    if check is not None:
        assert check(Result(settings, tmp_path / "work"))
        return
    with pytest.raises(InputError) as caught:
        Result(settings, tmp_path / "work")
    for text in texts:
        assert text in str(caught.value)
