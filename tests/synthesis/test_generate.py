"""The synthetic set of one generator: candidates, selection and the files written."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from untrained import untrained_gan

from ganaug.core.errors import InputError
from ganaug.core.plugins import available, build
from ganaug.core.weights import ModelSpec
from ganaug.data.images import LabelledImages
from ganaug.gan.networks import Shape
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.store import load_discriminator, load_generator, save_discriminator, save_generator
from ganaug.synthesis.generate import Candidates, Output, draw, generate
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.selection import score_candidates

SET = ["card.json", "images.npy", "labels.npy"]
REPORT = ["contact.png", "samples.csv", "selection.json"]


def wanted(**changes: Any) -> Generate:
    return Generate(**{"per_class": 20, "policy": {"name": "none"}} | changes)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return untrained_gan(tmp_path_factory.mktemp("gan"))


def output(folder: Path) -> Output:
    return Output(folder, folder.parent / f"report {folder.name}")


@pytest.fixture(scope="module")
def plain(sources, tmp_path_factory):
    """Return the set made with the plainest settings, and its folder."""
    folder = tmp_path_factory.mktemp("plain") / "3"
    return generate(wanted(), sources, 5, output(folder)), folder


def rows(folder) -> list[dict[str, str]]:
    with (output(folder).report / "samples.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def content(folder) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_each_class_has_the_requested_number_of_images(plain):
    synthetic, folder = plain
    assert synthetic.shape == (3, 9, 8)
    assert synthetic.counts == {"a": 20, "b": 20, "c": 20}
    loaded = LabelledImages.load(folder)
    np.testing.assert_array_equal(loaded.images, synthetic.images)
    np.testing.assert_array_equal(loaded.labels, synthetic.labels)
    assert sorted(content(folder)) == SET
    assert sorted(content(output(folder).report)) == REPORT
    with Image.open(output(folder).report / "contact.png") as picture:
        assert picture.width >= 480


def test_without_a_choice_the_images_are_the_generators_first_ones(sources, plain):
    labels = np.repeat([0, 1, 2], 20)
    generator, _ = load_generator(sources.gan)
    images = np.concatenate(list(sample(generator, labels, image_seeds(5, 60))))
    expected = io.BytesIO()
    np.save(expected, images)
    assert (plain[1] / "images.npy").read_bytes() == expected.getvalue()


def test_every_image_can_be_made_again_from_its_row(sources, tmp_path):
    synthetic = generate(
        wanted(candidates_per_image=2.0, policy={"name": "random"}), sources, 5, output(tmp_path / "out")
    )
    kept = [row for row in rows(tmp_path / "out") if row["kept"]]
    assert [int(row["kept"]) for row in kept] == list(range(60))
    labels, seeds = (np.array([int(row[name]) for row in kept]) for name in ("label", "seed"))
    np.testing.assert_array_equal(labels, synthetic.labels)
    generator, _ = load_generator(sources.gan)
    np.testing.assert_array_equal(np.concatenate(list(sample(generator, labels, seeds))), synthetic.images)


def test_every_translated_image_can_be_made_again_from_its_row(sources, tmp_path, painter):
    network, shape = build("gan.networks", painter), Shape(3, 9, 8)
    save_generator(tmp_path / "gan", network.generator(shape, 3), ModelSpec(network, shape, ("a", "b", "c")))
    save_discriminator(tmp_path / "gan", network.discriminator(shape, 3))
    settings = wanted(candidates_per_image=2.0, policy={"name": "random"})
    translated = generate(settings, sources._replace(gan=tmp_path / "gan"), 5, output(tmp_path / "out"))
    found = rows(tmp_path / "out")
    # the 40 candidates of each class go through the 16 training images of the other two
    for label in range(3):
        used = np.bincount([int(row["source"]) for row in found if row["label"] == str(label)], minlength=24)
        of_others = sources.train.labels != label
        assert used[~of_others].tolist() == [0] * 8
        assert sorted(used[of_others]) == [2] * 8 + [3] * 8
    kept = [row for row in found if row["kept"]]
    labels, seeds, origins = (np.array([int(row[name]) for row in kept]) for name in ("label", "seed", "source"))
    generator, _ = load_generator(tmp_path / "gan")
    again, others = (
        np.concatenate(list(sample(generator, labels, seeds, sources=sources.train.images[places])))
        for places in (origins, (origins + 1) % 24)
    )
    np.testing.assert_array_equal(again, translated.images)
    np.testing.assert_array_equal(origins, np.load(output(tmp_path / "out").images / "sources.npy"))
    assert (again != others).any((1, 2, 3)).all()
    assert json.loads((output(tmp_path / "out").report / "selection.json").read_text())["translated"]


def test_images_are_described_as_training_images_of_their_class_are(sources, tmp_path):
    names = ("thin", "age")
    vectors = np.stack([np.arange(24) % 2, sources.train.labels / 4], axis=1).astype(np.float32)
    train = replace(sources.train, attributes=vectors, attribute_names=names)
    network, shape = build("gan.networks", {"name": "resnet", "z_dim": 4, "channels": 2}), Shape(3, 9, 8)
    spec = ModelSpec(network, shape, ("a", "b", "c"), attributes=names)
    save_generator(tmp_path / "gan", network.generator(shape, 5), spec)
    save_discriminator(tmp_path / "gan", network.discriminator(shape, 5))
    inputs = sources._replace(gan=tmp_path / "gan", train=train)
    made = generate(wanted(), inputs, 5, output(tmp_path / "out"))
    saved = LabelledImages.load(output(tmp_path / "out").images)
    np.testing.assert_array_equal(saved.attributes, made.attributes)
    assert saved.attribute_names == names
    np.testing.assert_allclose(made.attributes[:, 1], made.labels / 4)
    assert set(made.attributes[:, 0]) == {0, 1}
    texts = {(row["label"], row["description"]) for row in rows(tmp_path / "out")}
    assert texts == {("0", ""), ("0", "thin"), ("1", "age=0.25"), ("1", "thin, age=0.25"), ("2", "age=0.5"),
                     ("2", "thin, age=0.5")}  # fmt: skip
    generator, _ = load_generator(tmp_path / "gan")
    again = list(sample(generator, made.labels, image_seeds(5, 60), attributes=made.attributes))
    np.testing.assert_array_equal(np.concatenate(again), made.images)
    stand_ins = generate(wanted(per_class="as_train"), inputs, 5, output(tmp_path / "hidden"))
    assert stand_ins.attributes is None
    assert "description" not in rows(tmp_path / "hidden")[0]


def test_there_is_a_row_for_each_candidate_with_its_scores(sources, tmp_path):
    settings = wanted(per_class=10, candidates_per_image=1.55, policy={"name": "random"})
    generate(settings, sources, 5, output(tmp_path / "out"))
    candidates, seeds, _ = draw(settings, sources.gan, sources.train, 5, "title")
    assert len(candidates) == 3 * 16
    scores, _ = score_candidates(
        candidates, sources.ensemble, load_discriminator(sources.gan)[0], sources.train, sources.val
    )
    found = rows(tmp_path / "out")
    assert [int(row["candidate"]) for row in found] == list(range(48))
    assert [int(row["seed"]) for row in found] == seeds.tolist()
    for name, values in scores._asdict().items():
        np.testing.assert_allclose([float(row[name]) for row in found], values, atol=1e-6)
    assert sum(row["kept"] != "" for row in found) == 30


@pytest.mark.parametrize(("per_image", "count"), [(1.0, 10), (1.1, 11), (1.11, 12), (3.0, 30)])
def test_candidates_are_rounded_up_to_whole_ones_per_class(sources, per_image, count):
    assert (
        len(draw(wanted(per_class=10, candidates_per_image=per_image), sources.gan, sources.train, 0, "title").images)
        == 3 * count
    )


def test_more_candidates_without_a_choice_keep_the_first_of_each_class(sources, tmp_path):
    synthetic = generate(wanted(per_class=5, candidates_per_image=3.0), sources, 5, output(tmp_path / "out"))
    candidates = draw(wanted(per_class=5, candidates_per_image=3.0), sources.gan, sources.train, 5, "title").images
    first = np.concatenate([np.arange(5) + 15 * label for label in range(3)])
    np.testing.assert_array_equal(synthetic.images, candidates.images[first])


@pytest.mark.parametrize("policy", available("synthesis.policies"))
def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_images(sources, tmp_path, policy):
    settings = wanted(per_class=6, candidates_per_image=2.0, policy={"name": policy}, labels="soft")
    try:
        for name, seed in (("a/0", 5), ("b/0", 5), ("c/0", 6)):
            generate(settings, sources, seed, output(tmp_path / name))
    except InputError as error:  # an untrained generator may make no image that a policy keeps
        assert "was kept" in str(error)  # noqa: PT017
        return
    assert content(tmp_path / "a/0") == content(tmp_path / "b/0")
    assert content(tmp_path / "a/0")["images.npy"] != content(tmp_path / "c/0")["images.npy"]


def test_soft_labels_come_from_the_member_that_gave_the_confidence(sources, tmp_path):
    settings = wanted(candidates_per_image=2.0, policy={"name": "confidence"}, labels="soft")
    synthetic = generate(settings, sources, 5, output(tmp_path / "out"))
    probabilities = np.load(tmp_path / "out" / "probabilities.npy")
    assert (probabilities.shape, probabilities.dtype) == ((60, 3), np.float32)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    confidence = [float(row["confidence"]) for row in rows(tmp_path / "out") if row["kept"]]
    np.testing.assert_allclose(probabilities[np.arange(60), synthetic.labels], confidence, atol=1e-6)


def test_the_most_confident_are_kept(sources, tmp_path):
    generate(wanted(candidates_per_image=3.0, policy={"name": "confidence"}), sources, 5, output(tmp_path / "out"))
    for label in "012":
        found = [row for row in rows(tmp_path / "out") if row["label"] == label]
        kept, others = (
            [float(row["confidence"]) for row in found if bool(row["kept"]) is one] for one in (True, False)
        )
        assert (len(kept), len(others)) == (20, 40)
        assert min(kept) >= max(others)


def test_copies_of_training_images_are_refused_and_counted(sources, tmp_path, monkeypatch, capsys):
    candidates, seeds, _ = draw(wanted(), sources.gan, sources.train, 5, "title")
    images = np.array(candidates.images)
    copied = np.r_[0:15, 20:40]  # most of a, and all of b
    images[copied] = sources.train.images[np.arange(len(copied)) % 24]
    spoilt = LabelledImages(images, candidates.labels, candidates.classes, candidates.source)
    monkeypatch.setattr("ganaug.synthesis.generate.draw", lambda *_: Candidates(spoilt, seeds, None))
    synthetic = generate(wanted(drop_copies=True), sources, 5, output(tmp_path / "out"))
    for image in synthetic.images:
        assert not (sources.train.images == image).all((1, 2, 3)).any()
    assert synthetic.counts["b"] == 0
    assert synthetic.counts["a"] <= 5
    printed = capsys.readouterr().out
    kept = synthetic.counts["a"]
    assert f"\nnote: class 'a' has {kept} of 20 synthetic images; {20 - kept} candidates were rejected\n" in printed
    assert "\nwarning: class 'b' has no synthetic images: all 20 candidates were rejected; most are near" in printed
    counted = json.loads((output(tmp_path / "out").report / "selection.json").read_text())
    assert counted["classes"] == ["a", "b", "c"]
    assert counted["candidates"] == [20, 20, 20]
    assert counted["near_copies"] == counted["rejected"] == counted["rejected_as_copies"]
    assert counted["rejected"][:2] == [20 - synthetic.counts["a"], 20]
    assert counted["near_copies_kept"] == 0


def test_if_no_candidate_is_kept_that_is_an_error_and_the_earlier_set_stays(sources, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "images.npy").write_bytes(b"of an earlier run")
    candidates, seeds, _ = draw(wanted(), sources.gan, sources.train, 5, "title")
    images = sources.train.images[np.arange(60) % 24]
    copies = LabelledImages(images, candidates.labels, candidates.classes, candidates.source)
    monkeypatch.setattr("ganaug.synthesis.generate.draw", lambda *_: Candidates(copies, seeds, None))
    with pytest.raises(InputError, match=r"none of the 60 candidates was kept; raise generate\.candidates_per_image"):
        generate(wanted(drop_copies=True), sources, 5, output(tmp_path / "out"))
    assert content(tmp_path / "out") == {"images.npy": b"of an earlier run"}


def test_an_earlier_set_is_replaced_as_a_whole(sources, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "probabilities.npy").write_text("of an earlier run")
    generate(wanted(per_class=3), sources, 5, output(tmp_path / "out"))
    assert sorted(content(tmp_path / "out")) == SET


def test_one_image_a_class_is_enough(sources, tmp_path):
    synthetic = generate(wanted(per_class=1), sources, 5, output(tmp_path / "out"))
    assert len(synthetic) == 3


@pytest.mark.parametrize("missing", ["generator.json", "discriminator.safetensors"])
def test_a_missing_gan_is_reported(sources, tmp_path, missing):
    folder = tmp_path / "gan"
    folder.mkdir()
    for file in sources.gan.iterdir():
        if file.name != missing:
            (folder / file.name).write_bytes(file.read_bytes())
    with pytest.raises(InputError, match="dvc repro"):
        generate(wanted(per_class=1), sources._replace(gan=folder), 0, output(tmp_path / "out"))
