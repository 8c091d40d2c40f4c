"""Descriptions of images, from a table to the attributes of prepared sets."""

import numpy as np
import pytest
from data_forms import noise, save

from ganaug.core.errors import InputError
from ganaug.core.plugins import from_data
from ganaug.data.description import data_card, in_words
from ganaug.data.images import LabelledImages
from ganaug.data.preparation import prepare
from ganaug.data.settings import Prepare

SIDES = ("left", "right")


@pytest.fixture
def drawings(tmp_path):
    """Write 40 images and a table with two columns that describe them."""
    lines = ["path,label,side,size,note,blank"]
    for index in range(40):
        save(tmp_path / f"{index}.png", noise((8, 8)))
        lines.append(
            f"{index}.png,{'ab'[index % 2]},{SIDES[index // 2 % 2]},{index / 40},a {SIDES[index // 2 % 2]} one"
        )
    (tmp_path / "all.csv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def prepared(folder, description, describer, **more):
    source = {"name": "table", "file": "all.csv", "description": description} | more
    plain = {"source": source, "path": str(folder), "test": 5, "val": 5, "labelled_per_class": 4}
    chosen = from_data(Prepare, plain | {"describer": describer})
    (folder / "work").mkdir(exist_ok=True)
    drawn = prepare(chosen, 0, [0], folder / "work")
    return drawn, data_card(chosen, drawn.splits, drawn.draws)


def test_words_of_a_column_become_attributes(drawings):
    drawn, card = prepared(drawings, "note", {"name": "bag_of_words"})
    whole = drawn.splits.whole
    assert whole.attribute_names == ("left", "one", "right")
    expected = [[index // 2 % 2 == 0, 1, index // 2 % 2 == 1] for index in range(40)]
    np.testing.assert_array_equal(whole.attributes, np.array(expected, dtype=np.float32))
    assert card["attributes"] == ["left", "one", "right"]
    assert "note: images are described by 3 attributes: left, one, right" in list(in_words(card))


def test_several_columns_become_attributes_with_values(drawings):
    drawn, _ = prepared(drawings, ["side", "size"], {"name": "attributes"})
    whole = drawn.splits.whole
    assert whole.attribute_names == ("side=left", "side=right", "size")
    np.testing.assert_allclose(whole.attributes[6], [0, 1, 6 / 40])
    assert drawn.splits.pool.attributes.shape == (20, 3)


def test_a_comma_within_a_value_begins_no_other_attribute(tmp_path):
    lines = ["path,label,place"]
    for index in range(40):
        save(tmp_path / f"{index}.png", noise((8, 8)))
        lines.append(f'{index}.png,{"ab"[index % 2]},"left, upper"')
    (tmp_path / "all.csv").write_text("\n".join(lines), encoding="utf-8")
    drawn, _ = prepared(tmp_path, ["place"], {"name": "attributes"})
    assert drawn.splits.whole.attribute_names == ("place=left; upper",)


def test_a_word_that_no_training_image_has_is_no_attribute(drawings):
    drawn, _ = prepared(drawings, "note", None)
    held_out = {drawn.splits.raw.names[number] for number in range(40)} - {
        drawn.splits.raw.names[number]
        for number in np.flatnonzero([_in(drawn.splits.pool, image) for image in np.asarray(drawn.splits.whole.images)])
    }
    lines = (drawings / "all.csv").read_text(encoding="utf-8").splitlines()
    changed = [line[:-1] + " rare," if str(drawings / line.split(",")[0]) in held_out else line for line in lines]
    assert sum(line.endswith(" rare,") for line in changed) == 20
    (drawings / "all.csv").write_text("\n".join(changed), encoding="utf-8")
    drawn, _ = prepared(drawings, "note", {"name": "bag_of_words"})
    assert drawn.splits.whole.attribute_names == ("left", "one", "right")


def _in(images, image):
    return any((image == other).all() for other in np.asarray(images.images))


def test_attributes_survive_subsets_and_files(drawings, tmp_path):
    pool = prepared(drawings, "note", {"name": "bag_of_words"})[0].splits.pool
    few = pool.subset([3, 1])
    np.testing.assert_array_equal(few.attributes, pool.attributes[[3, 1]])
    few.save(tmp_path / "few")
    again = LabelledImages.load(tmp_path / "few")
    np.testing.assert_array_equal(again.attributes, few.attributes)
    assert again.describer == {"name": "bag_of_words", "min_texts": 2, "max_words": 200}
    assert again.attribute_names == pool.attribute_names
    more = few.with_images(few)
    np.testing.assert_array_equal(more.attributes, [*few.attributes, [0, 0, 0], [0, 0, 0]])


def test_without_a_describer_nothing_is_described(drawings, tmp_path):
    drawn, card = prepared(drawings, "note", None)
    assert drawn.splits.pool.attributes is None
    assert drawn.splits.pool.described.shape == (20, 0)
    assert card["attributes"] == []
    drawn.splits.pool.save(tmp_path / "pool")
    assert not (tmp_path / "pool/attributes.npy").exists()


def test_a_describer_needs_descriptions(drawings):
    with pytest.raises(InputError, match="describer: this source has no descriptions"):
        prepared(drawings, None, {"name": "bag_of_words"})
    with pytest.raises(InputError, match="describer: no text has the form name=value"):
        prepared(drawings, "blank", {"name": "attributes"})


def test_attributes_must_fit_the_images():
    images = np.zeros((2, 1, 8, 8), np.uint8)
    for attributes in (np.zeros((3, 1), np.float32), np.zeros((2, 1)), np.zeros((2, 2), np.float32)):
        with pytest.raises(InputError, match="attributes must be float32 of shape"):
            LabelledImages(images, np.array([0, 1]), ("a", "b"), attributes=attributes, attribute_names=("thin",))
