"""Values and gradients of each objective, derived by hand from the papers' formulas."""

from math import log

import pytest
import torch
from torch import Tensor

from ganaug.objectives import Critique, Judged
from ganaug.objectives.hinge import Hinge
from ganaug.objectives.non_saturating import NonSaturating


def images(*realness: float) -> Tensor:
    """Return one image of a single pixel for each realness; its gradient is that of the realness."""
    return torch.tensor(realness, dtype=torch.float32).view(-1, 1, 1, 1).requires_grad_()


def critic(given: Tensor) -> Critique:
    """Find each image exactly as real as its pixel says."""
    return Critique(given.flatten(1).squeeze(1), given.flatten(1))


def gradient(terms: dict[str, Tensor], given: Tensor) -> list[float]:
    (found,) = torch.autograd.grad(torch.stack(list(terms.values())).sum(), given)
    return found.flatten().tolist()


def values(terms: dict[str, Tensor]) -> dict[str, float]:
    return {name: term.item() for name, term in terms.items()}


def test_hinge_discriminator_pays_for_what_lies_inside_the_margin():
    # real: max(0, 1 − s) of 2, 0.5, −1 is 0, 0.5, 2; fake: max(0, 1 + s) of −2, 0.5, 1 is 0, 1.5, 2
    terms = Hinge().discriminator_terms(Judged(critic, images(2, 0.5, -1), images(-2, 0.5, 1)))
    assert values(terms) == pytest.approx({"real": 2.5 / 3, "fake": 3.5 / 3})


def test_hinge_discriminator_gradient_is_zero_outside_the_margin_and_constant_inside():
    real, fake = images(2, 0.5, -1), images(-2, 0.5, 1)
    assert gradient(Hinge().discriminator_terms(Judged(critic, real, fake)), real) == pytest.approx([0, -1 / 3, -1 / 3])
    assert gradient(Hinge().discriminator_terms(Judged(critic, real, fake)), fake) == pytest.approx([0, 1 / 3, 1 / 3])


def test_hinge_generator_raises_realness_without_bound():
    fake = images(-3, 5)
    terms = Hinge().generator_terms(Judged(critic, images(0, 0), fake))
    assert values(terms) == pytest.approx({"fake": -1})  # −(−3 + 5) / 2
    assert gradient(terms, fake) == pytest.approx([-0.5, -0.5])


def test_non_saturating_discriminator_pays_cross_entropy():
    # σ(0) = 1/2, σ(ln 3) = 3/4; real: −ln σ(s) = ln 2, ln 4/3; fake: −ln(1 − σ(s)) = ln 2, ln 4
    terms = NonSaturating().discriminator_terms(Judged(critic, images(0, log(3)), images(0, log(3))))
    assert values(terms) == pytest.approx({"real": (log(2) + log(4 / 3)) / 2, "fake": (log(2) + log(4)) / 2})


def test_non_saturating_discriminator_gradient():
    # d/ds −ln σ(s) = σ(s) − 1; d/ds −ln(1 − σ(s)) = σ(s)
    real, fake = images(0, log(3)), images(0, log(3))
    terms = NonSaturating().discriminator_terms(Judged(critic, real, fake))
    assert gradient(terms, real) == pytest.approx([-1 / 4, -1 / 8])
    terms = NonSaturating().discriminator_terms(Judged(critic, real, fake))
    assert gradient(terms, fake) == pytest.approx([1 / 4, 3 / 8])


def test_non_saturating_generator_learns_most_where_it_is_found_out():
    fake = images(-log(3), log(3))
    terms = NonSaturating().generator_terms(Judged(critic, images(0, 0), fake))
    assert values(terms) == pytest.approx({"fake": (log(4) + log(4 / 3)) / 2})  # −ln σ
    assert gradient(terms, fake) == pytest.approx([-3 / 8, -1 / 8])  # σ(s) − 1, over 2 images


def test_non_saturating_stays_exact_for_extreme_logits():
    # −ln(1 − σ(200)) = 200 and −ln σ(−200) = 200 up to e^−200, where σ itself rounds to 1 or 0
    terms = NonSaturating().discriminator_terms(Judged(critic, images(-200), images(200)))
    assert values(terms) == pytest.approx({"real": 200, "fake": 200})
    fake = images(-200)
    assert gradient(NonSaturating().generator_terms(Judged(critic, images(0), fake)), fake) == pytest.approx([-1])
