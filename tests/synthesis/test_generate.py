"""The synthetic set of one generator: candidates, what is kept of them, and what is written."""

import csv
import io
import json
from typing import Any

import numpy as np
import pytest
import torch
from judging import quick_ensemble
from PIL import Image

from ganaug.core.errors import InputError
from ganaug.core.plugins import available
from ganaug.core.weights import save_weights
from ganaug.data.images import LabelledImages
from ganaug.gan.networks import Shape
from ganaug.gan.networks.resnet import ResNet
from ganaug.gan.sampling import image_seeds, load_discriminator, load_generator, sample, save_generator
from ganaug.synthesis.generate import Sources, draw, generate
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.metrics import Compared
from ganaug.synthesis.metrics.fid import Fid
from ganaug.synthesis.metrics.membership import Membership
from ganaug.synthesis.quality import closest_pairs
from ganaug.synthesis.selection import score_candidates

CLASSES = ("a", "b", "c")
FILES = [
    "CARD.md",
    "card.json",
    "closest.png",
    "contact.png",
    "images.npy",
    "labels.npy",
    "quality.json",
    "samples.csv",
]


def wanted(**changes: Any) -> Generate:
    return Generate(**{"per_class": 20, "policy": {"name": "none"}} | changes)


def real(count: int, seed: int) -> LabelledImages:
    """Return images of three classes, each bright in a channel of its own."""
    labels = np.arange(count, dtype=np.int64) % 3
    images = np.random.default_rng(seed).integers(0, 120, (count, 3, 9, 8), dtype=np.uint8)
    images[np.arange(count), labels] += 120
    return LabelledImages(images, labels, CLASSES, {"name": "made_up", "checksum": "abc"})


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    torch.manual_seed(0)
    network, folder = ResNet(z_dim=4, channels=2), tmp_path_factory.mktemp("gan")
    save_generator(folder, network.generator(Shape(3, 9, 8), 3), network, Shape(3, 9, 8), CLASSES)
    save_weights(folder / "discriminator.safetensors", network.discriminator(Shape(3, 9, 8), 3))
    settings = {
        "network": {"name": "resnet", "z_dim": 4, "attention": None},
        "objective": {"name": "hinge", "r1": 0.5},
        "steps": 1234,
        "batch_size": 16,
        "keep": "best",
        "unlabelled": "ignore",
    }
    training = {"settings": settings, "seed": 77, "ganaug": "9.8.7"}
    (folder / "training.json").write_text(json.dumps(training))
    finding = {"name": "generator copies", "seen": "it copies", "remedy": "fewer steps"}
    (folder / "health.json").write_text(json.dumps({"findings": [finding], "step_used": 617}))
    train, val = real(24, 0), real(30, 1)
    return Sources(folder, quick_ensemble(train, val, steps=30), train, val)


@pytest.fixture(scope="module")
def plain(sources, tmp_path_factory):
    """Return the set of the plainest settings and its folder."""
    folder = tmp_path_factory.mktemp("plain") / "3"
    return generate(wanted(), sources, 5, folder), folder


def rows(folder) -> list[dict[str, str]]:
    with (folder / "samples.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def content(folder) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_as_many_images_of_each_class_as_asked_for(plain):
    synthetic, folder = plain
    assert synthetic.shape == (3, 9, 8)
    assert synthetic.counts == {"a": 20, "b": 20, "c": 20}
    loaded = LabelledImages.load(folder)
    np.testing.assert_array_equal(loaded.images, synthetic.images)
    np.testing.assert_array_equal(loaded.labels, synthetic.labels)
    assert sorted(content(folder)) == FILES
    for name in ("contact.png", "closest.png"):
        with Image.open(folder / name) as picture:
            assert picture.width >= 480


def test_without_a_choice_the_images_are_the_generators_first_ones(sources, plain):
    labels = np.repeat([0, 1, 2], 20)
    generator, _ = load_generator(sources.gan)
    images = np.concatenate(list(sample(generator, labels, image_seeds(5, 60))))
    expected = io.BytesIO()
    np.save(expected, images)
    assert (plain[1] / "images.npy").read_bytes() == expected.getvalue()


def test_every_image_can_be_made_again_from_its_row(sources, tmp_path):
    synthetic = generate(wanted(pool=2.0, policy={"name": "random"}), sources, 5, tmp_path / "out")
    kept = [row for row in rows(tmp_path / "out") if row["kept"]]
    assert [int(row["kept"]) for row in kept] == list(range(60))
    labels, seeds = (np.array([int(row[name]) for row in kept]) for name in ("label", "seed"))
    np.testing.assert_array_equal(labels, synthetic.labels)
    generator, _ = load_generator(sources.gan)
    np.testing.assert_array_equal(np.concatenate(list(sample(generator, labels, seeds))), synthetic.images)


def test_there_is_a_row_for_each_candidate_with_its_scores(sources, tmp_path):
    settings = wanted(per_class=10, pool=1.55, policy={"name": "random"})
    generate(settings, sources, 5, tmp_path / "out")
    candidates, seeds = draw(settings, sources.gan, 5, "title")
    assert len(candidates) == 3 * 16
    scores, _ = score_candidates(
        candidates, sources.ensemble, load_discriminator(sources.gan), sources.train, sources.val
    )
    found = rows(tmp_path / "out")
    assert [int(row["candidate"]) for row in found] == list(range(48))
    assert [int(row["seed"]) for row in found] == seeds.tolist()
    for name, values in scores._asdict().items():
        np.testing.assert_allclose([float(row[name]) for row in found], values, atol=1e-6)
    assert sum(row["kept"] != "" for row in found) == 30


@pytest.mark.parametrize(("pool", "count"), [(1.0, 10), (1.1, 11), (1.11, 12), (3.0, 30)])
def test_the_pool_is_rounded_up_to_whole_candidates(sources, pool, count):
    assert len(draw(wanted(per_class=10, pool=pool), sources.gan, 0, "title")[0]) == 3 * count


def test_a_pool_without_a_choice_keeps_the_first_of_each_class(sources, tmp_path):
    synthetic = generate(wanted(per_class=5, pool=3.0), sources, 5, tmp_path / "out")
    candidates, _ = draw(wanted(per_class=5, pool=3.0), sources.gan, 5, "title")
    first = np.concatenate([np.arange(5) + 15 * label for label in range(3)])
    np.testing.assert_array_equal(synthetic.images, candidates.images[first])


@pytest.mark.parametrize("policy", available("synthesis.policies"))
def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_images(sources, tmp_path, policy):
    settings = wanted(per_class=6, pool=2.0, policy={"name": policy}, labels="soft")
    try:
        for name, seed in (("a/0", 5), ("b/0", 5), ("c/0", 6)):
            generate(settings, sources, seed, tmp_path / name)
    except InputError as error:  # an untrained generator may make nothing that a policy takes
        assert "none is kept" in str(error)  # noqa: PT017
        return
    assert content(tmp_path / "a/0") == content(tmp_path / "b/0")
    assert content(tmp_path / "a/0")["images.npy"] != content(tmp_path / "c/0")["images.npy"]


def test_soft_labels_are_what_the_member_says_whose_confidence_is_written(sources, tmp_path):
    settings = wanted(pool=2.0, policy={"name": "confidence"}, labels="soft")
    synthetic = generate(settings, sources, 5, tmp_path / "out")
    probabilities = np.load(tmp_path / "out" / "probabilities.npy")
    assert (probabilities.shape, probabilities.dtype) == ((60, 3), np.float32)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    confidence = [float(row["confidence"]) for row in rows(tmp_path / "out") if row["kept"]]
    np.testing.assert_allclose(probabilities[np.arange(60), synthetic.labels], confidence, atol=1e-6)
    assert "`probabilities.npy`" in (tmp_path / "out" / "CARD.md").read_text()


def test_the_most_confident_are_kept(sources, tmp_path):
    generate(wanted(pool=3.0, policy={"name": "confidence"}), sources, 5, tmp_path / "out")
    for label in "012":
        found = [row for row in rows(tmp_path / "out") if row["label"] == label]
        kept, others = (
            [float(row["confidence"]) for row in found if bool(row["kept"]) is one] for one in (True, False)
        )
        assert (len(kept), len(others)) == (20, 40)
        assert min(kept) >= max(others)


def test_quality_sees_features_and_privacy_sees_pixels(sources, plain):
    synthetic, folder = plain
    found = json.loads((folder / "quality.json").read_text())
    assert found["features"] == "ensemble"
    assert found["images"] == {"synthetic": 60, "train": 24, "held_out": 30}
    assert list(found["figures"]) == available("synthesis.metrics")
    sets = (synthetic, sources.train, sources.val)
    features, pixels = (
        Compared(*(part for one in sets for part in (see(one.images), one.labels)))
        for see in (sources.ensemble.extractor, lambda images: images.reshape(len(images), -1) / 255)
    )
    assert found["figures"]["fid"]["synthetic"] == pytest.approx(Fid()(features), abs=1e-6)
    assert found["figures"]["membership"]["synthetic"] == pytest.approx(Membership()(pixels), abs=1e-6)
    with Image.open(folder / "closest.png") as picture:
        shown = np.asarray(picture)
    pairs = closest_pairs(pixels, 1)
    factor = shown.shape[0] // (4 * (9 + 4) + 4)  # 16 pairs, 4 a row, 4 pixels between them
    left = shown[4 * factor : 13 * factor : factor, 4 * factor : 12 * factor : factor]
    np.testing.assert_array_equal(left, synthetic.images[pairs.synthetic[0]].transpose(1, 2, 0))
    right = shown[4 * factor : 13 * factor : factor, 13 * factor : 21 * factor : factor]
    np.testing.assert_array_equal(right, sources.train.images[pairs.train[0]].transpose(1, 2, 0))


def test_the_card_says_how_it_was_made(plain):
    text = (plain[1] / "CARD.md").read_text()
    for fact in (
        "# Synthetic images: made_up, replicate 3",
        "60 images of 3 classes, 9×8 pixels, 3 channels",
        "learning from 24 real images",
        "SHA-256 of its images and labels `abc`",
        "| network | `resnet` (z_dim 4, attention none) |",
        "| objective | `hinge` (r1 0.5) |",
        "1,234 steps of 16 images",
        "after step 617, whose images came closest",
        "training 77, of the images 5 |",
        "ganaug 9.8.7",
        "**generator copies**: it copies.",
        "Policy `none`: Keeps the first images",
        "not refused",
        "| a | 8 | 20 |",
        "| `fid` | low |",
        "| `membership` | as perfect ones |",
    ):
        assert fact in text
    assert "probabilities.npy" not in text


def test_copies_of_training_images_are_refused_and_counted(sources, tmp_path, monkeypatch, capsys):
    candidates, seeds = draw(wanted(), sources.gan, 5, "title")
    images = np.array(candidates.images)
    copied = np.r_[0:15, 20:40]  # most of a, and all of b
    images[copied] = sources.train.images[np.arange(len(copied)) % 24]
    spoilt = LabelledImages(images, candidates.labels, candidates.classes, candidates.source)
    monkeypatch.setattr("ganaug.synthesis.generate.draw", lambda *_: (spoilt, seeds))
    synthetic = generate(wanted(drop_copies=True), sources, 5, tmp_path / "out")
    for image in synthetic.images:
        assert not (sources.train.images == image).all((1, 2, 3)).any()
    assert synthetic.counts["b"] == 0
    assert synthetic.counts["a"] <= 5
    told = capsys.readouterr().out
    assert "out: warning: class 'b' has no synthetic image, all 20 candidates are refused; take a larger" in told
    assert f"out: class 'a' has {synthetic.counts['a']} of 20 images, {20 - synthetic.counts['a']} candidates" in told
    text = (tmp_path / "out" / "CARD.md").read_text()
    assert f"of which there are less than half of the images: a ({synthetic.counts['a']}), b (0)" in text
    assert "Near-copies of training images were refused." in text
    assert f"0 of the {len(synthetic)} images (0.0%) are near-copies" in text
    figures = json.loads((tmp_path / "out" / "quality.json").read_text())["figures"]
    assert figures["fid"]["per_class"]["b"]["synthetic"] is None


def test_if_nothing_is_left_the_user_is_told_and_the_earlier_set_stays(sources, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "images.npy").write_bytes(b"of an earlier run")
    candidates, seeds = draw(wanted(), sources.gan, 5, "title")
    images = sources.train.images[np.arange(60) % 24]
    copies = LabelledImages(images, candidates.labels, candidates.classes, candidates.source)
    monkeypatch.setattr("ganaug.synthesis.generate.draw", lambda *_: (copies, seeds))
    with pytest.raises(InputError, match=r"of 60 candidates none is kept; take a larger generate\.pool"):
        generate(wanted(drop_copies=True), sources, 5, tmp_path / "out")
    assert content(tmp_path / "out") == {"images.npy": b"of an earlier run"}


def test_an_earlier_set_is_replaced_as_a_whole(sources, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "probabilities.npy").write_text("of an earlier run")
    generate(wanted(per_class=3), sources, 5, tmp_path / "out")
    assert sorted(content(tmp_path / "out")) == FILES


def test_one_image_a_class_is_enough(sources, tmp_path):
    synthetic = generate(wanted(per_class=1), sources, 5, tmp_path / "out")
    assert len(synthetic) == 3
    assert "too few images" in (tmp_path / "out" / "CARD.md").read_text()


@pytest.mark.parametrize("missing", ["generator.json", "discriminator.safetensors", "training.json", "health.json"])
def test_without_a_gan_the_user_is_told(sources, tmp_path, missing):
    folder = tmp_path / "gan"
    folder.mkdir()
    for file in sources.gan.iterdir():
        if file.name != missing:
            (folder / file.name).write_bytes(file.read_bytes())
    with pytest.raises(InputError, match="dvc repro"):
        generate(wanted(per_class=1), sources._replace(gan=folder), 0, tmp_path / "out")


def test_inception_that_is_not_there_is_told(sources, tmp_path):
    with pytest.raises(InputError, match="Inception cannot be read"):
        generate(wanted(per_class=1, inception=tmp_path / "none.pth"), sources, 0, tmp_path / "out")


def test_inceptions_features_are_used_where_they_are_asked_for(sources, tmp_path, monkeypatch):
    bright = lambda images: images.mean((2, 3))  # noqa: E731
    monkeypatch.setattr("ganaug.synthesis.generate.InceptionFeatures.load", lambda path: bright)
    synthetic = generate(wanted(inception=tmp_path / "weights.pth"), sources, 5, tmp_path / "out")
    found = json.loads((tmp_path / "out" / "quality.json").read_text())
    assert found["features"] == "Inception"
    sets = (synthetic, sources.train, sources.val)
    compared = Compared(*(part for one in sets for part in (bright(one.images), one.labels)))
    assert found["figures"]["fid"]["synthetic"] == pytest.approx(Fid()(compared), abs=1e-5)
    assert "Inception" in (tmp_path / "out" / "CARD.md").read_text()
    assert str(tmp_path) not in (tmp_path / "out" / "CARD.md").read_text()
