"""Descriptions of arms."""

import pytest

from ganaug.experiment.arms.description import arm_in_words, learned_from, percent
from ganaug.experiment.arms.settings import Arm

TRANSFORMS = ({"name": "RandomAffine", "degrees": 10},)


@pytest.mark.parametrize(
    ("arm", "synthetic", "words"),
    [
        (Arm(), 0.0, "real images"),
        (Arm(labels=20, transforms=TRANSFORMS), 0.0, "20 real images per class with classical transforms"),
        (Arm(labels="all", balanced=True), 0.0, "all labelled images of the pool, all classes equally often"),
        (Arm(synthetic=(0.0, 0.25)), 0.25, "real images, 25% of each batch synthetic"),
        (Arm(synthetic=(0.0, 0.25)), 0.0, "real images, no synthetic images: of 0% and 25%, 0% was best on validation"),
        (Arm(synthetic=1.0, transforms=TRANSFORMS), 1.0, "synthetic images only with classical transforms"),
        (
            Arm(synthetic=1.0, synthetic_until=0.5),
            1.0,
            "real images, 100% of each batch synthetic in the first 50% of the steps",
        ),
        (
            Arm(pseudo_labels=0.37),
            0.0,
            "real images, 37% of each batch unlabelled images with pseudo-labels of an ensemble",
        ),
        (
            Arm(pseudo_labels=0.5, teacher="both"),
            0.0,
            (
                "real images, 50% of each batch unlabelled images with pseudo-labels of an ensemble and the GAN's "
                "discriminator"
            ),
        ),
        (Arm(other_domain=0.5), 0.0, "real images, 50% of each batch from another domain"),
        (Arm(discriminator=True), 0.0, "the GAN's own discriminator as the classifier"),
    ],
)
def test_what_an_arm_is_trained_on(arm, synthetic, words):
    assert arm_in_words(arm, synthetic) == words


@pytest.mark.parametrize(
    ("share", "words"), [(0.25, "25%"), (0.3, "30%"), (0.37, "37%"), (1.0, "100%"), (0.125, "12.5%"), (1 / 3, "33.3%")]
)
def test_shares_are_percentages(share, words):
    assert percent(share) == words


@pytest.mark.parametrize(
    ("trained_on", "words"),
    [
        ("labels", "limited labels"),
        ("unlabelled, other domain", "limited labels, unlabelled images, images of another domain"),
        ("other domain, more labels", "images of another domain, more labels"),
        ("descriptions", "limited labels, descriptions"),
    ],
)
def test_what_an_arm_learned_from(trained_on, words):
    assert learned_from(trained_on) == words
