"""Attributes in GAN training: beside their images in every batch, in mismatched pairs, and when images are made."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from quick_ensemble import quick_evaluators
from short_gan import short_settings, train_in

from ganaug.gan.callbacks import Grids
from ganaug.gan.conditioning import conditions, mismatched
from ganaug.gan.fit import fit
from ganaug.gan.module import LitGAN
from ganaug.gan.objectives import Critique, Critiques
from ganaug.gan.sampling import RealImages, sample
from ganaug.gan.store import load_discriminator, load_generator
from ganaug.gan.training import GanSets, _configuration

STACKGAN = {"name": "stackgan", "z_dim": 5, "condition_dim": 2, "channels": 4, "blocks": 1}
NAMES = ("number", "odd")


def described(images, first=0):
    """Number the images from `first`: attributes are the number in hundredths, and whether it is odd."""
    numbers = np.arange(first, first + len(images))
    vectors = np.stack([numbers / 100, numbers % 2], axis=1).astype(np.float32)
    return replace(images, attributes=vectors, attribute_names=NAMES, describer={"name": "bag_of_words"})


@pytest.fixture(scope="module")
def sets(two_colours):
    train = described(two_colours(8))
    return GanSets(train, described(two_colours(6, seed=2), 50), described(two_colours(8, seed=3), 70).without_labels())


def test_attributes_take_the_last_places_of_a_condition():
    labels, attributes = torch.tensor([1, -1]), torch.tensor([[0.3, 1.0], [0.5, 0.0]])
    assert torch.allclose(conditions(labels, 4, attributes=attributes), torch.tensor([[0, 1, 0.3, 1], [0, 0, 0.5, 0]]))
    halved = conditions(labels, 4, 0.5, attributes)
    assert torch.allclose(halved, torch.tensor([[0, 0.5, 0.15, 0.5], [0, 0, 0.25, 0]]))
    assert conditions(labels, 4).tolist() == [[0, 1, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("labels", "attributes", "chosen"),
    [
        ([0, 0, 1, 0], None, [2, 2, 3, 2]),  # the next of another class
        ([0, 0, 0, 1], [[1, 0], [1, 0], [0, 1], [0, 1]], [2, 2, 3, 0]),  # or of other attributes
        ([0, 0, 0, 0], [[1, 0], [0, 0], [0, 0], [0, 1]], [3, 3, 3, 0]),  # 1 and 2 are not described: no contradiction
        ([0, 0, 1, 0], [[1, 0], [0, 0], [0, 0], [0, 1]], [2, 2, 3, 0]),  # but 2 is of another class
        ([0, 0, 0, 1], [[0, 0], [1, 0], [0, 1], [0, 0]], [3, 2, 3, 0]),  # 0 may be like 1 or 2, but not like 3
        ([0, 0, 0], [[1, 0], [0, 0], [0, 0]], [1, 0, 0]),  # nothing contradicts: whatever differs
        ([1, 1], [[1, 0], [1, 0]], [0, 1]),  # all are equal
    ],
)
def test_the_condition_of_a_mismatched_pair_is_the_next_wrong_one(labels, attributes, chosen):
    described = None if attributes is None else torch.tensor(attributes, dtype=torch.float32)
    assert mismatched(torch.tensor(labels), described).tolist() == chosen


@pytest.mark.parametrize("unlabelled", ["ignore", "unconditional"])
def test_mismatched_pairs_do_not_depend_on_the_number_of_devices(sets, unlabelled):
    """The second half of the images is not described."""
    vectors = sets.train.attributes * (np.arange(8) < 4)[:, None].astype(np.float32)
    chosen = short_settings(network=STACKGAN, unlabelled=unlabelled, steps=1)
    extra = None if unlabelled == "ignore" else sets.unlabelled
    module = LitGAN(chosen, replace(sets.train, attributes=vectors), 0, extra)
    fit(module, [], chosen, None)
    for update in range(4):
        module.rank, module.devices = 0, 1
        whole = module.batch(update)
        module.devices = 2
        for module.rank in (0, 1):
            share = module.batch(update)
            for field in ("fake_labels", "attributes", "other_labels", "other_attributes"):
                assert torch.equal(getattr(share, field), getattr(whole, field)[module.rank :: 2]), field


@pytest.mark.parametrize("network", [STACKGAN, {"name": "resnet", "z_dim": 3, "channels": 2}])
def test_attributes_stay_beside_their_images(sets, network):
    module = LitGAN(short_settings(network=network, steps=1), sets.train, 0)
    fit(module, [], module.settings, None)
    pixels = {image.tobytes(): number for number, image in enumerate(np.asarray(sets.train.images))}
    for update in range(5):
        batch = module.batch(update)
        shown = ((batch.real[:, :3] + 1) * 127.5).round().byte().contiguous().numpy()
        numbers = [pixels[image.tobytes()] for image in shown]
        np.testing.assert_allclose(batch.attributes, sets.train.attributes[numbers])


def test_unlabelled_images_keep_their_attributes_too(sets):
    chosen = short_settings(network=STACKGAN, unlabelled="unconditional", steps=1)
    module = LitGAN(chosen, sets.train, 0, sets.unlabelled)
    fit(module, [], chosen, None)
    attributes = module.batch(0).attributes
    assert (attributes[:2, 0] < 0.5).all()
    assert (attributes[2:, 0] >= 0.7).all()


def test_finished_networks_know_the_attributes_and_images_depend_on_them(sets, tmp_path):
    train_in(tmp_path, short_settings(network=STACKGAN), sets, 0, lambda _: None)
    spec = json.loads((tmp_path / "out/generator.json").read_text())
    assert (spec["attributes"], "further" in spec) == (list(NAMES), False)
    assert spec["describer"] == {"name": "bag_of_words"}
    generator, classes = load_generator(tmp_path / "out")
    assert (classes, generator.classes) == (("red", "blue"), 4)
    labels, seeds = np.array([0, 0]), np.array([5, 5])
    (images,) = sample(generator, labels, seeds, attributes=np.array([[0, 0], [0, 5]], dtype=np.float32))
    assert (images[0] != images[1]).any()
    discriminator, _ = load_discriminator(tmp_path / "out")
    shown = torch.zeros(2, *sets.train.shape)
    plain, whole = (discriminator(shown, condition) for condition in (torch.eye(2), torch.eye(2, 4)))
    assert torch.equal(plain.realness, whole.realness)


def test_mismatched_pairs_take_their_share_of_the_discriminators_loss(sets):
    chosen = short_settings(network=STACKGAN | {"mismatched": 0.25}, objective={"name": "non_saturating"}, steps=1)
    module = LitGAN(chosen, sets.train, 0)
    fit(module, [], chosen, None)
    module.eval()  # so that nothing is random but what the seed of the step decides
    batch = module.batch(0)
    terms = module.discriminator_terms(batch, 0, module.begin_step(0))
    condition = conditions(batch.labels, 4, attributes=batch.attributes)
    other = condition[mismatched(batch.labels, batch.attributes)]
    assert (other != condition).any(dim=1).all()
    right, wrong = (module.discriminator(batch.real, given).realness for given in (condition, other))
    stages = right.shape[1] // 2
    softplus = torch.nn.functional.softplus
    expected = {
        "real": 0.75 * softplus(-right).mean(),
        "mismatched_real": 0.25 * softplus(-right[:, stages:]).mean(),
        "mismatched_fake": 0.25 * softplus(wrong[:, stages:]).mean(),
    }
    assert set(terms) == {"fake", *expected}
    for name, term in expected.items():
        assert terms[name].item() == pytest.approx(term.item(), abs=1e-5), name


def test_real_images_under_their_own_condition_are_no_mismatched_pairs(sets):
    chosen = short_settings(network=STACKGAN, objective={"name": "non_saturating"}, steps=1)
    module = LitGAN(chosen, sets.train, 0)
    fit(module, [], chosen, None)
    batch = module.batch(0)
    labels, attributes = torch.zeros_like(batch.labels), torch.ones_like(batch.attributes)
    alike = batch._replace(
        labels=labels, fake_labels=labels, attributes=attributes, other_labels=labels, other_attributes=attributes
    )
    terms = module.discriminator_terms(alike, 0, module.begin_step(0))
    assert (terms["mismatched_real"], terms["mismatched_fake"]) == (0, 0)
    assert terms["real"] > 0.4  # about log 2, not half of it


def test_the_condition_of_another_image_always_has_a_class(sets):
    chosen = short_settings(network=STACKGAN, unlabelled="unconditional", steps=1)
    module = LitGAN(chosen, sets.train, 0, sets.unlabelled)
    fit(module, [], chosen, None)
    seen = []
    module.discriminator.register_forward_hook(lambda _, given, __: seen.append(given[1]))
    module.discriminator_terms(module.batch(0), 0, module.begin_step(0))
    classes = [condition[:, :2].sum(dim=1).tolist() for condition in seen]
    assert sorted(classes) == [[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]]  # of real, fake and mismatched pairs


def test_grids_show_images_that_are_described_like_those_of_their_class(sets, tmp_path):
    module = LitGAN(short_settings(network=STACKGAN), sets.train, 0)
    grids = Grids(module.generator, tmp_path, [0], RealImages(sets.train))
    for label in (0, 1):
        of_class = {tuple(row) for row in sets.train.attributes[sets.train.labels == label].tolist()}
        assert {tuple(row) for row in grids.attributes[grids.labels == label].tolist()} == of_class


def test_a_checkpoint_of_other_attributes_is_of_another_configuration(sets):
    evaluators = quick_evaluators(sets)
    other = sets._replace(train=described(sets.train, 30))
    one, again, changed = (_configuration(short_settings(), used, evaluators, 0, "") for used in (sets, sets, other))
    assert one == again != changed


def test_a_share_of_0_leaves_mismatched_pairs_out(sets):
    for options in ({"mismatched": 0.0}, {"discriminator_conditioning": "none"}):
        chosen = short_settings(network=STACKGAN | options, objective={"name": "non_saturating"}, steps=1)
        module = LitGAN(chosen, sets.train, 0)
        fit(module, [], chosen, None)
        assert set(module.discriminator_terms(module.batch(0), 0, module.begin_step(0))) == {"real", "fake"}


def test_known_critiques_are_not_computed_again():
    real, fake = (Critique(torch.full((2,), value), torch.zeros(2, 1)) for value in (1.0, -1.0))
    critiques = Critiques.of(real, fake, torch.zeros(2, 1, 8, 8))
    assert (critiques.real, critiques.fake) == (real, fake)
    with pytest.raises(ValueError, match="computed already"):
        critiques.critic(torch.zeros(2, 1, 8, 8))
