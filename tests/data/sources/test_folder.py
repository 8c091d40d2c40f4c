"""A folder of image files: every kind of file, and what a user is told of a wrong one."""

import numpy as np
import pytest
from PIL import Image

from ganaug.core.errors import InputError
from ganaug.data.sources.folder import Folder

GREY = np.arange(0, 240, 20, dtype=np.uint8).reshape(3, 4)
COLOUR = np.stack([GREY, 255 - GREY, GREY // 2], axis=2)
ALPHA = np.full((3, 4), 77, np.uint8)


@pytest.fixture
def put(tmp_path):
    """Return a function that saves a picture in a class folder and returns its path."""

    def put(name, picture=None):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (picture or Image.fromarray(GREY)).save(path)
        return path

    return put


def only(tmp_path, **options):
    """Return the first image of the folder."""
    return next(iter(Folder(**options).load(tmp_path).images))


def told(tmp_path, **options):
    """Return what the user is told on loading and reading the folder."""
    with pytest.raises(InputError) as caught:
        list(Folder(**options).load(tmp_path).images)
    return str(caught.value)


def test_subfolders_are_the_classes_in_order_and_their_files_the_images(put, tmp_path):
    files = [put("cat/2.png"), put("cat/deep/er/1.jpg"), put("dog/1.PNG"), put("dog/2.webp")]
    raw = Folder().load(tmp_path)
    assert raw.classes == ("cat", "dog")
    assert raw.labels.tolist() == [0, 0, 1, 1]
    assert raw.names == [str(file) for file in files]
    assert (raw.groups, raw.test) == (None, None)


def test_hidden_files_and_other_types_are_left_alone(put, tmp_path):
    files = [put("cat/1.png"), put("dog/1.png")]
    put("cat/.1.png")
    put(".cache/1.png")
    put("loose.png")
    (tmp_path / "cat" / "notes.txt").write_text("not a picture", encoding="utf-8")
    (tmp_path / "dog" / "folder.png").mkdir()
    assert Folder().load(tmp_path).names == [str(file) for file in files]


def rgb(grey):
    return np.repeat(grey[..., None], 3, axis=2)


@pytest.mark.parametrize(
    ("mode", "picture", "expected"),
    [
        ("1", Image.fromarray(GREY > 100), np.where(GREY > 100, 255, 0)[..., None]),
        ("L", Image.fromarray(GREY), GREY[..., None]),
        ("LA", Image.fromarray(np.dstack([GREY, ALPHA])), np.dstack([GREY, ALPHA])),
        ("P", Image.fromarray(GREY).convert("P"), rgb(GREY)),
        ("RGB", Image.fromarray(COLOUR), COLOUR),
        ("RGBA", Image.fromarray(np.dstack([COLOUR, ALPHA])), np.dstack([COLOUR, ALPHA])),
        # 16-bit grey: the upper byte; 256 · 20 = 5120 is 20 of 255
        ("I;16", Image.fromarray(GREY.astype(np.uint16) * 256 + 255), GREY[..., None]),
    ],
)
def test_every_mode_is_read_exactly(put, tmp_path, mode, picture, expected):
    path = put("a/1.png", picture)
    put("b/1.png")
    assert Image.open(path).mode == mode
    read = only(tmp_path)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, expected)


def test_cmyk_is_read_as_rgb(put, tmp_path):
    # cyan at 255 takes all red away, no ink leaves white
    picture = Image.merge("CMYK", [Image.new("L", (4, 3), value) for value in (255, 0, 0, 0)])
    assert Image.open(put("a/1.tif", picture)).mode == "CMYK"
    put("b/1.png")
    np.testing.assert_array_equal(only(tmp_path), np.full((3, 4, 3), (0, 255, 255)))


def test_palette_of_colours_is_read_as_its_colours(put, tmp_path):
    picture = Image.new("P", (4, 3), 1)
    picture.putpalette([0, 0, 0, 10, 20, 30])
    put("a/1.gif", picture)
    put("b/1.png")
    np.testing.assert_array_equal(only(tmp_path), np.full((3, 4, 3), (10, 20, 30)))


def test_photographs_are_turned_upright(put, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side: turn right by 90° to see it upright
    picture = Image.fromarray(GREY)
    path = put("a/1.png", picture)
    picture.save(path, exif=exif)
    put("b/1.png")
    np.testing.assert_array_equal(only(tmp_path)[..., 0], np.rot90(GREY, -1))


def test_images_are_read_when_they_are_wanted(put, tmp_path):
    put("a/1.png")
    put("b/1.png").write_bytes(b"")
    images = iter(Folder().load(tmp_path).images)
    assert next(images).shape == (3, 4, 1)
    with pytest.raises(InputError):
        next(images)


# groups


def test_group_is_found_in_the_path_below_the_class(put, tmp_path):
    put("cat/p1/x.png"), put("cat/p2/x.png"), put("dog/p1/y.png")
    assert Folder(group=r"^(p\d)/").load(tmp_path).groups.tolist() == ["p1", "p2", "p1"]


def test_group_that_does_not_match_names_a_file_and_how_many(put, tmp_path):
    put("cat/p1_x.png")
    stray = put("cat/q1_x.png")
    put("dog/q1_x.png")
    assert told(tmp_path, group=r"^(p\d)_") == (
        r"prepare.source.group: ^(p\d)_ matches nothing in the path below the class folder of 2 of 3 files, "
        f"as {stray}; mend the expression, or rename the files"
    )


def test_group_that_is_optional_and_absent_is_told(put, tmp_path):
    put("cat/p1_x.png"), put("dog/x.png")
    assert "of 1 of 2 files" in told(tmp_path, group=r"^(p\d_)?")


def test_group_without_parentheses_is_told():
    for group in ("p1", ""):
        with pytest.raises(InputError, match=rf"^group: {group} needs a \(group\) in parentheses$"):
            Folder(group=group)


def test_group_that_is_no_regular_expression_is_told():
    with pytest.raises(InputError, match=r"^group: \(p is no regular expression: "):
        Folder(group="(p")


# what can be wrong


def test_missing_folder_is_named_with_the_remedy(tmp_path):
    assert told(tmp_path / "nowhere").startswith(f"{tmp_path / 'nowhere'}: no such folder; name in prepare.path")


def test_file_in_place_of_the_folder_is_named(put, tmp_path):
    assert told(put("1.png")).startswith(f"{tmp_path / '1.png'}: no such folder")


def test_empty_folder_says_what_is_expected(tmp_path):
    message = told(tmp_path)
    assert message.startswith(f"{tmp_path}: expected at least two sub-folders, one a class, each with image files")
    assert ".png" in message
    assert message.endswith("found 0 sub-folder(s)")


def test_one_class_is_not_enough(put, tmp_path):
    put("cat/1.png")
    assert told(tmp_path).endswith("found 1 sub-folder(s)")


def test_class_without_images_is_named(put, tmp_path):
    put("cat/1.png"), put("dog/1.png")
    (tmp_path / "cow").mkdir()
    assert told(tmp_path).endswith(f"no image file in: {tmp_path / 'cow'}")


def test_empty_file_is_named_with_the_remedy(put, tmp_path):
    path = put("cat/1.png")
    put("dog/1.png")
    path.write_bytes(b"")
    assert told(tmp_path) == f"{path}: is empty (0 bytes); mend or remove the file"


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "gif", "bmp"])
def test_cut_off_file_is_named_with_the_remedy(put, tmp_path, suffix):
    path = put(f"cat/1.{suffix}", Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)))
    put("dog/1.png")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    message = told(tmp_path)
    assert message.startswith(f"{path}: cannot be read as an image (")
    assert message.endswith("; mend or remove the file")


def test_text_called_an_image_is_named(put, tmp_path):
    path = put("cat/1.png")
    put("dog/1.png")
    path.write_text("<html>404</html>", encoding="utf-8")
    assert told(tmp_path).startswith(f"{path}: cannot be read as an image (")
