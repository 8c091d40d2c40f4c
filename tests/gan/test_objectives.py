"""Hand-derived values and gradients of each objective, from the papers' formulas."""

from math import e, log

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor
from torch.nn.functional import cross_entropy

from ganaug.gan.conditioning import head
from ganaug.gan.objectives import Critique, Critiques
from ganaug.gan.objectives.hinge import Hinge
from ganaug.gan.objectives.least_squares import LeastSquares
from ganaug.gan.objectives.minimax import Minimax
from ganaug.gan.objectives.non_saturating import NonSaturating
from ganaug.gan.objectives.relativistic import Relativistic
from ganaug.gan.objectives.sgan import Sgan
from ganaug.gan.objectives.wasserstein_gp import WassersteinGp


def images(*realness: float) -> Tensor:
    """Return one single-pixel image per realness; its gradient is that of the realness."""
    return torch.tensor(realness, dtype=torch.float32).view(-1, 1, 1, 1).requires_grad_()


def critic(given: Tensor) -> Critique:
    """Take an image's pixel as its realness."""
    return Critique(given.flatten(1).squeeze(1), given.flatten(1))


def gradient(terms: dict[str, Tensor], given: Tensor) -> list[float]:
    (found,) = torch.autograd.grad(torch.stack(list(terms.values())).sum(), given)
    return found.flatten().tolist()


def values(terms: dict[str, Tensor]) -> dict[str, float]:
    return {name: term.item() for name, term in terms.items()}


def test_hinge_discriminator_penalises_realness_inside_the_margin():
    # real: max(0, 1 − s) of 2, 0.5, −1 is 0, 0.5, 2; fake: max(0, 1 + s) of −2, 0.5, 1 is 0, 1.5, 2
    terms = Hinge().discriminator_terms(Critiques(critic, images(2, 0.5, -1), images(-2, 0.5, 1)))
    assert values(terms) == pytest.approx({"real": 2.5 / 3, "fake": 3.5 / 3})


def test_hinge_discriminator_gradient_is_zero_outside_the_margin_and_constant_inside():
    real, fake = images(2, 0.5, -1), images(-2, 0.5, 1)
    assert gradient(Hinge().discriminator_terms(Critiques(critic, real, fake)), real) == pytest.approx(
        [0, -1 / 3, -1 / 3]
    )
    assert gradient(Hinge().discriminator_terms(Critiques(critic, real, fake)), fake) == pytest.approx(
        [0, 1 / 3, 1 / 3]
    )


def test_hinge_generator_maximises_realness_without_bound():
    fake = images(-3, 5)
    terms = Hinge().generator_terms(Critiques(critic, images(0, 0), fake))
    assert values(terms) == pytest.approx({"fake": -1})  # −(−3 + 5) / 2
    assert gradient(terms, fake) == pytest.approx([-0.5, -0.5])


def test_non_saturating_discriminator_minimises_cross_entropy():
    # σ(0) = 1/2, σ(ln 3) = 3/4; real: −ln σ(s) = ln 2, ln 4/3; fake: −ln(1 − σ(s)) = ln 2, ln 4
    terms = NonSaturating().discriminator_terms(Critiques(critic, images(0, log(3)), images(0, log(3))))
    assert values(terms) == pytest.approx({"real": (log(2) + log(4 / 3)) / 2, "fake": (log(2) + log(4)) / 2})


def test_non_saturating_discriminator_gradient():
    # d/ds −ln σ(s) = σ(s) − 1; d/ds −ln(1 − σ(s)) = σ(s)
    real, fake = images(0, log(3)), images(0, log(3))
    terms = NonSaturating().discriminator_terms(Critiques(critic, real, fake))
    assert gradient(terms, real) == pytest.approx([-1 / 4, -1 / 8])
    terms = NonSaturating().discriminator_terms(Critiques(critic, real, fake))
    assert gradient(terms, fake) == pytest.approx([1 / 4, 3 / 8])


def test_non_saturating_generator_has_the_largest_gradient_where_it_is_detected():
    fake = images(-log(3), log(3))
    terms = NonSaturating().generator_terms(Critiques(critic, images(0, 0), fake))
    assert values(terms) == pytest.approx({"fake": (log(4) + log(4 / 3)) / 2})  # −ln σ
    assert gradient(terms, fake) == pytest.approx([-3 / 8, -1 / 8])  # σ(s) − 1, over 2 images


def test_non_saturating_stays_exact_for_extreme_logits():
    # −ln(1 − σ(200)) = 200 and −ln σ(−200) = 200 up to e^−200, where σ itself rounds to 1 or 0
    terms = NonSaturating().discriminator_terms(Critiques(critic, images(-200), images(200)))
    assert values(terms) == pytest.approx({"real": 200, "fake": 200})
    fake = images(-200)
    assert gradient(NonSaturating().generator_terms(Critiques(critic, images(0), fake)), fake) == pytest.approx([-1])


def test_minimax_discriminator_minimises_cross_entropy():
    # σ(0) = 1/2, σ(ln 3) = 3/4, as for non_saturating, which has the same discriminator loss
    real, fake = images(0, log(3)), images(0, log(3))
    terms = Minimax().discriminator_terms(Critiques(critic, real, fake))
    assert values(terms) == pytest.approx({"real": (log(2) + log(4 / 3)) / 2, "fake": (log(2) + log(4)) / 2})
    assert gradient({"real": terms["real"]}, real) == pytest.approx([-1 / 4, -1 / 8])
    assert gradient({"fake": terms["fake"]}, fake) == pytest.approx([1 / 4, 3 / 8])


def test_minimax_generator_has_the_smallest_gradient_where_it_is_detected():
    fake = images(-log(3), log(3))
    terms = Minimax().generator_terms(Critiques(critic, images(0, 0), fake))
    assert values(terms) == pytest.approx({"fake": (log(3 / 4) + log(1 / 4)) / 2})  # ln(1 − σ)
    assert gradient(terms, fake) == pytest.approx([-1 / 8, -3 / 8])  # −σ(s), over 2 images


def test_minimax_stays_exact_for_extreme_logits():
    # −ln σ(−200) = 200 and −ln(1 − σ(200)) = 200 up to e^−200
    terms = Minimax().discriminator_terms(Critiques(critic, images(-200), images(200)))
    assert values(terms) == pytest.approx({"real": 200, "fake": 200})
    # ln(1 − σ(s)) is −200 with the slope −1 at 200, and has vanished at −200: it saturates
    fake = images(200, -200)
    terms = Minimax().generator_terms(Critiques(critic, images(0), fake))
    assert values(terms) == pytest.approx({"fake": -100})
    assert gradient(terms, fake) == pytest.approx([-1 / 2, 0])


def test_least_squares_discriminator_targets_one_half_for_real_and_minus_one_half_for_fake():
    # ½ (s − ½)² of ½, 2, −1 is 0, 1.125, 1.125; ½ (s + ½)² of −½, 1, 0 is 0, 1.125, 0.125
    real, fake = images(0.5, 2, -1), images(-0.5, 1, 0)
    terms = LeastSquares().discriminator_terms(Critiques(critic, real, fake))
    assert values(terms) == pytest.approx({"real": 2.25 / 3, "fake": 1.25 / 3})
    assert gradient({"real": terms["real"]}, real) == pytest.approx([0, 0.5, -0.5])  # (s − ½) / 3
    assert gradient({"fake": terms["fake"]}, fake) == pytest.approx([0, 0.5, 1 / 6])  # (s + ½) / 3


def test_least_squares_discriminator_is_undecided_at_realness_0():
    # the paper's targets 1 and 0 are equally far from ½, which is the realness 0
    terms = LeastSquares().discriminator_terms(Critiques(critic, images(0), images(0)))
    assert values(terms) == pytest.approx({"real": 1 / 8, "fake": 1 / 8})


def test_least_squares_generator_is_pulled_back_beyond_its_target():
    fake = images(-1.5, 0.5, 3.5)
    terms = LeastSquares().generator_terms(Critiques(critic, images(0, 0, 0), fake))
    assert values(terms) == pytest.approx({"fake": (2 + 0 + 4.5) / 3})  # ½ (s − ½)²
    assert gradient(terms, fake) == pytest.approx([-2 / 3, 0, 1])  # (s − ½) / 3


def test_wasserstein_critic_minimises_the_difference_of_the_means():
    real, fake = images(3, -1, 4), images(-2, 7, 1)
    terms = WassersteinGp().discriminator_terms(Critiques(critic, real, fake))
    assert values(terms) == pytest.approx({"real": -2, "fake": 2})
    assert gradient({"real": terms["real"]}, real) == pytest.approx([-1 / 3] * 3)
    assert gradient({"fake": terms["fake"]}, fake) == pytest.approx([1 / 3] * 3)


def test_wasserstein_generator_maximises_realness_without_bound():
    fake = images(-300, 500)
    terms = WassersteinGp().generator_terms(Critiques(critic, images(0, 0), fake))
    assert values(terms) == pytest.approx({"fake": -100})
    assert gradient(terms, fake) == pytest.approx([-0.5, -0.5])


def test_wasserstein_requires_its_gradient_penalty():
    assert WassersteinGp().gradient_penalty == 10
    with pytest.raises(ValidationError):
        WassersteinGp(gradient_penalty=0)


def test_relativistic_discriminator_penalises_fakes_that_look_more_real_than_their_pair():
    # fake − real is 0, −ln 3, ln 3, so ln(1 + exp) is ln 2, ln 4/3, ln 4, with the slopes σ: 1/2, 1/4, 3/4
    real, fake = images(5, log(3), -log(3)), images(5, 0, 0)
    terms = Relativistic().discriminator_terms(Critiques(critic, real, fake))
    assert values(terms) == pytest.approx({"pair": (log(2) + log(4 / 3) + log(4)) / 3})
    assert gradient(terms, real) == pytest.approx([-1 / 6, -1 / 12, -1 / 4])
    terms = Relativistic().discriminator_terms(Critiques(critic, real, fake))
    assert gradient(terms, fake) == pytest.approx([1 / 6, 1 / 12, 1 / 4])


def test_relativistic_generator_has_the_same_loss_with_real_and_fake_swapped():
    # real − fake is 0, ln 3, −ln 3
    fake = images(5, 0, 0)
    terms = Relativistic().generator_terms(Critiques(critic, images(5, log(3), -log(3)), fake))
    assert values(terms) == pytest.approx({"pair": (log(2) + log(4) + log(4 / 3)) / 3})
    assert gradient(terms, fake) == pytest.approx([-1 / 6, -1 / 4, -1 / 12])


@pytest.mark.parametrize("terms", [Relativistic().discriminator_terms, Relativistic().generator_terms])
def test_relativistic_compares_each_fake_with_the_real_image_at_its_index(terms):
    # equal pairs: ln 2 each; crossed, the differences are 4 and −4: ln(1 + e⁴) − 2 on average
    assert values(terms(Critiques(critic, images(0, 4), images(0, 4)))) == pytest.approx({"pair": log(2)})
    crossed = values(terms(Critiques(critic, images(0, 4), images(4, 0))))
    assert crossed == pytest.approx({"pair": log(1 + e**4) - 2})


def test_relativistic_depends_on_differences_only():
    terms = Relativistic().discriminator_terms(Critiques(critic, images(1.5, -2), images(0.25, 1)))
    raised = Relativistic().discriminator_terms(Critiques(critic, images(101.5, 98), images(100.25, 101)))
    assert values(raised) == values(terms)


def test_relativistic_stays_exact_for_extreme_logits():
    # ln(1 + e^400) = 400 up to e^−400
    fake = images(-200)
    terms = Relativistic().discriminator_terms(Critiques(critic, images(-200), images(200)))
    assert values(terms) == pytest.approx({"pair": 400})
    terms = Relativistic().generator_terms(Critiques(critic, images(200), fake))
    assert values(terms) == pytest.approx({"pair": 400})
    assert gradient(terms, fake) == pytest.approx([-1])


def rows(*given: tuple[float, float]) -> Tensor:
    """Return one two-pixel image per row."""
    return torch.tensor(given, dtype=torch.float32).view(-1, 1, 1, 2).requires_grad_()


def classifier(given: Tensor) -> Critique:
    """Take an image's two pixels as the logits of two classes, with the head that `sgan` requires."""
    last = head(Sgan.discriminator_conditioning, features=2, classes=2)
    with torch.no_grad():
        last.classes.weight.copy_(torch.eye(2))
        last.classes.bias.zero_()
    return last(given.flatten(1), torch.zeros(len(given), 2))


def test_sgan_compares_the_sum_of_all_classes_with_fake():
    # Z = Σ exp logits is 3 and 2, D = Z / (Z + 1) is 3/4 and 2/3; real: −ln D; fake: −ln(1 − D)
    real, fake = rows((0, log(2)), (0, 0)), rows((0, log(2)), (0, 0))
    terms = Sgan().discriminator_terms(Critiques(classifier, real, fake))
    assert values(terms) == pytest.approx({"real": (log(4 / 3) + log(3 / 2)) / 2, "fake": (log(4) + log(3)) / 2})
    # d/dl −ln D = (D − 1) softmax(l) and d/dl −ln(1 − D) = D softmax(l); the softmaxes are (1/3, 2/3) and (1/2, 1/2)
    assert gradient({"real": terms["real"]}, real) == pytest.approx([-1 / 24, -1 / 12, -1 / 12, -1 / 12])
    assert gradient({"fake": terms["fake"]}, fake) == pytest.approx([1 / 8, 1 / 4, 1 / 6, 1 / 6])


def test_sgan_is_a_classifier_with_one_more_class_of_logit_0():
    logits = 3 * torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    terms = Sgan().discriminator_terms(Critiques(classifier, logits.view(-1, 1, 1, 2), logits.view(-1, 1, 1, 2)))
    with_fake = torch.cat([logits, torch.zeros(50, 1)], dim=1)
    probability = with_fake.softmax(dim=1)
    fakes = torch.full((50,), 2)
    assert terms["fake"].item() == pytest.approx(cross_entropy(with_fake, fakes).item(), rel=1e-5)
    assert terms["real"].item() == pytest.approx(-probability[:, :2].sum(1).log().mean().item(), rel=1e-5)


def test_sgan_stays_exact_for_extreme_logits():
    # Z is e^1000 up to e^−1000, and 2 e^−1000: ln Z = 1000 and ln 2 − 1000
    high, low = rows((1000, -1000)), rows((-1000, -1000))
    terms = Sgan().discriminator_terms(Critiques(classifier, low, high))
    assert values(terms) == pytest.approx({"real": 1000 - log(2), "fake": 1000})
    assert gradient({"real": terms["real"]}, low) == pytest.approx([-1 / 2, -1 / 2], abs=1e-4)  # 999.3 in 24 bits
    assert gradient({"fake": terms["fake"]}, high) == pytest.approx([1, 0])


def test_sgan_generator_matches_the_mean_features_of_real_images():
    # means (2, 1) and (1, 4): (1² + 3²) / 2; slope at each fake: −2 (1, −3) / 2 features / 2 images
    real, fake = rows((1, 0), (3, 2)), rows((0, 5), (2, 3))
    terms = Sgan().generator_terms(Critiques(classifier, real, fake))
    assert values(terms) == pytest.approx({"features": 5})
    (at_fake, at_real) = torch.autograd.grad(terms["features"], [fake, real], allow_unused=True)
    assert at_fake.flatten().tolist() == pytest.approx([-0.5, 1.5, -0.5, 1.5])
    assert at_real is None  # the generator's loss has no gradient at real images


def test_sgan_generator_loss_is_0_for_different_images_with_the_same_mean():
    terms = Sgan().generator_terms(Critiques(classifier, rows((1, 0), (3, 2)), rows((2, 1), (2, 1))))
    assert values(terms) == {"features": 0}


def patch_critic(given: Tensor) -> Critique:
    """Take an image's pixels as the realness of its patches."""
    return Critique(given.flatten(1), given.flatten(1))


# realness of two patches in each of two images
REAL, FAKE = ((2, 0.5), (-1, 0)), ((-2, 0.5), (1, 0))


def test_terms_are_means_over_images_and_patches():
    critiques = Critiques(patch_critic, rows(*REAL), rows(*FAKE))
    assert critiques.real.realness.shape == (2, 2)
    # max(0, 1 − s) of the real patches is 0, 0.5, 2, 1; max(0, 1 + s) of the fake ones is 0, 1.5, 2, 1
    assert values(Hinge().discriminator_terms(critiques)) == pytest.approx({"real": 3.5 / 4, "fake": 4.5 / 4})
    assert values(WassersteinGp().discriminator_terms(critiques)) == pytest.approx({"real": -1.5 / 4, "fake": -0.5 / 4})
    # ½ (s − ½)² of 2, ½, −1, 0 and ½ (s + ½)² of −2, ½, 1, 0
    expected = {"real": (1.125 + 0 + 1.125 + 0.125) / 4, "fake": (1.125 + 0.5 + 1.125 + 0.125) / 4}
    assert values(LeastSquares().discriminator_terms(critiques)) == pytest.approx(expected)
    # fake − real, patch by patch: −4, 0, 2, 0
    pairs = (log(1 + e**-4) + log(2) + log(1 + e**2) + log(2)) / 4
    assert values(Relativistic().discriminator_terms(critiques)) == pytest.approx({"pair": pairs})


@pytest.mark.parametrize(
    "objective", [Hinge(), LeastSquares(), Minimax(), NonSaturating(), Relativistic(), WassersteinGp()]
)
def test_patches_give_the_terms_of_as_many_images(objective):
    patched = Critiques(patch_critic, rows(*REAL), rows(*FAKE))
    apart = Critiques(critic, images(*(s for row in REAL for s in row)), images(*(s for row in FAKE for s in row)))
    for terms in (objective.discriminator_terms, objective.generator_terms):
        assert values(terms(patched)) == pytest.approx(values(terms(apart)))
