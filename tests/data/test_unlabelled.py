"""Images without labels beside those of a source, from the files to the replicates' draws."""

import json

import numpy as np
import pytest
from data_forms import noise, save

from ganaug.core.errors import InputError
from ganaug.core.plugins import from_data
from ganaug.data.description import data_card, in_words
from ganaug.data.images import UNLABELLED
from ganaug.data.preparation import prepare
from ganaug.data.settings import Prepare


@pytest.fixture
def beside(tmp_path):
    """Write arrays of 40 images of two classes, and 6 image files beside them; return the arrays' images."""
    images = np.stack([noise((8, 8, 3)) for _ in range(40)])
    np.savez(tmp_path / "all.npz", images=images, labels=np.arange(40) % 2)
    for index in range(6):
        save(tmp_path / f"more/deep/{index}.png", noise((8, 8, 3)))
    (tmp_path / "more/readme.txt").write_text("found on the way", encoding="utf-8")
    return images


def settings(path, **changed):
    usual = {"source": {"name": "npz"}, "path": str(path), "labelled": "all.npz", "unlabelled": "more"}
    return from_data(Prepare, {**usual, "test": 5, "val": 5, "labelled_per_class": 4, **changed})


def prepared(tmp_path, **changed):
    chosen = settings(tmp_path, **changed)
    (tmp_path / "work").mkdir()
    drawn = prepare(chosen, 0, [0, 1], tmp_path / "work")
    return drawn, data_card(chosen, drawn.splits, drawn.draws)


def test_every_replicate_may_learn_from_them_and_none_has_them_as_labelled(beside, tmp_path):
    drawn, card = prepared(tmp_path)
    assert (len(drawn.splits.pool), len(drawn.splits.val), len(drawn.splits.test)) == (26, 10, 10)
    without = np.flatnonzero(drawn.splits.pool.labels == UNLABELLED)
    assert len(without) == 6
    for draw in drawn.draws.values():
        assert set(without) <= set(draw.unlabelled)
        assert len(draw.unlabelled) == 26 - 8
    assert drawn.splits.pool.counts == {"0": 10, "1": 10}
    assert card["without_labels"] == 6
    assert card["pool"] == {"0": 10, "1": 10}
    assert card["groups"]["pool"] == 20
    assert card["read"]["files_left_out"] == {"no images (.txt)": 1}
    assert "without labels         6" in list(in_words(card))
    json.dumps(card)


def test_copies_of_held_out_images_are_left_out_and_those_of_others_contradict_no_label(beside, tmp_path):
    for index, image in enumerate(beside):
        save(tmp_path / f"more/copies/{index}.png", image)
    drawn, card = prepared(tmp_path)
    assert (len(drawn.splits.val), len(drawn.splits.test)) == (10, 10)
    assert card["left_out"] == 20
    assert card["without_labels"] == 6 + 20
    assert card["duplicates_with_other_label"] == 0
    assert card["near_duplicates"] == 0


def test_with_groups_and_splits_of_the_source_they_belong_to_the_training_set(tmp_path):
    parts = {part: noise((8, 8, 8)) for part in ("train", "val", "test")}
    arrays = {f"{part}_images": images for part, images in parts.items()}
    arrays |= {f"{part}_labels": np.arange(8) % 2 for part in parts}
    arrays |= {f"{part}_patient": np.arange(8) + 100 * number for number, part in enumerate(parts)}
    np.savez(tmp_path / "all.npz", **arrays)
    save(tmp_path / "more/1.png", noise((8, 8)))
    source = {"name": "npz", "images": "{split}_images", "labels": "{split}_labels", "groups": "{split}_patient"}
    drawn, card = prepared(tmp_path, source=source, val=None, test=None)
    assert (len(drawn.splits.pool), len(drawn.splits.val), len(drawn.splits.test)) == (9, 8, 8)
    assert card["unknown_groups"] == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"labelled": None}, "labelled: name what holds the labelled images"),
        ({"unlabelled": "../more"}, "unlabelled: ../more is not below `path`, which DVC watches"),
        ({"labelled": "/all.npz"}, "labelled: /all.npz is not below `path`, which DVC watches"),
        ({"labelled": "none.npz"}, "none.npz: no such file or folder; correct prepare.labelled"),
        ({"unlabelled": "nothing"}, "nothing: no such folder, zip or tar archive; correct prepare.unlabelled"),
        ({"unlabelled": "empty"}, "empty: no image files; correct prepare.unlabelled"),
    ],
)
def test_places_that_cannot_be_read_are_refused(beside, tmp_path, changed, message):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Exception, match=message) as caught:
        prepared(tmp_path, **changed)
    assert isinstance(caught.value, InputError) or "InputError" in repr(caught.value.errors())
