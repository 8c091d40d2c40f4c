"""Images of another domain in GAN training: as further classes, translated, and saved with the networks."""

import json

import numpy as np
import pytest
import torch
from short_gan import short_settings, train_in
from torch import nn

from ganaug.core.errors import InputError
from ganaug.core.plugins import available, describe, find
from ganaug.data.images import LabelledImages
from ganaug.gan.discriminator_classifier import load_discriminator_classifier
from ganaug.gan.fit import fit
from ganaug.gan.module import LitGAN
from ganaug.gan.objectives import Critique
from ganaug.gan.other_domain import TargetDomain, as_further_classes
from ganaug.gan.sampling import RealImages, sample
from ganaug.gan.store import load_discriminator, load_generator
from ganaug.gan.training import GanSets

STARGAN = {"name": "stargan", "channels": 4, "blocks": 1}


@pytest.fixture(scope="module")
def sets(two_colours):
    """Return red and blue images, and brighter ones of another domain."""
    train = two_colours(8)
    bright = np.clip(np.asarray(two_colours(12, seed=1).images).astype(int) + 90, 0, 255).astype(np.uint8)
    other = LabelledImages(bright, two_colours(12, seed=1).labels, train.classes)
    return GanSets(train, two_colours(6, seed=2), train.without_labels(), other)


def without_labels(sets):
    return sets._replace(other_domain=sets.other_domain.without_labels())


def test_labelled_images_become_a_class_of_their_own_for_each_class(sets):
    further = as_further_classes(sets.other_domain)
    np.testing.assert_array_equal(further.labels, sets.other_domain.labels + 2)
    assert further.classes == ("red", "blue", "red, other domain", "blue, other domain")


def test_images_without_labels_become_one_further_class(sets):
    further = as_further_classes(without_labels(sets).other_domain)
    assert set(further.labels) == {2}
    assert further.classes == ("red", "blue", "other domain")


def gan(sets, **changes):
    chosen = short_settings(**{"network": STARGAN, "other_domain_share": 0.5, "batch_size": 8, "steps": 1} | changes)
    return LitGAN(chosen, sets.train, 0, other_domain=as_further_classes(sets.other_domain))


def test_each_domain_is_translated_into_the_other(sets):
    module = gan(sets)
    fit(module, [], module.settings, None)
    for update in range(4):
        batch = module.batch(update)
        assert (batch.labels < 2).tolist() == [True] * 4 + [False] * 4
        assert (batch.source_labels < 2).tolist() == [False] * 4 + [True] * 4
        assert batch.source_labels.max() < 4
    assert module.generator.classes == 4


def test_a_smaller_share_leaves_sources_of_the_domain_itself(sets):
    module = gan(sets, other_domain_share=0.25)
    fit(module, [], module.settings, None)
    batch = module.batch(0)
    assert (batch.labels < 2).sum() == 6
    assert (batch.source_labels < 2).tolist() == [False] * 2 + [True] * 6


def test_beside_unlabelled_images_it_is_translated_too_and_the_class_head_learns_its_classes(sets):
    changes = {"other_domain_share": 0.25, "unlabelled": "unconditional", "batch_size": 8, "steps": 1}
    chosen = short_settings(network=STARGAN, **changes)
    module = LitGAN(chosen, sets.train, 0, sets.unlabelled, as_further_classes(sets.other_domain))
    fit(module, [], chosen, None)
    batch = module.batch(0)
    assert len(batch.class_labels) == 2  # they are no examples of real images
    assert [label if label < 0 else label // 2 for label in batch.labels.tolist()] == [-1] * 4 + [1] * 2
    assert (batch.source_labels < 2).tolist() == [False] * 2 + [True] * 4
    assert len(batch.sources) == len(batch.real)
    module.discriminator_terms(batch, 0, module.begin_step(0))["real_class"].backward()
    changed = module.discriminator.head.classes.weight.grad.abs().sum(dim=1)
    alone = batch._replace(labels=torch.full_like(batch.labels, -1))
    module.zero_grad()
    module.discriminator_terms(alone, 0, module.begin_step(0))["real_class"].backward()
    assert not torch.allclose(changed, module.discriminator.head.classes.weight.grad.abs().sum(dim=1))


def test_with_a_larger_share_no_image_stays_within_the_other_domain(sets):
    module = gan(sets, other_domain_share=0.75)
    fit(module, [], module.settings, None)
    batch = module.batch(0)
    assert (batch.labels < 2).tolist() == [True] * 2 + [False] * 6
    assert (batch.source_labels < 2).tolist() == [False] * 2 + [True] * 6


@pytest.mark.parametrize("labelled", [True, False])
def test_finished_networks_know_the_further_classes_and_are_asked_for_the_others(sets, tmp_path, labelled):
    chosen = short_settings(network=STARGAN, other_domain_share=0.5)
    used = sets if labelled else without_labels(sets)
    train_in(tmp_path, chosen, used, 0, lambda _: None)
    further = json.loads((tmp_path / "out/generator.json").read_text())["further"]
    assert further == (["red, other domain", "blue, other domain"] if labelled else ["other domain"])
    generator, classes = load_generator(tmp_path / "out")
    assert (classes, generator.classes) == (("red", "blue"), 2 + len(further))
    labels = np.array([0, 1, 0])
    images = np.concatenate(
        list(sample(generator, labels, np.arange(3), sources=used.other_domain.subset(labels).images))
    )
    assert images.shape == (3, *sets.train.shape)
    discriminator, _ = load_discriminator(tmp_path / "out")
    critique = discriminator(torch.zeros(3, *sets.train.shape), torch.eye(2)[labels])
    assert critique.class_logits.shape == (3, 2)
    classifier = load_discriminator_classifier(tmp_path / "out")
    assert classifier(torch.zeros(3, *sets.train.shape, device=next(classifier.parameters()).device)).shape == (3, 2)


@pytest.mark.parametrize("name", [name for name in available("gan.networks") if name != "mlp"])
def test_every_network_learns_from_another_domain(sets, tmp_path, name):
    chosen = short_settings(network=describe(find("gan.networks", name).small()), other_domain_share=0.5, steps=2)
    files = train_in(tmp_path, chosen, sets, 0, lambda _: None)
    assert json.loads(files["generator.json"])["further"]


def test_examinations_translate_images_of_the_other_domain_and_of_the_same_class(sets):
    module = gan(sets)
    labels = np.array([0, 1, 1])
    sources = RealImages(sets.train, sets.other_domain).examined_sources(module.generator, labels)
    np.testing.assert_array_equal(sources.labels, labels)
    brightest = {image.tobytes() for image in np.asarray(sets.other_domain.images)}
    assert all(image.tobytes() in brightest for image in np.asarray(sources.images))


def test_a_class_that_the_other_domain_lacks_is_examined_by_sources_of_other_classes(sets):
    red = sets.other_domain.subset(np.flatnonzero(sets.other_domain.labels == 0))
    labels = np.array([0, 1, 1])
    sources = RealImages(sets.train, red).examined_sources(gan(sets).generator, labels)
    np.testing.assert_array_equal(sources.labels, 1 - labels)
    np.testing.assert_array_equal(
        RealImages(sets.train, red).examined_sources(gan(sets).generator, labels[:1]).labels, 0
    )


def test_a_gan_that_learns_from_another_domain_needs_one(sets, tmp_path):
    chosen = short_settings(other_domain_share=0.5)
    for other in (None, sets.other_domain.subset([])):
        with pytest.raises(InputError, match="other_domain_share: there are no images of another domain"):
            train_in(tmp_path, chosen, sets._replace(other_domain=other), 0, lambda _: None)


def test_another_domain_that_is_not_used_changes_nothing(sets, tmp_path):
    one, other = (
        train_in(tmp_path / str(number), short_settings(), used, 0, lambda _: None)
        for number, used in enumerate((sets, sets._replace(other_domain=None)))
    )
    assert one == other


class Conditional(nn.Module):
    """Realness and class logits are the condition itself."""

    def forward(self, images, condition):
        return Critique(condition.sum(1), condition, condition + torch.arange(condition.shape[1]))


def test_a_discriminator_of_further_classes_is_asked_for_the_first_ones():
    critique = TargetDomain(Conditional(), 2, 5)(torch.zeros(2, 1, 8, 8), torch.eye(2))
    assert critique.features.tolist() == [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0]]
    assert critique.class_logits.tolist() == [[1, 1], [0, 2]]


def test_shares_that_leave_no_labelled_image_are_refused():
    with pytest.raises(Exception, match="other_domain_share, unlabelled_share: leave no labelled images"):
        short_settings(other_domain_share=0.6, unlabelled="unconditional", unlabelled_share=0.5)
