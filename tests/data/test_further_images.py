"""Image files beside a source, unlabelled or of another domain, from the files to the replicates' draws."""

import json
from dataclasses import replace

import numpy as np
import pytest
from data_forms import noise, save

from ganaug.core.errors import InputError
from ganaug.core.plugins import from_data
from ganaug.data.description import data_card, in_words
from ganaug.data.images import UNLABELLED
from ganaug.data.preparation import prepare
from ganaug.data.settings import Prepare
from ganaug.data.sources import RawImages


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
        ({"labelled": None}, "labelled: name the file or folder below `path` that holds the labelled images"),
        ({"unlabelled": "../more"}, "unlabelled: ../more is not below `path`, which DVC watches"),
        ({"labelled": "/all.npz"}, "labelled: /all.npz is not below `path`, which DVC watches"),
        ({"labelled": "none.npz"}, "none.npz: no such file or folder; correct prepare.labelled"),
        ({"unlabelled": "nothing"}, "nothing: no such folder, zip or tar archive; correct prepare.unlabelled"),
        ({"unlabelled": "empty"}, "empty: no image files; correct prepare.unlabelled"),
        ({"other_domain": "../more"}, "other_domain: ../more is not below `path`, which DVC watches"),
        ({"other_domain": "nothing"}, "nothing: no such folder, zip or tar archive; correct prepare.other_domain"),
        ({"other_domain": "more"}, "other_domain: more is in more, which `unlabelled` reads too"),
        ({"labelled": "."}, "unlabelled: more is in ., which `labelled` reads too; move it out of there"),
        ({"other_domain": "empty"}, "empty: no image files; correct prepare.other_domain"),
    ],
)
def test_places_that_cannot_be_read_are_refused(beside, tmp_path, changed, message):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Exception, match=message) as caught:
        prepared(tmp_path, **changed)
    assert isinstance(caught.value, InputError) or "InputError" in repr(caught.value.errors())


# another domain


@pytest.fixture
def scanners(beside, tmp_path):
    """Write 12 images of another scanner in folders of both classes; return the arrays' images."""
    for index in range(12):
        save(tmp_path / f"scanner/{index % 2}/{index}.png", noise((8, 8, 3)))
    return beside


ELSEWHERE = {"unlabelled": None, "other_domain": "scanner"}


def test_images_of_another_domain_are_a_set_of_their_own_with_the_labels_of_their_folders(scanners, tmp_path):
    drawn, card = prepared(tmp_path, **ELSEWHERE)
    splits = drawn.splits
    assert [len(part) for part in (splits.pool, splits.val, splits.test, splits.other_domain)] == [20, 10, 10, 12]
    assert splits.other_domain.counts == {"0": 6, "1": 6}
    names = [splits.raw.names[number] for number in np.flatnonzero(~splits.raw.of_target_domain)]
    assert sorted(names) == sorted(str(path) for path in (tmp_path / "scanner").rglob("*.png"))
    assert card["other_domain"] == {"images": 12, "labelled": {"0": 6, "1": 6}}
    assert card["pool"] == {"0": 10, "1": 10}
    lines = list(in_words(card))
    assert "other domain        12" in lines
    assert "note: all of the 12 images of another domain have a label" in lines


def test_another_domain_does_not_change_how_the_target_domain_is_split(scanners, tmp_path):
    with_other, _ = prepared(tmp_path, **ELSEWHERE)
    (tmp_path / "work").rename(tmp_path / "first")
    without, _ = prepared(tmp_path, unlabelled=None)
    for part in ("pool", "val", "test"):
        one, other = getattr(with_other.splits, part), getattr(without.splits, part)
        np.testing.assert_array_equal(one.images, other.images)
    for replicate in (0, 1):
        np.testing.assert_array_equal(with_other.draws[replicate].train, without.draws[replicate].train)


def test_folders_without_class_names_hold_images_without_labels(scanners, tmp_path):
    (tmp_path / "scanner/0").rename(tmp_path / "scanner/summer")
    (tmp_path / "scanner/1").rename(tmp_path / "scanner/winter")
    drawn, card = prepared(tmp_path, **ELSEWHERE)
    assert (drawn.splits.other_domain.labels == UNLABELLED).all()
    assert card["other_domain"] == {"images": 12, "labelled": {"0": 0, "1": 0}}
    assert "note: none of the 12 images of another domain have a label" in list(in_words(card))


def test_folders_of_which_only_some_are_classes_are_refused(scanners, tmp_path):
    (tmp_path / "scanner/1").rename(tmp_path / "scanner/one")
    with pytest.raises(
        InputError, match="6 of 12 images of the other domain are in no folder with the name of a class"
    ):
        prepared(tmp_path, **ELSEWHERE)


def test_copies_of_held_out_images_in_another_domain_are_left_out(scanners, tmp_path):
    for index, image in enumerate(scanners):
        save(tmp_path / f"scanner/0/copy{index}.png", image)
    drawn, card = prepared(tmp_path, **ELSEWHERE)
    assert (len(drawn.splits.val), len(drawn.splits.test)) == (10, 10)
    assert len(drawn.splits.other_domain) == 12 + 20
    assert card["left_out"] == 20


def table(path, rows, **options):
    """Write images, and a table with a domain and a patient for each; return the section `prepare` that reads it."""
    lines = ["path,label,machine,patient,part"]
    for index, (label, machine, patient, part) in enumerate(rows):
        save(path / f"{index}.png", noise((8, 8)))
        lines.append(f"{index}.png,{label},{machine},{patient},{part}")
    (path / "all.csv").write_text("\n".join(lines), encoding="utf-8")
    source = {"name": "table", "file": "all.csv", "domain": "machine", "target": "new", "group": "patient", **options}
    plain = {"source": source, "path": str(path), "test": 3, "val": 3, "labelled_per_class": "all"}
    return from_data(Prepare, plain)


def split_of(chosen, path):
    (path / "work").mkdir()
    return prepare(chosen, 0, [0], path / "work").splits


def test_a_table_may_name_the_domain_of_each_image_and_patients_stay_on_one_side(tmp_path):
    # each patient was seen by both machines
    rows = [("ab"[patient % 2], machine, patient, "") for patient in range(20) for machine in ("new", "old")]
    splits = split_of(table(tmp_path, rows), tmp_path)
    assert [len(part) for part in (splits.pool, splits.val, splits.test, splits.other_domain)] == [8, 6, 6, 8]
    assert set(splits.other_domain.group_ids) == set(splits.pool.group_ids)
    assert set(splits.other_domain.labels) == {0, 1}


@pytest.mark.parametrize(("labelled", "counts"), [(0, {"a": 0, "b": 0}), (6, {"a": 3, "b": 3})])
def test_rows_of_another_domain_need_no_label(tmp_path, labelled, counts):
    rows = [("ab"[number % 2], "new", number, "") for number in range(20)]
    rows += [("ab"[number % 2] if number < labelled else "", "old", 20 + number, "") for number in range(10)]
    splits = split_of(table(tmp_path, rows), tmp_path)
    assert (len(splits.pool), len(splits.other_domain), splits.other_domain.counts) == (8, 10, counts)
    assert splits.whole.classes == ("a", "b")


@pytest.mark.parametrize("options", [{}, {"domain": None, "target": None}])
def test_rows_of_the_domain_to_classify_need_a_label(tmp_path, options):
    rows = [("ab"[number % 2], "new", number, "") for number in range(20)] + [("", "new", 20, ""), ("", "new", 21, "")]
    with pytest.raises(InputError, match=r"all.csv has 2 rows without a label, such as that of 20\.png; fill them in"):
        split_of(table(tmp_path, rows, **options), tmp_path)


@pytest.mark.parametrize(("own", "tested", "other"), [(True, 10, 4), (False, 6, 14)])
def test_images_of_another_domain_in_the_own_test_set_are_neither_test_images_nor_trained_on(
    tmp_path, own, tested, other
):
    rows = [("ab"[number % 2], ("new", "old")[number // 10], number, "test") for number in range(20)]
    rows += [("ab"[number % 2], "new", 20 + number, "train") for number in range(20)]
    rows += [("ab"[number % 2], "old", 40 + number, "train") for number in range(4)]
    chosen = table(tmp_path, rows, split="part")
    splits = split_of(replace(chosen, test=None) if own else chosen, tmp_path)
    assert (len(splits.test), len(splits.other_domain)) == (tested, other)


def shots(path, near_duplicates):
    """Return the splits of 30 objects, each seen by two machines with nearly the same result."""
    rows = [("ab"[number % 2], machine, number, "") for number in range(30) for machine in ("new", "old")]
    chosen = replace(table(path, rows), near_duplicates=near_duplicates)
    for number in range(30):
        shot = noise((4, 4)).repeat(4, 0).repeat(4, 1) // 2
        save(path / f"{2 * number}.png", shot)
        save(path / f"{2 * number + 1}.png", shot + 1)
    return split_of(chosen, path)


def test_near_duplicates_in_the_pool_and_another_domain_are_no_reason_to_worry(tmp_path):
    splits = shots(tmp_path, "refuse")
    assert (len(splits.pool), len(splits.other_domain), len(splits.pairs)) == (18, 18, 0)


def test_a_class_of_another_domain_only_is_refused(tmp_path):
    rows = [("ab"[number % 2], "new", number, "") for number in range(20)] + [("c", "old", 20, "")]
    with pytest.raises(InputError, match="all images of class 'c' are of another domain; add images of the domain"):
        split_of(table(tmp_path, rows), tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "newer"}, "prepare.source.target: unknown domain 'newer' (did you mean 'new'?)"),
        ({"domain": "scanner"}, "unknown column 'scanner'"),
    ],
)
def test_a_domain_that_is_not_in_the_table_is_refused(tmp_path, options, message):
    with pytest.raises(InputError) as caught:
        split_of(table(tmp_path, [("a", "new", 1, ""), ("b", "old", 2, "")], **options), tmp_path)
    assert message in str(caught.value)


def test_a_domain_without_a_target_is_refused(tmp_path):
    with pytest.raises(Exception, match="domain, target: set both, or none"):
        table(tmp_path, [("a", "new", 1, "")], target=None)


def test_a_source_with_nothing_of_the_target_domain_is_refused():
    raw = {"images": [noise((8, 8))] * 2, "labels": np.array([0, 1]), "classes": ("a", "b"), "names": ["1", "2"]}
    with pytest.raises(InputError, match="all images are of another domain"):
        RawImages(**raw, other_domain=np.ones(2, dtype=bool))
