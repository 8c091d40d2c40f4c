"""Stand-ins: one image for each training image, in an order that hides the link."""

import csv
import json
from typing import Any

import numpy as np
import pytest
from quick_ensemble import quick_ensemble
from untrained import untrained_gan

from ganaug.core.errors import InputError
from ganaug.core.plugins import build
from ganaug.core.weights import ModelSpec
from ganaug.data.images import LabelledImages
from ganaug.gan.networks import Shape
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.store import load_generator, save_discriminator, save_generator
from ganaug.synthesis.attacks.linkage import Linkage
from ganaug.synthesis.attacks.same_group import SameGroup
from ganaug.synthesis.generate import Output, generate
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.k_same import cluster_means
from ganaug.synthesis.linkability import linkability
from ganaug.synthesis.measure import MeasuredSets, measure
from ganaug.synthesis.measure_settings import Measure
from ganaug.synthesis.metrics import Compared
from ganaug.synthesis.stand_ins import candidate_labels, in_hidden_order, places, sources_of_stand_ins


def wanted(**changes: Any) -> Generate:
    return Generate(**{"per_class": "as_train", "policy": {"name": "none"}} | changes)


def output(folder) -> Output:
    return Output(folder / "set" / "3", folder / "report" / "3")


@pytest.fixture(scope="module")
def from_noise(tmp_path_factory):
    """An untrained GAN with 24 training images, eight of each class."""
    return untrained_gan(tmp_path_factory.mktemp("gan"))


@pytest.fixture
def translator(from_noise, tmp_path, painter):
    """An untrained translator with the same training images."""
    network, shape, folder = build("gan.networks", painter), Shape(3, 9, 8), tmp_path / "gan"
    save_generator(folder, network.generator(shape, 3), ModelSpec(network, shape, ("a", "b", "c")))
    save_discriminator(folder, network.discriminator(shape, 3))
    for name in ("training.json", "health.json"):
        (folder / name).write_text((from_noise.gan / name).read_text())
    return from_noise._replace(gan=folder)


def paired(settings: Generate, inputs, folder, seed: int = 5) -> tuple[LabelledImages, np.ndarray]:
    """Generate a set and recompute which training images its images stand for."""
    made = generate(settings, inputs, seed, output(folder))
    return made, sources_of_stand_ins(settings, inputs.train, seed, output(folder).report)


def test_each_class_has_as_many_images_as_the_training_set_and_each_image_one_stand_in(translator, tmp_path):
    made, sources = paired(wanted(sources="same"), translator, tmp_path)
    assert made.counts == translator.train.counts
    assert sorted(sources) == list(range(24))
    np.testing.assert_array_equal(translator.train.labels[sources], made.labels)


def test_classes_may_differ_in_size(from_noise, tmp_path):
    fewer = from_noise.train.subset(np.delete(np.arange(24), [0, 3, 6, 9, 12, 15]))
    inputs = from_noise._replace(train=fewer, ensemble=quick_ensemble(fewer, from_noise.val, steps=10))
    made, sources = paired(wanted(candidates_per_image=1.5), inputs, tmp_path)
    assert made.counts == {"a": 2, "b": 8, "c": 8}
    assert sorted(sources) == list(range(18))
    np.testing.assert_array_equal(fewer.labels[sources], made.labels)


def test_the_pairs_that_measure_finds_are_those_that_were_translated(translator, tmp_path):
    """Translating the sources again, each with its own seed, gives the same images."""
    settings = wanted(sources="other", candidates_per_image=2.0, policy={"name": "random"})
    made, sources = paired(settings, translator, tmp_path)
    assert (translator.train.labels[sources] != made.labels).all()
    kept = in_hidden_order(np.flatnonzero([row["kept"] == "yes" for row in rows(tmp_path)]), 5)
    generator, _ = load_generator(translator.gan)
    again = sample(generator, made.labels, image_seeds(5, 48)[kept], sources=translator.train.images[sources])
    np.testing.assert_array_equal(np.concatenate(list(again)), made.images)


def rows(folder) -> list[dict[str, str]]:
    with (output(folder).report / "samples.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_no_file_says_what_an_image_was_made_from(translator, tmp_path):
    made = generate(wanted(labels="soft"), translator, 5, output(tmp_path))
    files = sorted(file.name for file in output(tmp_path).images.iterdir())
    assert files == ["card.json", "images.npy", "labels.npy", "probabilities.npy"]
    assert made.source == {"name": "gan"}
    assert {row["kept"] for row in rows(tmp_path)} == {"yes"}
    assert "source" not in rows(tmp_path)[0]


def test_rows_are_in_another_order_for_another_seed_and_soft_labels_follow(from_noise, tmp_path):
    inputs = from_noise
    made = generate(wanted(labels="soft"), inputs, 5, output(tmp_path))
    assert (np.diff(made.labels) < 0).any()
    soft = np.load(output(tmp_path).images / "probabilities.npy")
    kept = in_hidden_order(np.arange(24), 5)
    confidence = np.array([float(row["confidence"]) for row in rows(tmp_path)])[kept]
    np.testing.assert_allclose(soft[np.arange(24), made.labels], confidence, atol=1e-6)
    assert (in_hidden_order(np.arange(24), 6) != kept).any()


def test_a_training_image_gets_at_most_one_stand_in_however_many_candidates_it_has(from_noise, tmp_path):
    settings = wanted(candidates_per_image=3.0, policy={"name": "hard_but_right"})
    made, sources = paired(settings, from_noise, tmp_path)
    assert len(np.unique(sources)) == len(sources) == len(made)
    places_of_class = places(settings, from_noise.train)[:24]
    np.testing.assert_array_equal(places_of_class, np.tile(np.arange(8), 3))
    assert len(candidate_labels(settings, from_noise.train)) == 72


def test_translations_of_means_hide_single_images(translator, tmp_path):
    """All images of a cluster are translated from the same mean."""
    settings = wanted(sources="same", k_same=4)
    made, sources = paired(settings, translator, tmp_path)
    clusters, means = cluster_means(translator.train, 4)
    generator, _ = load_generator(translator.gan)
    seeds = image_seeds(5, 24)[in_hidden_order(np.arange(24), 5)]
    again = sample(generator, made.labels, seeds, sources=means[clusters[sources]])
    np.testing.assert_array_equal(np.concatenate(list(again)), made.images)


def test_means_are_for_stand_ins_only():
    with pytest.raises(InputError, match="k_same: only works for stand-ins; set per_class: as_train, or remove k_same"):
        wanted(per_class=10, k_same=5)


def test_stand_ins_are_not_made_from_another_domain():
    with pytest.raises(InputError, match="sources: stand-ins stand for training images"):
        wanted(sources="other_domain")


def measured(settings: Generate, inputs, folder, how: Measure | None = None) -> tuple[dict[str, Any], str]:
    """Return what quality.json says about stand-ins, and the card."""
    made, sources = paired(settings, inputs, folder)
    sets = MeasuredSets(made, inputs.train, inputs.val, inputs.ensemble, inputs.gan, sources)
    report = output(folder).report
    measure(how or Measure(), settings, sets, report)
    return json.loads((report / "quality.json").read_text())["stand_ins"], (report / "CARD.md").read_text()


def test_attacks_are_reported_beside_their_controls(translator, tmp_path):
    found, card = measured(wanted(sources="same"), translator, tmp_path)
    assert (found["pairs"], found["without_stand_in"]) == (24, 0)
    assert list(found["attacks"]) == ["linkage", "reversal", "same_group"]
    linkage = found["attacks"]["linkage"]
    assert linkage["synthetic"] > 0.9  # this network mixes the source with something else
    assert linkage["train"] == 1
    assert found["attacks"]["same_group"] == {"options": {}, "synthetic": None, "train": None, "held_out": None}
    for fact in (
        "serve as substitute\ntraining images",
        "there are 24 pairs, and 0 training images without a stand-in.",
        "| `same_group` | too few images | too few images | too few images |",
        "* `reversal` (components 256): Linkage of sources that a ridge regression predicts",
        "They are pseudonymous at best",
        "24 candidates were generated: 1 for each training image.",
        "| seeds | withheld",
        "| translated from | one training image each, of the same class |",
        "whether it was kept, and its scores",
    ):
        assert fact in card
    assert "k-anonymity" not in card
    assert "made from noise" not in card
    for secret in ("sources.npy", "column `source`", "images 5"):
        assert secret not in card


def test_the_card_names_means(translator, tmp_path):
    _, card = measured(wanted(sources="same", k_same=4), translator, tmp_path)
    assert "They were translated from means of at least 4 training images" in card
    assert "| translated from | the mean of at least 4 training images each, of the same class |" in card


def test_attacks_may_be_chosen_and_of_a_large_set_some_pairs_are_attacked(from_noise, tmp_path):
    how = Measure(attacks=[{"name": "linkage"}], max_images=20)
    found, card = measured(wanted(), from_noise, tmp_path, how)
    assert "They were made from noise" in card
    assert list(found["attacks"]) == ["linkage"]
    assert (found["pairs"], found["without_stand_in"]) == (20, 0)


def test_an_attack_that_is_named_twice_is_refused():
    with pytest.raises(InputError, match="attacks: linkage is listed twice; list each attack once"):
        Measure(attacks=[{"name": "linkage"}, {"name": "linkage"}])


def test_controls_are_copies_and_new_images_of_the_class():
    train, held_out = np.array([[0], [10], [30], [200]], np.float32), np.array([[12]], np.float32)
    labels, nothing = np.array([0, 0, 0, 1]), np.zeros((4, 1), np.float32)
    sets = Compared(nothing, labels, train, labels, held_out, np.array([0]))
    found = linkability([Linkage(), SameGroup()], sets, np.arange(4), np.arange(4))
    # the only image of class 1 is left out; from 0, the others are farther than 0, one than 10, none than 30; from 12,
    # one is farther than 0, two than 10, none than 30
    assert found["linkage"] == {"options": {}, "synthetic": 0.5, "train": 1.0, "held_out": 0.5}
    assert found["same_group"]["synthetic"] is None
    two = sets._replace(held_out=np.array([[12], [190]], np.float32), held_out_labels=np.array([0, 1]))
    grouped = linkability([SameGroup()], two, np.arange(4), np.array([0, 0, 1, 1]))
    # image 0 has 10 as another image of its person and 30 as a stranger, image 1 has 0: from 0 and 10, both are nearer;
    # from 12, 10 is nearer and 0 is too
    assert grouped["same_group"] == {"options": {}, "synthetic": 1.0, "train": 1.0, "held_out": 1.0}
