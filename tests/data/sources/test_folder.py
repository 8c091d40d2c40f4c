"""The folder source: image modes, groups, and error messages for unreadable files."""

import numpy as np
import pytest
from PIL import Image

from ganaug.core.errors import InputError
from ganaug.data.image_files import decode
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


def first_image(tmp_path, **options):
    """Return the pixels of the folder's first image."""
    return decode(next(iter(Folder(**options).load(tmp_path).images))).pixels


def load_error(tmp_path, **options):
    """Return the error message on loading the folder and reading its images."""
    with pytest.raises(InputError) as caught:
        list(map(decode, Folder(**options).load(tmp_path).images))
    return str(caught.value)


def test_subfolders_are_the_classes_and_their_files_the_images(put, tmp_path):
    files = [put("cat/2.png"), put("cat/deep/er/1.jpg"), put("dog/1.PNG"), put("dog/2.webp")]
    raw = Folder().load(tmp_path)
    assert raw.classes == ("cat", "dog")
    assert raw.labels.tolist() == [0, 0, 1, 1]
    assert raw.names == [str(file) for file in files]
    assert (raw.groups, raw.splits) == (None, None)


def test_hidden_files_and_other_types_are_ignored(put, tmp_path):
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
    ],
)
def test_every_mode_is_read_exactly(put, tmp_path, mode, picture, expected):
    path = put("a/1.png", picture)
    put("b/1.png")
    assert Image.open(path).mode == mode
    read = first_image(tmp_path)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, expected)


def test_cmyk_is_read_as_rgb(put, tmp_path):
    # full cyan removes all red; no ink is white
    picture = Image.merge("CMYK", [Image.new("L", (4, 3), value) for value in (255, 0, 0, 0)])
    assert Image.open(put("a/1.tif", picture)).mode == "CMYK"
    put("b/1.png")
    np.testing.assert_array_equal(first_image(tmp_path), np.full((3, 4, 3), (0, 255, 255)))


def test_colour_palette_is_applied(put, tmp_path):
    picture = Image.new("P", (4, 3), 1)
    picture.putpalette([0, 0, 0, 10, 20, 30])
    put("a/1.gif", picture)
    put("b/1.png")
    np.testing.assert_array_equal(first_image(tmp_path), np.full((3, 4, 3), (10, 20, 30)))


def test_exif_orientation_is_applied(put, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # taken sideways: rotate by 90° clockwise
    picture = Image.fromarray(GREY)
    path = put("a/1.png", picture)
    picture.save(path, exif=exif)
    put("b/1.png")
    np.testing.assert_array_equal(first_image(tmp_path)[..., 0], np.rot90(GREY, -1))


def test_images_are_decoded_on_use(put, tmp_path):
    put("a/1.png")
    put("b/1.png").write_bytes(b"")
    first, second = Folder().load(tmp_path).images
    assert decode(first).pixels.shape == (3, 4, 1)
    with pytest.raises(InputError):
        decode(second)


# groups


def test_group_is_searched_in_the_path_below_the_class_folder(put, tmp_path):
    put("cat/p1/x.png"), put("cat/p2/x.png"), put("dog/p1/y.png")
    assert Folder(group=r"^(p\d)/").load(tmp_path).groups.tolist() == ["p1", "p2", "p1"]


def test_files_without_a_group_are_counted_and_an_example_named(put, tmp_path):
    put("cat/p1_x.png")
    stray = put("cat/q1_x.png")
    put("dog/q1_x.png")
    assert load_error(tmp_path, group=r"^(p\d)_") == (
        r"prepare.source.group: ^(p\d)_ finds no group in the paths of 2 of 3 files, "
        f"such as {stray}; fix the expression, or rename or remove the files"
    )


def test_optional_group_that_is_absent_is_reported(put, tmp_path):
    put("cat/p1_x.png"), put("dog/x.png")
    assert "of 1 of 2 files" in load_error(tmp_path, group=r"^(p\d_)?")


def test_group_without_parentheses_is_rejected():
    for group in ("p1", ""):
        with pytest.raises(
            InputError, match=rf"^group: {group} needs parentheses around the part that names the group$"
        ):
            Folder(group=group)


def test_invalid_regular_expression_is_rejected():
    with pytest.raises(InputError, match=r"^group: \(p is not a valid regular expression \("):
        Folder(group="(p")


# error messages


def test_missing_folder_is_reported_with_the_remedy(tmp_path):
    assert load_error(tmp_path / "nowhere").startswith(
        f"{tmp_path / 'nowhere'}: no such folder, zip or tar archive; correct prepare.path"
    )


def test_file_instead_of_a_folder_is_reported(put, tmp_path):
    assert load_error(put("1.png")).startswith(f"{tmp_path / '1.png'}: no such folder")


def test_empty_folder_is_reported_with_what_is_expected(tmp_path):
    message = load_error(tmp_path)
    assert message.startswith(f"{tmp_path}: expected at least two sub-folders, one per class, each with image files")
    assert ".png" in message
    assert "found 0" in message


def test_single_class_is_rejected(put, tmp_path):
    put("cat/1.png")
    assert load_error(tmp_path).endswith("found 1")


def test_class_without_images_is_reported(put, tmp_path):
    put("cat/1.png"), put("dog/1.png")
    (tmp_path / "cow").mkdir()
    assert "no image files in: cow" in load_error(tmp_path)


def test_empty_file_is_reported_with_the_remedy(put, tmp_path):
    path = put("cat/1.png")
    put("dog/1.png")
    path.write_bytes(b"")
    assert load_error(tmp_path) == f"{path}: empty file; fix or remove it"


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "gif", "bmp"])
def test_truncated_file_is_reported_with_the_remedy(put, tmp_path, suffix):
    path = put(f"cat/1.{suffix}", Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)))
    put("dog/1.png")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    message = load_error(tmp_path)
    assert message.startswith(f"{path}: cannot be read as an image (")
    assert message.endswith("; fix or remove it")


def test_text_file_with_an_image_suffix_is_reported(put, tmp_path):
    path = put("cat/1.png")
    put("dog/1.png")
    path.write_text("<html>404</html>", encoding="utf-8")
    assert load_error(tmp_path).startswith(f"{path}: cannot be read as an image (")


def test_the_class_can_be_in_the_file_names(put, tmp_path):
    for name in ("train/cat_1.png", "train/dog_1.png", "test/old/dog_2.png"):
        put(name)
    raw = Folder(label="([a-z]+)_", group="_(.)", splits="auto").load(tmp_path)
    assert raw.classes == ("cat", "dog")
    assert [name.rpartition("/")[2] for name in raw.names] == ["dog_2.png", "cat_1.png", "dog_1.png"]
    assert raw.labels.tolist() == [1, 0, 1]
    assert raw.splits.tolist() == ["test", "train", "train"]
    assert raw.groups.tolist() == ["2", "1", "1"]
    put("train/other.png")
    assert "prepare.source.label: ([a-z]+)_ finds no class in the paths of 1 of 4" in load_error(
        tmp_path, label="([a-z]+)_", splits="auto"
    )
