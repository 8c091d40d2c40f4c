"""DiscoGAN: its term by hand, its code, and the objective that goes with it."""

import pytest
import torch

from ganaug.gan.conditioning import conditions
from ganaug.gan.networks import Shape, Source
from ganaug.gan.networks.discogan import Discogan
from ganaug.gan.objectives import Critique, Critiques
from ganaug.gan.objectives.non_saturating import NonSaturating

CLASSES = 2


def condition(*labels: int) -> torch.Tensor:
    return conditions(torch.tensor(labels), CLASSES)


def test_reconstruction_by_hand(monkeypatch):
    """A generator that adds 0.1 for the second class: 0.1 of the way there, and of the way back to it, is missing."""
    gan = Discogan(channels=4, reconstruction=2.5).generator(Shape(1, 16, 16), CLASSES)
    add = lambda z, wanted, source: source + 0.1 * wanted.argmax(1)[:, None, None, None]  # noqa: E731
    monkeypatch.setattr(gan, "forward", add)
    images, noise, wanted = torch.zeros(2, 1, 16, 16), torch.zeros(2, 0), condition(1, 1)
    terms = gan.own_terms(noise, wanted, Source(images, condition(0, 1)), gan(noise, wanted, images))
    assert terms == {"reconstruction": pytest.approx(2.5 * (0.1**2 + 0.2**2) / 2)}


@pytest.mark.parametrize(("size", "code"), [(8, 4), (16, 4), (28, 7), (64, 4)])
def test_all_of_the_source_passes_through_a_small_code(size, code):
    gan, seen = Discogan(channels=4).generator(Shape(1, size, size), CLASSES), []
    gan.down[-1].register_forward_hook(lambda _module, _given, out: seen.append(out.shape[2:]))
    assert gan(torch.zeros(2, 0), condition(0, 1), torch.zeros(2, 1, size, size)).shape == (2, 1, size, size)
    assert seen == [(code, code)]


def test_features_are_matched_in_their_means():
    """Means of (1, 3) and (2, 1): squared differences 1 and 4, mean 2.5."""
    rate = lambda images: Critique(images.sum(1), images)  # noqa: E731
    real, fake = torch.tensor([[0.0, 2.0], [2.0, 4.0]]), torch.tensor([[2.0, 0.0], [2.0, 2.0]])
    assert NonSaturating().feature_terms(Critiques(rate, real, fake)) == {}
    terms = NonSaturating(feature_matching=9).feature_terms(Critiques(rate, real, fake))
    assert terms == {"features": pytest.approx(9 * 2.5)}
