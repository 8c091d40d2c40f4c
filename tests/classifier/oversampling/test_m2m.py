"""M2m with classifiers whose gradients are known: logits are means of pixels."""

import numpy as np
import pytest
import torch
from torch import nn

from ganaug.classifier.oversampling.m2m import M2m
from ganaug.data.images import LabelledImages


class Brightness(nn.Module):
    """Logits (−s·mean, s·mean): bright images are of the second class."""

    def __init__(self, slope: float) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(slope))

    def forward(self, images):
        mean = self.slope * images.mean((1, 2, 3))
        return torch.stack([-mean, mean], dim=1)


@pytest.fixture
def train():
    """Twenty images at 64 and one at 200; 4×4 pixels."""
    labels = np.repeat([0, 1], [20, 1])
    images = np.where(labels == 0, 64, 200).astype(np.uint8)[:, None, None, None] * np.ones((1, 1, 4, 4), np.uint8)
    return LabelledImages(images, labels, ("dark", "bright"))


def fit(slope):
    return lambda seed: Brightness(slope)


def test_images_move_by_the_steps_in_the_direction_of_the_class(train):
    """Each step has length `step`, of which every one of 16 equal pixels takes a quarter."""
    made = M2m(noise=0, iterations=4, step=0.05, confidence=0.0, beta=1e-9)(train, fit(1.0), 0)
    assert made.counts == {"dark": 0, "bright": 19}
    expected = 255 * (64 / 255 + 4 * 0.05 / 4)
    assert np.unique(made.images).tolist() == [round(expected)]


def test_images_of_which_the_classifier_is_not_sure_are_rejected(train):
    certain = M2m(noise=0, iterations=1, confidence=0.9)(train, fit(1.0), 0)
    assert np.unique(certain.images).tolist() == [200]  # the real image of the class, repeated instead
    assert certain.counts == {"dark": 0, "bright": 19}
    far = M2m(noise=0, iterations=30, step=0.2, confidence=0.9, beta=1e-9)
    assert (far(train, fit(20.0), 0).images != 200).any((1, 2, 3)).all()


def test_acceptance_grows_with_the_difference_in_numbers(train):
    """β = 0.95 and 19 more images: 1 − 0.95¹⁹ = 0.62 of many tries."""
    plain = {"noise": 0, "confidence": 0.0, "beta": 0.95}
    kept = [(M2m(**plain)(train, fit(1.0), seed).images[:, 0, 0, 0] != 200).sum() for seed in range(40)]
    assert np.mean(kept) / 19 == pytest.approx(1 - 0.95**19, abs=0.08)  # four standard errors


def test_the_second_classifier_is_to_forget_the_source(train):
    """It knows the first class by darkness, too, so forgetting it alone brightens the image."""

    class Indifferent(Brightness):
        def forward(self, images):
            return 0 * super().forward(images)

    options = {"noise": 0, "step": 0.05, "confidence": 0.0, "beta": 1e-9}
    made = []
    for forget in (0.5, 0.0):
        classifiers = iter([Indifferent(1.0), Brightness(1.0)])
        made.append(M2m(forget=forget, **options)(train, lambda seed, left=classifiers: next(left), 0))
    forgetting, not_forgetting = made
    assert (forgetting.images > 64).all()
    assert (not_forgetting.images == 64).all()
