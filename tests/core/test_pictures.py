"""Grids and animations, pixel by pixel."""

import numpy as np
import pytest
from PIL import Image

from ganaug.core.pictures import animation, contact_sheet, grid, side_by_side


def flat(*values, channels=1, size=2):
    """Return one image (C, size, size) for each value."""
    return np.array(values, np.uint8)[:, None, None, None] * np.ones((1, channels, size, size), np.uint8)


def test_grid_lays_out_row_by_row_with_white_gaps():
    picture = grid(flat(10, 20, 30), columns=2, min_width=1)
    np.testing.assert_array_equal(
        np.asarray(picture),
        [
            [255, 255, 255, 255, 255, 255, 255],
            [255, 10, 10, 255, 20, 20, 255],
            [255, 10, 10, 255, 20, 20, 255],
            [255, 255, 255, 255, 255, 255, 255],
            [255, 30, 30, 255, 255, 255, 255],
            [255, 30, 30, 255, 255, 255, 255],
            [255, 255, 255, 255, 255, 255, 255],
        ],
    )


def test_grid_does_not_flip_images():
    image = np.arange(6, dtype=np.uint8).reshape(1, 1, 2, 3)
    np.testing.assert_array_equal(np.asarray(grid(image, 1, min_width=1, gap=0)), image[0, 0])


def test_grid_is_enlarged_by_an_integer_factor():
    # 7 pixels wide: the smallest multiple that reaches 480 is 69 × 7 = 483
    small, large = grid(flat(10, 20, 30), 2, min_width=1), grid(flat(10, 20, 30), 2)
    assert large.size == (483, 483)
    np.testing.assert_array_equal(np.asarray(large), np.kron(np.asarray(small), np.ones((69, 69), np.uint8)))


def test_wide_grid_is_not_shrunk():
    assert grid(flat(1, size=500), 1).width == 502


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")])
def test_grid_keeps_channels(channels, mode):
    assert grid(flat(10, 20, channels=channels), 2).mode == mode


def test_contact_sheet_has_one_row_per_class_and_grey_for_missing_images():
    images, labels = flat(1, 2, 3, 4, size=480), np.array([1, 0, 1, 1])
    sheet = np.asarray(contact_sheet(images, labels, classes=3, columns=2))
    centres = sheet[240::481, 240::481]  # images are 480 pixels wide, with 1-pixel gaps
    np.testing.assert_array_equal(centres, [[2, 128], [1, 3], [128, 128]])


def test_contact_sheet_shows_a_counterpart_above_each_image():
    images, above, labels = flat(1, 2, 3, size=480), flat(11, 12, 13, size=480), np.array([1, 0, 1])
    sheet = np.asarray(contact_sheet(images, labels, classes=2, columns=2, above=above))
    np.testing.assert_array_equal(sheet[240::481, 240::481], [[12, 128], [2, 128], [11, 13], [1, 3]])


def frames(folder, *greys):
    paths = [folder / f"{index}.png" for index in range(len(greys))]
    for path, grey in zip(paths, greys, strict=True):
        Image.new("L", (6, 4), grey).save(path)
    return paths


def test_animation_shows_all_frames_in_order_and_pauses_on_the_last(tmp_path):
    animation(frames(tmp_path, 0, 100, 200), tmp_path / "run.gif", seconds=6.0)
    greys, durations = [], []
    with Image.open(tmp_path / "run.gif") as gif:
        assert gif.info["loop"] == 0  # loops forever
        for index in range(gif.n_frames):
            gif.seek(index)
            durations.append(gif.info["duration"])
            greys.append(gif.convert("RGB").getpixel((3, 2))[0])
    assert greys == pytest.approx([0, 100, 200], abs=3)  # a GIF has 256 colours
    assert durations == [2000, 2000, 8000]  # 6 s for three frames, the last four times as long


def test_animation_has_a_minimum_frame_duration(tmp_path):
    animation(frames(tmp_path, 0, 100, 200), tmp_path / "run.gif", seconds=0.01)
    with Image.open(tmp_path / "run.gif") as gif:
        assert gif.info["duration"] == 40


def test_animation_of_a_single_frame(tmp_path):
    animation(frames(tmp_path, 100), tmp_path / "run.gif")
    with Image.open(tmp_path / "run.gif") as gif:
        assert gif.size == (6, 4)


def test_pairs_are_side_by_side_with_wider_gaps_between_pairs():
    picture = side_by_side(flat(1, 2, 3, size=200), flat(4, 5, 6, size=200), columns=2)
    assert picture.size == (2 * (401 + 4) + 4, 2 * (200 + 4) + 4)
    sheet = np.asarray(picture)
    np.testing.assert_array_equal(sheet[100::204, [100, 300, 505, 705]], [[1, 4, 2, 5], [3, 6, 255, 255]])
    assert (sheet[4:204, 204] == 255).all()  # the separator within a pair
    assert (sheet[4:204, [203, 205]] == [1, 4]).all()


def test_pairs_keep_their_colours():
    red, blue = flat(0, channels=3), flat(0, channels=3)
    red[:, 0], blue[:, 2] = 200, 100
    picture = side_by_side(red, blue, columns=1)
    width, height = picture.size
    assert picture.getpixel((width // 3, height // 2)) == (200, 0, 0)
    assert picture.getpixel((2 * width // 3, height // 2)) == (0, 0, 100)
