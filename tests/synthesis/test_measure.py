"""The reports on a synthetic set: quality, privacy, closest pairs and the card."""

import json
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from untrained import untrained_gan

from ganaug.core.errors import InputError
from ganaug.core.plugins import available
from ganaug.data.images import LabelledImages
from ganaug.synthesis.generate import Output, generate
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.measure import MeasuredSets, measure
from ganaug.synthesis.measure_settings import Measure
from ganaug.synthesis.metrics import Compared
from ganaug.synthesis.metrics.fid import Fid
from ganaug.synthesis.metrics.membership import Membership
from ganaug.synthesis.quality import closest_pairs


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return untrained_gan(tmp_path_factory.mktemp("gan"))


def made(sources, folder, settings=None, **changes):
    """Generate and measure a set, and return the folder of its reports."""
    output = Output(folder / "set" / "3", folder / "report" / "3")
    generated = Generate(**{"per_class": 20, "policy": {"name": "none"}} | changes)
    synthetic = generate(generated, sources, 5, output)
    sets = MeasuredSets(synthetic, sources.train, sources.val, sources.ensemble, sources.gan)
    measure(settings or Measure(), generated, sets, output.report)
    return output.report


@pytest.fixture(scope="module")
def folder(sources, tmp_path_factory):
    """The report on the plainest set."""
    root = tmp_path_factory.mktemp("plain")
    report = made(sources, root)
    (root / "set").rename(report.parent / "set")
    return report


def test_everything_is_written(folder):
    assert sorted(file.name for file in folder.iterdir()) == [
        *("CARD.md", "closest.png", "contact.png", "quality.json", "samples.csv", "selection.json")
    ]


def test_measuring_again_gives_the_same_bytes(sources, folder, tmp_path):
    again = made(sources, tmp_path)
    for file in folder.iterdir():
        assert file.read_bytes() == (again / file.name).read_bytes(), file.name


def test_soft_labels_are_described(sources, tmp_path):
    text = (made(sources, tmp_path, labels="soft") / "CARD.md").read_text()
    assert "| `probabilities.npy` |" in text


def test_features_of_a_frozen_backbone_know_no_training_image(sources, folder, tmp_path):
    members = deepcopy(sources.ensemble.members)
    for member in members:
        member.frozen = True
    frozen = made(sources._replace(ensemble=replace(sources.ensemble, members=members)), tmp_path)
    assert json.loads((frozen / "quality.json").read_text())["features"] == "frozen"
    plain, of_frozen = ((report / "CARD.md").read_text() for report in (folder, frozen))
    for cautious in ("of classifiers that were trained on the training images", "treat the last column as a rough"):
        assert cautious in plain
        assert cautious not in of_frozen
    assert "of a pretrained network that was not trained any further" in of_frozen


def test_metrics_may_be_chosen_and_have_options(sources, tmp_path):
    settings = Measure(metrics=({"name": "precision", "neighbours": 5}, {"name": "kid"}))
    folder = made(sources, tmp_path, settings)
    figures = json.loads((folder / "quality.json").read_text())["figures"]
    assert {name: figure["options"] for name, figure in figures.items()} == {"precision": {"neighbours": 5}, "kid": {}}
    assert "* `precision` (neighbours 5): " in (folder / "CARD.md").read_text()


def test_of_a_large_set_some_images_are_measured(sources, tmp_path):
    folder = made(sources, tmp_path, Measure(max_images=7))
    figures = json.loads((folder / "quality.json").read_text())
    assert figures["max_images"] == 7
    assert figures["images"]["synthetic"] == figures["images"]["train"] == 7
    assert "7 of these images are compared" in (folder / "CARD.md").read_text()


def test_a_metric_that_is_named_twice_is_refused():
    with pytest.raises(InputError, match="metrics: precision is listed twice"):
        Measure(metrics=({"name": "precision"}, {"name": "precision", "neighbours": 5}))


@pytest.mark.parametrize("missing", ["training.json", "health.json"])
def test_without_the_record_of_a_training_the_remedy_is_named(sources, tmp_path, missing):
    gan = tmp_path / "gan"
    gan.mkdir()
    for file in sources.gan.iterdir():
        if file.name != missing:
            (gan / file.name).write_bytes(file.read_bytes())
    with pytest.raises(InputError, match="dvc repro"):
        made(sources._replace(gan=gan), tmp_path, per_class=1)


def test_one_image_per_class_is_enough(sources, tmp_path):
    assert "too few images" in (made(sources, tmp_path, per_class=1) / "CARD.md").read_text()


def test_quality_sees_features_and_privacy_sees_pixels(sources, folder):
    synthetic = LabelledImages.load(folder.parent / "set" / "3")
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


def test_the_card_describes_how_the_set_was_made(folder):
    text = (folder / "CARD.md").read_text()
    for fact in (
        "# Synthetic images: made_up, replicate 3",
        "60 images in 3 classes, 9×8 pixels, 3 channels",
        "trained on 24 real images",
        "SHA-256 of its images and labels `abc`",
        "| network | `resnet` (z_dim 4, attention none) |",
        "| objective | `hinge` (r1 0.5) |",
        "1,234 steps of 16 images",
        "after step 617, whose images were closest",
        "training 77, images 5 |",
        "ganaug 9.8.7",
        "**generator copies**: it copies.",
        "Policy `none`: Keeps the first images",
        "not rejected",
        "| a | 8 | 20 |",
        "| `fid` | low |",
        "| `membership` | like perfect images |",
    ):
        assert fact in text
    assert "probabilities.npy" not in text


def test_missing_inception_weights_are_reported(sources, tmp_path):
    with pytest.raises(InputError, match="Inception's weights cannot be read"):
        made(sources, tmp_path, Measure(inception=tmp_path / "none.pth"))


def test_inception_features_are_used_on_request(sources, tmp_path, monkeypatch):
    bright = lambda images: images.mean((2, 3))  # noqa: E731
    monkeypatch.setattr("ganaug.synthesis.measure.InceptionFeatures.load", lambda path: bright)
    folder = made(sources, tmp_path, Measure(inception=tmp_path / "weights.pth"))
    synthetic = LabelledImages.load(tmp_path / "set" / "3")
    found = json.loads((folder / "quality.json").read_text())
    assert found["features"] == "Inception"
    sets = (synthetic, sources.train, sources.val)
    compared = Compared(*(part for one in sets for part in (bright(one.images), one.labels)))
    assert found["figures"]["fid"]["synthetic"] == pytest.approx(Fid()(compared), abs=1e-5)
    assert "Inception" in (folder / "CARD.md").read_text()
    assert str(tmp_path) not in (folder / "CARD.md").read_text()


def test_privacy_knows_which_image_a_translation_comes_from(sources, tmp_path):
    """Copies under another class reveal training images just as copies under their own class do."""
    train, folder = sources.train, made(sources, tmp_path)
    others = LabelledImages(train.images, (train.labels + 1) % 3, train.classes, {"name": "gan", "seed": 5})
    settings = Generate(per_class=8, policy={"name": "none"})

    def membership(copied_from):
        sets = MeasuredSets(others, train, sources.val, sources.ensemble, sources.gan, copied_from)
        measure(Measure(metrics=[{"name": "membership"}]), settings, sets, folder)
        figures = json.loads((folder / "quality.json").read_text())["figures"]["membership"]
        return figures["synthetic"], figures["per_class"]["a"]["synthetic"]

    overall, of_a = membership(np.arange(len(train)))
    assert (overall, of_a) == (1.0, 1.0)
    unknown, unknown_of_a = membership(None)
    assert max(unknown, unknown_of_a) < 0.9
