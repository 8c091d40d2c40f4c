"""Hand-derived values of each penalty, on critics with a known gradient."""

from collections.abc import Callable
from typing import NoReturn

import pytest
import torch
from torch import Tensor, nn

from ganaug.gan.objectives import Critique, Critiques, Objective
from ganaug.gan.objectives.hinge import Hinge
from ganaug.gan.objectives.non_saturating import NonSaturating
from ganaug.gan.objectives.relativistic import Relativistic
from ganaug.gan.objectives.wasserstein_gp import WassersteinGp
from ganaug.gan.penalties import Penalties, lecam, one_centred, zero_centred


class Critic(nn.Module):
    """A critic with one parameter, `slope`, that counts its calls."""

    def __init__(self, realness: Callable[[Tensor, Tensor], Tensor], slope: float | list[float] = 1.0) -> None:
        super().__init__()
        self.realness, self.calls = realness, 0
        self.slope = nn.Parameter(torch.tensor(slope))

    def forward(self, images: Tensor) -> Critique:
        self.calls += 1
        return Critique(self.realness(images.flatten(1), self.slope), images.flatten(1))


def linear(slope: list[float]) -> Critic:
    """D(x) = ⟨a, x⟩, whose gradient is a everywhere."""
    return Critic(lambda x, a: x @ a, slope)


def quadratic(slope: float = 1.0) -> Critic:
    """D(x) = ½ c ‖x‖², whose gradient is c x."""
    return Critic(lambda x, c: c * x.square().sum(1) / 2, slope)


def pixels() -> Critic:
    """D(x) = x, for images of a single pixel."""
    return Critic(lambda x, c: c * x.squeeze(1))


def images(*rows: list[float]) -> Tensor:
    return torch.tensor(rows)[:, None, None].requires_grad_()


def no_random_numbers(count: int) -> NoReturn:
    raise AssertionError("no penalty of this objective needs random numbers")


def floats(terms: dict[str, Tensor]) -> dict[str, float]:
    return {name: term.item() for name, term in terms.items()}


def test_zero_centred_penalty_of_a_linear_critic_is_half_its_squared_slope_at_any_image():
    critic = linear([3.0, -4.0])
    for given in (images([0.0, 0.0]), images([1.0, 2.0], [-7.0, 5.0], [0.5, 0.5])):
        assert zero_centred(critic(given).realness, given).item() == pytest.approx(25 / 2)


def test_zero_centred_penalty_is_the_mean_over_images():
    # gradients c x with c = 2: squared lengths 4 · 25 and 4 · 1, halved, over 2 images
    given = images([3.0, 4.0], [0.0, -1.0])
    assert zero_centred(quadratic(2.0)(given).realness, given).item() == pytest.approx((100 + 4) / 2 / 2)


def test_zero_centred_penalty_trains_the_critic_through_the_gradient():
    # ½ c² E‖x‖² has the slope c E‖x‖² = 2 · 13; for a linear critic ½‖a‖² has the slope a
    critic, given = quadratic(2.0), images([3.0, 4.0], [0.0, -1.0])
    zero_centred(critic(given).realness, given).backward()
    assert critic.slope.grad.item() == pytest.approx(26)
    critic = linear([3.0, -4.0])
    zero_centred(critic(given).realness, given).backward()
    assert critic.slope.grad.tolist() == pytest.approx([3, -4])


def test_r1_uses_real_images_and_r2_fake_ones():
    # ½ c² ‖x‖² is ½ · 25 at the real image and ½ · 4 at the fake one
    for objective, expected in (
        (Hinge(r1=10), {"r1": 10 * 12.5}),
        (Hinge(r2=0.5), {"r2": 0.5 * 2.0}),
        (Hinge(r1=2, r2=3), {"r1": 2 * 12.5, "r2": 3 * 2.0}),
    ):
        critiques = Critiques(quadratic(), images([3.0, 4.0]), images([0.0, 2.0]))
        assert floats(Penalties(objective)(critiques, 0, no_random_numbers)) == pytest.approx(expected)


def test_lazy_penalties_are_computed_every_few_steps_with_a_larger_weight():
    objective = Hinge(r1=2, r2=3, gradient_penalty=5, penalty_every=4)
    penalties = Penalties(objective)
    due = []
    for step in range(10):
        # the linear critic's slope is 3 everywhere: R1 and R2 are 9/2, the gradient penalty (3 − 1)²
        critiques = Critiques(linear([3.0]), images([1.0]), images([2.0]))
        terms = floats(penalties(critiques, step, torch.ones))
        assert objective.needs_input_gradients(step) == bool(terms)
        if terms:
            due.append(step)
            assert terms == pytest.approx({"r1": 4 * 2 * 4.5, "r2": 4 * 3 * 4.5, "gradient_penalty": 4 * 5 * 4})
    assert due == [0, 4, 8]


def test_penalties_without_gradients_are_computed_at_every_step_with_their_plain_weight():
    objective = Hinge(lecam=2, consistency=3, penalty_every=4)
    for step in range(6):
        assert not objective.needs_input_gradients(step)
        # the anchors are still 0, and the critic is the same each time
        critiques = Critiques(pixels(), images([1.0]).detach(), images([-2.0]).detach())
        terms = floats(Penalties(objective)(critiques, step, no_random_numbers))
        assert terms == pytest.approx({"lecam": 2 * (1 + 4), "consistency": 0})


@pytest.mark.parametrize("objective", [Hinge(r1=1), Hinge(r2=1), Hinge(gradient_penalty=1)])
def test_every_gradient_penalty_needs_input_gradients(objective):
    assert objective.needs_input_gradients(0)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_one_centred_penalty_of_a_linear_critic_is_the_squared_distance_of_its_slope_from_1(share):
    real, fake, shares = images([1.0, 2.0], [5.0, 0.0]), images([0.0, 0.0], [-1.0, 1.0]), torch.full((2,), share)
    assert one_centred(linear([3.0, -4.0]), real, fake, shares).item() == pytest.approx(16)  # (5 − 1)²
    assert one_centred(linear([0.6, 0.8]), real, fake, shares).item() == pytest.approx(0, abs=1e-6)
    assert one_centred(linear([0.3, 0.4]), real, fake, shares).item() == pytest.approx(
        0.25
    )  # a slope below 1 costs too


def test_one_centred_penalty_is_taken_between_each_pair_at_its_share():
    # the gradient of ½‖x‖² is x̂ itself: ¼ · 6 + ¾ · 2 = 3 and ¾ · 10 − ¼ · 2 = 7, so (2² + 6²) / 2
    real, fake = images([6.0], [10.0]), images([2.0], [-2.0])
    assert one_centred(quadratic(), real, fake, torch.tensor([0.25, 0.75])).item() == pytest.approx(20)
    # along the line (0, 1) … (3, 5): at a half (1.5, 3), whose length is √11.25
    middle = one_centred(quadratic(), images([3.0, 5.0]), images([0.0, 1.0]), torch.tensor([0.5]))
    assert middle.item() == pytest.approx((11.25**0.5 - 1) ** 2, rel=1e-5)


def test_one_centred_penalty_trains_only_the_critic():
    # at x̂ = 3 the norm is 3c, and (3c − 1)² has the slope 6 (3c − 1) = 30 at c = 2
    critic, real, fake = quadratic(2.0), images([6.0]), images([0.0])
    one_centred(critic, real, fake, torch.tensor([0.5])).backward()
    assert critic.slope.grad.item() == pytest.approx(30)
    assert real.grad is None
    assert fake.grad is None


def test_a_flat_critic_has_penalty_1_and_a_finite_gradient():
    # √ alone has an infinite slope at 0, and 0 · ∞ is NaN
    for critic, real in ((linear([0.0, 0.0]), images([1.0, 2.0])), (quadratic(), images([0.0, 0.0]))):
        penalty = one_centred(critic, real, images([0.0, 0.0]), torch.tensor([0.5]))
        assert penalty.item() == pytest.approx(1, abs=1e-5)
        penalty.backward()
        assert critic.slope.grad.count_nonzero() == 0


def test_one_centred_penalty_accepts_fake_images_in_bfloat16():
    # as the generator's last layer returns in mixed precision; 6 and 2 are exact in it: ¼ · 6 + ¾ · 2 = 3, (3 − 1)²
    fake = images([2.0]).bfloat16()
    assert one_centred(quadratic(), images([6.0]), fake, torch.tensor([0.25])).item() == pytest.approx(4)


def test_the_gradient_penalty_draws_one_share_per_pair_and_calls_the_critic_once():
    drawn = []

    def shares(count: int) -> Tensor:
        drawn.append(count)
        return torch.tensor([0.25, 0.75])

    critic = quadratic()
    critiques = Critiques(critic, images([6.0], [10.0]), images([2.0], [-2.0]))
    terms = Penalties(WassersteinGp(gradient_penalty=3))(critiques, 0, shares)
    assert floats(terms) == pytest.approx({"gradient_penalty": 60})  # 3 · 20, as above
    assert drawn == [2]
    assert critic.calls == 1


def test_lecam_penalises_realness_beyond_the_anchor_of_the_other_side():
    # real above the fake anchor 0.5: 1.5², 0, 0; fake below the real anchor 1: 0, 2², 0.5²
    real, fake = images([2.0], [0.5], [-3.0]).flatten(), images([4.0], [-1.0], [0.5]).flatten()
    assert lecam(real, fake, torch.tensor(1.0), torch.tensor(0.5)).item() == pytest.approx(2.25 / 3 + 4.25 / 3)


def test_lecam_pulls_realness_towards_the_anchors():
    real, fake = images([2.0], [-3.0]).flatten(), images([4.0], [-1.0]).flatten()
    loss = lecam(real, fake, torch.tensor(1.0), torch.tensor(0.5))
    at_real, at_fake = torch.autograd.grad(loss, [real, fake])
    assert at_real.tolist() == pytest.approx([1.5, 0])  # 2 (s − 0.5) / 2 images
    assert at_fake.tolist() == pytest.approx([0, -2])  # −2 (1 − s) / 2 images


def test_lecams_anchors_move_by_a_hundredth_towards_the_mean_realness():
    penalties = Penalties(Hinge(lecam=2))
    # Step 1, anchors 0: real above 0: (3² + 0²) / 2; fake below 0: (0² + 1²) / 2; twice their sum.
    # The means are 1 and 2: the anchors move to 0.01 · 1 and 0.01 · 2.
    terms = penalties(Critiques(pixels(), images([3.0], [-1.0]), images([5.0], [-1.0])), 0, no_random_numbers)
    assert floats(terms) == pytest.approx({"lecam": 2 * (4.5 + 0.5)})
    assert (penalties.real_anchor.item(), penalties.fake_anchor.item()) == pytest.approx((0.01, 0.02))
    # Step 2, anchors 0.01 and 0.02: real above 0.02: 0.98²; fake below 0.01: 3.01².
    # The means are 1 and −3: the anchors move to 0.99 · 0.01 + 0.01 and 0.99 · 0.02 − 0.03.
    terms = penalties(Critiques(pixels(), images([1.0]), images([-3.0])), 1, no_random_numbers)
    assert floats(terms) == pytest.approx({"lecam": 2 * (0.98**2 + 3.01**2)})
    assert (penalties.real_anchor.item(), penalties.fake_anchor.item()) == pytest.approx((0.0199, -0.0102))


def test_lecams_anchors_carry_no_gradient_from_step_to_step():
    penalties, critic = Penalties(Hinge(lecam=1)), pixels()
    for step in range(3):
        critic.zero_grad()
        critiques = Critiques(critic, images([3.0], [-1.0]), images([5.0], [-1.0]))
        penalties(critiques, step, no_random_numbers)["lecam"].backward()  # would fail on a freed graph
        assert not penalties.real_anchor.requires_grad
        assert not penalties.fake_anchor.requires_grad
    assert not list(penalties.parameters())
    # the third step by hand: with D = c x, c · 3 lies above a_fake and c · −1 below a_real
    real_anchor, fake_anchor = 0.0199, 0.0398  # after two steps of the means 1 and 2: 1 − 0.99², twice that
    expected = 2 * (3 - fake_anchor) * 3 / 2 + 2 * (real_anchor + 1) * 1 / 2
    assert critic.slope.grad.item() == pytest.approx(expected)


def test_lecams_anchors_are_part_of_the_state():
    penalties, other = Penalties(Hinge(lecam=1)), Penalties(Hinge(lecam=1))
    penalties(Critiques(pixels(), images([3.0]), images([-1.0])), 0, no_random_numbers)
    assert set(penalties.state_dict()) == {"real_anchor", "fake_anchor"}
    other.load_state_dict(penalties.state_dict())
    critiques = Critiques(pixels(), images([0.5]), images([0.25]))
    assert torch.equal(
        penalties(critiques, 1, no_random_numbers)["lecam"], other(critiques, 1, no_random_numbers)["lecam"]
    )
    assert other.real_anchor.item() == pytest.approx(0.99 * 0.03 + 0.01 * 0.5)


def test_anchors_stay_at_0_without_lecam():
    penalties = Penalties(Hinge(r1=1))
    penalties(Critiques(pixels(), images([3.0]), images([-1.0])), 0, no_random_numbers)
    assert (penalties.real_anchor.item(), penalties.fake_anchor.item()) == (0, 0)


def changing(slope: float = 1.0) -> Critic:
    """D(x) = k c x at the k-th call, as if augmented differently each time."""
    critic = Critic(lambda x, c: critic.calls * c * x.squeeze(1), slope)
    return critic


def test_consistency_is_the_mean_squared_change_between_two_critiques_of_real_images():
    # x at the first call and 2x at the second: (1² + 3²) / 2
    critic = changing()
    critiques = Critiques(critic, images([1.0], [3.0]).detach(), images([100.0], [100.0]).detach())
    assert floats(Penalties(Hinge(consistency=10))(critiques, 0, no_random_numbers)) == pytest.approx(
        {"consistency": 50}
    )
    assert critic.calls == 2  # none for fake images


def test_consistency_trains_through_both_critiques():
    # (2cx − cx)² = c² x² has the slope 2c x²; through the second call alone it would be 4c x², through the first −2c x²
    critic = changing(3.0)
    critiques = Critiques(critic, images([2.0]).detach(), images([0.0]).detach())
    Penalties(Hinge(consistency=1))(critiques, 0, no_random_numbers)["consistency"].backward()
    assert critic.slope.grad.item() == pytest.approx(2 * 3 * 4)


def test_penalties_reuse_the_objectives_critiques():
    # R1, R2, LeCam and the first critique of consistency share one critique of each side
    critic = pixels()
    critiques = Critiques(critic, images([1.0]), images([2.0]))
    objective = Hinge(r1=1, r2=1, lecam=1, consistency=1)
    objective.discriminator_terms(critiques)
    assert critic.calls == 2
    Penalties(objective)(critiques, 0, no_random_numbers)
    assert critic.calls == 3


@pytest.mark.parametrize("objective", [Hinge(), NonSaturating(penalty_every=16)])
def test_without_penalties_there_are_no_terms_and_the_critic_is_never_called(objective):
    critic = pixels()
    penalties = Penalties(objective)
    for step in range(17):
        assert not objective.needs_input_gradients(step)
        assert penalties(Critiques(critic, images([1.0]), images([2.0])), step, no_random_numbers) == {}
    assert critic.calls == 0


@pytest.mark.parametrize(
    ("objective", "names"), [(Relativistic(), {"r1", "r2"}), (WassersteinGp(), {"gradient_penalty"})]
)
def test_objectives_that_need_penalties_have_them_by_default(objective: Objective, names):
    critiques = Critiques(quadratic(), images([1.0]), images([2.0]))
    assert set(Penalties(objective)(critiques, 0, torch.ones)) == names


def test_all_penalties_together_train_every_weight_of_a_network():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    critiques = Critiques(
        lambda given: Critique(network(given.flatten(1)).squeeze(1), given.flatten(1)),
        torch.randn(5, 1, 1, 3).requires_grad_(),
        torch.randn(5, 1, 1, 3).requires_grad_(),
    )
    for weights in ({"r1": 1}, {"r2": 1}, {"gradient_penalty": 1}):
        network.zero_grad()
        (term,) = Penalties(Hinge(**weights))(critiques, 0, torch.rand).values()
        term.backward(retain_graph=True)
        for name, parameter in network.named_parameters():
            # the last bias shifts realness equally everywhere, which changes no gradient
            assert (parameter.grad is None or not parameter.grad.any()) == (name == "2.bias")


def patches(*slopes: float) -> Critic:
    """D(x) = (½ a₁ ‖x‖², ½ a₂ ‖x‖², …), one value per patch, with gradients aₚ x."""
    return Critic(lambda x, a: x.square().sum(1, keepdim=True) / 2 * a, list(slopes))


def test_gradient_penalties_sum_realness_over_patches():
    # the gradient of the sum is (1 + 2) x: squared norms 9 · 25 and 9 · 1, halved, over 2 images
    critic, given = patches(1.0, 2.0), images([3.0, 4.0], [0.0, -1.0])
    assert critic(given).realness.shape == (2, 2)
    assert zero_centred(critic(given).realness, given).item() == pytest.approx((225 + 9) / 2 / 2)
    # at x̂ = 3 and 7 the norms are 9 and 21: (8² + 20²) / 2
    real, fake = images([6.0], [10.0]), images([2.0], [-2.0])
    assert one_centred(critic, real, fake, torch.tensor([0.25, 0.75])).item() == pytest.approx((64 + 400) / 2)


def test_lecam_and_consistency_average_over_images_and_patches():
    # realness is (½, 1) of x = 1 and (2, 4) of x = 2. Above 0: (¼ + 1 + 4 + 16) / 4; of fake: 0 below 0.
    # The mean realness is 7.5 / 4 for real images, 3.75 for fake ones of x = √5 and x = √5: (2.5 + 5 + 2.5 + 5) / 4.
    penalties = Penalties(Hinge(lecam=1, consistency=1))
    critic = patches(1.0, 2.0)
    critiques = Critiques(critic, images([1.0], [2.0]).detach(), images([5**0.5], [5**0.5]).detach())
    terms = penalties(critiques, 0, no_random_numbers)
    assert floats(terms) == pytest.approx({"lecam": 21.25 / 4, "consistency": 0})
    assert (penalties.real_anchor.item(), penalties.fake_anchor.item()) == pytest.approx((0.01875, 0.0375))


def test_a_single_patch_equals_the_whole_image():
    weights = {"r1": 1, "r2": 1, "gradient_penalty": 1, "lecam": 1, "consistency": 1}
    found = [
        floats(Penalties(Hinge(**weights))(Critiques(critic, images([3.0, 4.0]), images([0.0, 2.0])), 0, torch.ones))
        for critic in (quadratic(2.0), patches(2.0))
    ]
    assert found[0] == pytest.approx(found[1])
    # with the share 1, x̂ is the real image: 2 x has the norms 10 there and 4 at the fake image, realness is 25 and 4
    assert found[0] == pytest.approx(
        {"r1": 50, "r2": 8, "gradient_penalty": 81, "lecam": 625, "consistency": 0}, rel=1e-5
    )
