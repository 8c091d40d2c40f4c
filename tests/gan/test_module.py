"""LitGAN on tiny networks: classes, penalties and augmentation probabilities in each step."""

from dataclasses import replace
from math import isfinite, log
from typing import Any

import numpy as np
import pytest
import torch
from pytorch_lightning import Callback
from torch import Tensor, nn

from ganaug.core.plugins import available, describe, find
from ganaug.data.images import LabelledImages
from ganaug.gan.class_loss import class_loss
from ganaug.gan.diffaugment import AUGMENTATIONS
from ganaug.gan.fit import fit
from ganaug.gan.module import LitGAN
from ganaug.gan.objectives import Critique
from ganaug.gan.settings import Schedule, TrainGan


def network(name: str, **options: Any) -> dict[str, Any]:
    """Return the spec of the small version of a network."""
    return describe(find("gan.networks", name).small()) | options


def settings(**changes: Any) -> TrainGan:
    plain: dict[str, Any] = {
        "network": network("mlp"),
        "objective": {"name": "hinge"},
        "steps": 2,
        "batch_size": 4,
    }
    return TrainGan(**plain | changes)


def unfitted(images: LabelledImages, chosen: TrainGan, more: LabelledImages | None = None) -> LitGAN:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return LitGAN(chosen, images, 0, more)


class Recorder(Callback):
    """Records the terms of each step."""

    def __init__(self) -> None:
        self.steps: list[dict[str, float]] = []

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: dict[str, Tensor], *_: Any) -> None:
        self.steps.append({name: term.item() for name, term in outputs.items()})


def fit_all(gan: LitGAN) -> list[dict[str, float]]:
    """Train, and return the terms of each step."""
    recorder = Recorder()
    fit(gan, [recorder], gan.settings, None)
    return recorder.steps


def fitted(images: LabelledImages, chosen: TrainGan) -> tuple[LitGAN, list[dict[str, float]]]:
    """Return a trained GAN, and the terms of each step."""
    gan = unfitted(images, chosen)
    return gan, fit_all(gan)


class DarkIsReal(nn.Module):
    """D(x) = −100 (mean of x + 0.2): −0.36 is about the mean of a red or a blue image, 0 an untrained generator's."""

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(-100.0))

    def forward(self, images: Tensor, _: Tensor) -> Critique:
        return Critique(self.slope * (images.mean(dim=(1, 2, 3)) + 0.2), images.flatten(1))


class MostAreBlue(DarkIsReal):
    """The same, and every image is red with probability 1/4 and blue with 3/4."""

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        logits = torch.tensor([0.0, log(3)], device=images.device).expand(len(images), 2)
        return super().forward(images, condition)._replace(class_logits=logits)


def with_dark_is_real(images: LabelledImages, **changes: Any) -> LitGAN:
    """Return a GAN whose discriminator is DarkIsReal and whose networks do not learn."""
    gan = unfitted(images, settings(learning_rate=1e-30, discriminator_learning_rate=1e-30, **changes))
    gan.discriminator = DarkIsReal()
    return gan


@pytest.fixture(scope="module")
def images(two_colours):
    return two_colours(8)


LOGITS = torch.tensor([[0.0, log(3)], [0.0, log(3)], [5.0, -5.0]])  # probabilities (1/4, 3/4) of the first two


def critique(logits: Tensor | None) -> Critique:
    return Critique(torch.zeros(3), torch.zeros(3, 1), logits)


def test_class_loss_is_the_mean_cross_entropy_of_the_labelled_images():
    # −ln 1/4 for class 0 and −ln 3/4 for class 1; the third image has no label
    found = class_loss("class", critique(LOGITS), torch.tensor([0, 1, -1]), weight=0.5, strength=0.25)
    assert found["class"].item() == pytest.approx(0.5 * 0.25 * (log(4) + log(4 / 3)) / 2)
    assert list(found) == ["class"]


def test_unlabelled_images_have_no_gradient_in_the_class_loss():
    logits = LOGITS.clone().requires_grad_()
    class_loss("class", critique(logits), torch.tensor([0, -1, -1]), weight=1.0, strength=1.0)["class"].backward()
    # softmax minus one-hot label, divided by 1 labelled image
    assert logits.grad.flatten().tolist() == pytest.approx([-3 / 4, 3 / 4, 0, 0, 0, 0])


def test_the_class_loss_of_an_unlabelled_batch_is_0():
    logits = LOGITS.clone().requires_grad_()
    loss = class_loss("class", critique(logits), torch.tensor([-1, -1, -1]), weight=1.0, strength=1.0)["class"]
    assert loss.item() == 0  # and not 0/0
    loss.backward()
    assert logits.grad.count_nonzero() == 0


def test_there_is_no_class_loss_without_class_head_or_weight():
    labels = torch.tensor([0, 1, 0])
    assert class_loss("class", critique(None), labels, weight=1.0, strength=1.0) == {}
    assert class_loss("class", critique(LOGITS), labels, weight=0.0, strength=1.0) == {}


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 0, [1, 1, 1, 1, 1, 1, 1, 1]),
        (3, 3, [0, 0, 0, 1, 1, 1, 1, 1]),
        (0, 4, [0, 0.25, 0.5, 0.75, 1, 1, 1, 1]),
        (2, 6, [0, 0, 0, 0.25, 0.5, 0.75, 1, 1]),
    ],
)
def test_class_strength_rises_from_transition_start_to_transition_end(images, start, end, expected):
    gan = unfitted(images, settings(steps=8, transition_start=start, transition_end=end))
    assert [gan.class_strength(step) for step in range(8)] == expected


def test_learning_rates_and_second_beta_follow_the_schedule(images):
    # half a cosine over 4 steps: 0, (1 − √½)/2, 1/2, (1 + √½)/2, then constant at its end
    way = [0, 0.1464466, 0.5, 0.8535534, 1, 1]
    chosen = settings(
        steps=6,
        learning_rate=2e-3,
        discriminator_learning_rate=4e-3,
        betas=(0.5, 0.9),
        schedule=Schedule(steps=4, learning_rates=0.25, second_beta=0.99),
    )
    seen = []

    class Watch(Callback):
        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            groups = [group for optimizer in trainer.optimizers for group in optimizer.param_groups]
            seen.append([value for group in groups for value in (group["lr"], *group["betas"])])

    fit(unfitted(images, chosen), [Watch()], chosen, None)
    rates, betas = [1 - 0.75 * share for share in way], [0.9 + 0.09 * share for share in way]
    expected = [[4e-3 * rate, 0.5, beta, 2e-3 * rate, 0.5, beta] for rate, beta in zip(rates, betas, strict=True)]
    assert np.array(seen) == pytest.approx(np.array(expected), rel=1e-6)


def test_penalties_follow_the_schedule(images):
    objective = {"name": "hinge", "r1": 1}
    steady = fit_all(with_dark_is_real(images, objective=objective, steps=4))
    schedule = Schedule(steps=2, penalties=0.1)
    falling = fit_all(with_dark_is_real(images, objective=objective, steps=4, schedule=schedule))
    shares = [after["d_r1"] / before["d_r1"] for before, after in zip(steady, falling, strict=True)]
    assert shares == pytest.approx([1, 0.55, 0.1, 0.1])
    assert [terms["d_real"] for terms in steady] == [terms["d_real"] for terms in falling]


@pytest.mark.parametrize(
    ("name", "generator", "discriminator"),
    [
        ("mlp", "embedding", "projection"),
        ("mlp", "embedding", "auxiliary"),
        ("resnet", "batch_norm", "projection"),
        ("resnet", "embedding", "classifier"),
        ("dcgan", "batch_norm", "auxiliary"),
        ("r3gan", "embedding", "projection"),
        ("stylegan2", "embedding", "auxiliary"),
    ],
)
def test_classes_do_not_matter_before_the_transition(images, name, generator, discriminator):
    others = replace(images, labels=np.array([1, 1, 0, 0, 1, -1, 0, 0]))
    chosen = network(name, generator_conditioning=generator, discriminator_conditioning=discriminator)
    late = settings(network=chosen, steps=4, transition_start=3, transition_end=4)  # full strength from step 4 on
    (gan, terms), (other, other_terms) = fitted(images, late), fitted(others, late)
    assert terms == other_terms
    assert all(map(torch.equal, gan.state_dict().values(), other.state_dict().values()))
    soon = settings(network=chosen, steps=4)
    (_, terms), (_, other_terms) = fitted(images, soon), fitted(others, soon)
    assert terms != other_terms


def test_each_class_loss_has_its_own_weight(images):
    auxiliary = network("mlp", discriminator_conditioning="auxiliary")
    _, (plain, *_) = fitted(images, settings(network=auxiliary))
    assert set(plain) == {"d_real", "d_fake", "d_real_class", "g_fake", "g_class"}
    weights = {"real": 2.0, "fake": 3.0, "generator": 0.0}
    _, (weighted, *_) = fitted(images, settings(network=auxiliary, class_weights=weights))
    assert set(weighted) == {"d_real", "d_fake", "d_real_class", "d_fake_class", "g_fake"}
    assert weighted["d_real_class"] == pytest.approx(2 * plain["d_real_class"])


def test_fake_images_have_the_labels_of_the_real_ones(images):
    gan = unfitted(replace(images, labels=np.array([0, 1, 0, 1, 0, 1, -1, -1])), settings(steps=4))
    asked, given = [], []
    gan.generator.register_forward_pre_hook(lambda _, inputs: asked.append(inputs[1]))
    gan.discriminator.register_forward_pre_hook(lambda _, inputs: given.append(inputs))
    fit_all(gan)
    assert (len(asked), len(given)) == (4 * 2, 4 * 3)  # for each network's update; real, fake, and the generator's fake
    unlabelled = 0
    for step in range(4):
        (real, condition), *others = given[3 * step : 3 * step + 3]
        red, labelled = real[:, 0].mean((1, 2)) > real[:, 2].mean((1, 2)), condition.any(1)
        assert torch.equal(condition[:, 0] == 1, red & labelled)
        assert torch.equal(condition[:, 1] == 1, ~red & labelled)
        unlabelled += int((~labelled).sum())
        for other in (*asked[2 * step : 2 * step + 2], *(condition for _, condition in others)):
            assert torch.equal(other, condition)
    assert unlabelled == 2 * 2  # 4 batches of 4 contain each of 8 images twice


def test_fake_counterparts_of_unlabelled_images_have_the_labels_of_the_labelled_ones(images, two_colours):
    more = two_colours(6, seed=1).without_labels()
    gan = unfitted(images, settings(steps=3, batch_size=5, unlabelled_share=0.6), more)
    asked, given = [], []
    gan.generator.register_forward_pre_hook(lambda _, inputs: asked.append(inputs[1]))
    gan.discriminator.register_forward_pre_hook(lambda _, inputs: given.append(inputs[1]))
    fit_all(gan)
    # 5 · 0.6 = 3 unlabelled images follow 2 labelled ones; fakes 3 to 5 have the labels of 1, 2 and 1
    for condition in asked:
        assert torch.equal(condition.sum(1), torch.ones_like(condition[:, 0]))
        assert torch.equal(condition, condition[[0, 1, 0, 1, 0]])
    for step in range(3):
        first = asked[2 * step]
        assert torch.equal(first, asked[2 * step + 1])
        for condition in given[3 * step : 3 * step + 3]:  # no label gives away which ones are fake
            assert torch.equal(condition[:2], first[:2])
            assert not condition[2:].any()


def test_class_losses_cover_labelled_real_and_all_fake_images(two_colours):
    more, weights = two_colours(6, seed=1).without_labels(), {"real": 1.0, "fake": 2.0, "generator": 3.0}
    auxiliary = network("mlp", discriminator_conditioning="auxiliary")
    chosen = settings(network=auxiliary, batch_size=5, unlabelled_share=0.6, class_weights=weights)
    gan = unfitted(two_colours(2), chosen, more)
    gan.discriminator = MostAreBlue()
    # The two labelled images of a batch are a red one, −ln 1/4, and a blue one, −ln 3/4. The three fake counterparts of
    # unlabelled images take their classes in turn: two of one class and one of the other.
    red, blue = log(4), log(4 / 3)
    for terms in fit_all(gan):
        assert terms["d_real_class"] == pytest.approx((red + blue) / 2)
        wanted = terms["d_fake_class"] / 2
        assert wanted in (pytest.approx((2 * red + blue) / 3), pytest.approx((red + 2 * blue) / 3))
        assert terms["g_class"] == pytest.approx(3 * wanted)


@pytest.mark.parametrize(
    ("conditioning", "pseudo", "class_only"),
    [
        ("classifier", False, True),
        ("auxiliary", False, True),
        ("projection", False, False),
        ("classifier", True, False),
    ],
)
def test_labelled_images_only_train_the_class_head_if_there_are_unlabelled_ones(
    images, two_colours, conditioning, pseudo, class_only
):
    more = two_colours(6, seed=1)
    network = {"name": "mlp", "z_dim": 3, "hidden": 4, "discriminator_conditioning": conditioning}
    gan = unfitted(images, settings(network=network, steps=1, batch_size=5, unlabelled_share=0.6),
                   more if pseudo else more.without_labels())  # fmt: skip
    critiques = []
    gan.discriminator.register_forward_pre_hook(lambda _, inputs: critiques.append(len(inputs[0])))
    (terms,) = fit_all(gan)
    # real, the two labelled ones, fake, and the generator's fake; or all five each time
    assert sorted(critiques) == ([2, 3, 3, 3] if class_only else [5, 5, 5])
    assert ("d_real_class" in terms) == (conditioning != "projection")


def test_missing_labels_are_filled_from_the_labelled_part_of_the_batch(images, two_colours):
    gan = unfitted(images, settings(batch_size=8, unlabelled_share=0.6), two_colours(6))
    assert gan.division.labelled == 3  # 8 · 0.6 = 4.8 is about 5
    found = gan.division.fill_missing_labels(torch.tensor([1, 0, -1, 2, -1, -1, -1, -1]))
    assert found.tolist() == [1, 0, -1, 2, 0, -1, 1, 0]  # pseudo-labels stay; the places are 0, 1, 2, 0, 1, 2, 0, 1


@pytest.mark.parametrize("share", [0.99, 0.5, 0.1])
def test_every_batch_has_images_of_both_kinds(images, two_colours, share):
    # 4 · 0.99 is about 4, 4 · 0.1 about 0: there is still one image of the other kind
    gan = unfitted(images, settings(unlabelled_share=share), two_colours(6, seed=1).without_labels())
    assert gan.division.labelled == {0.99: 1, 0.5: 2, 0.1: 3}[share]
    assert all(isfinite(value) for terms in fit_all(gan) for value in terms.values())


PENALTIES = {"r1": 0.1, "r2": 0.2, "gradient_penalty": 0.3, "lecam": 0.4, "consistency": 0.5}


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
@pytest.mark.parametrize("chosen", [*map(network, available("gan.networks")), network("resnet", attention=4)], ids=str)
def test_every_penalty_works_with_every_augmentation_in_every_network(images, chosen, precision):
    penalties = dict(PENALTIES)
    if find("gan.networks", chosen["name"]).normalises_batches:
        del penalties["gradient_penalty"]  # rejected there
    augmentations = tuple(AUGMENTATIONS)
    objective = {"name": "hinge"} | penalties
    gan, steps = fitted(
        images,
        settings(network=chosen, objective=objective, diffaugment=augmentations, trainer={"precision": precision}),
    )
    assert len(steps) == 2
    for terms in steps:
        others = {"d_real_class"} if gan.settings.network.has_class_head else set()
        others |= {"d_mismatched_real", "d_mismatched_fake"} if gan.settings.network.mismatched else set()
        of_discriminator = {name for name in terms if name.startswith("d_")}
        assert of_discriminator == {"d_real", "d_fake"} | {f"d_{name}" for name in penalties} | others
        assert "g_fake" in terms
        assert all(terms[f"d_{name}"] > 0 for name in penalties)
    assert all(value.isfinite().all() for value in gan.state_dict().values())


@pytest.mark.parametrize("penalty", PENALTIES)
def test_each_penalty_changes_what_the_discriminator_learns(images, penalty):
    # in the first update, before the penalty's own random numbers change later ones; Adam sees little but the sign
    augmentations = tuple(AUGMENTATIONS)
    gan, _ = fitted(images, settings(steps=1, diffaugment=augmentations))
    other, _ = fitted(images, settings(steps=1, objective={"name": "hinge", penalty: 100}, diffaugment=augmentations))
    assert not torch.equal(gan.discriminator.layers[1].weight, other.discriminator.layers[1].weight)


def test_penalties_use_gradients_at_the_images_before_augmentation(images):
    # Before a cutout the slope is 0 in the hole and −100 / (3 · 8 · 8) at each pixel around it, behind it the latter
    # everywhere. The hole has between 2 · 2 and 4 · 4 of 8 · 8 places.
    everywhere = 100**2 / 192 / 2
    objective = {"name": "hinge", "r1": 1, "r2": 2}
    for terms in fit_all(with_dark_is_real(images, objective=objective, diffaugment=("cutout",))):
        assert everywhere * (1 - 16 / 64) - 1e-3 <= terms["d_r1"] <= everywhere * (1 - 4 / 64) + 1e-3
        assert everywhere * (1 - 16 / 64) - 1e-3 <= terms["d_r2"] / 2 <= everywhere * (1 - 4 / 64) + 1e-3
    (terms, *_) = fit_all(with_dark_is_real(images, objective=objective, diffaugment=("flip", "color")))
    assert (terms["d_r1"], terms["d_r2"] / 2) == pytest.approx(
        (everywhere, everywhere)
    )  # these keep the slope of the mean


@pytest.mark.parametrize(("every", "due"), [(2, [1, 1, 1, 1, 1]), (3, [1, 1, 0, 1, 1]), (4, [1, 0, 1, 0, 1])])
def test_lazy_penalties_count_the_discriminators_steps(images, every, due):
    # updates 0, 1 | 2, 3 | 4, 5 | 6, 7 | 8, 9; due in updates 0, 2, 4, 6, 8 or 0, 3, 6, 9 or 0, 4, 8
    objective = {"name": "hinge", "r1": 1, "penalty_every": every}
    _, steps = fitted(images, settings(steps=5, discriminator_steps=2, objective=objective))
    assert ["d_r1" in terms for terms in steps] == due


def test_a_step_reports_its_last_discriminator_update(images):
    # the discriminator does not learn: the second update of a step has the batch of a second step's first
    objective = {"name": "wasserstein_gp"}
    (both,) = fit_all(with_dark_is_real(images, objective=objective, steps=1, discriminator_steps=2))
    first, second = fit_all(with_dark_is_real(images, objective=objective, steps=2))
    assert both["d_real"] == second["d_real"] != first["d_real"]


def test_each_update_changes_only_its_own_network(images):
    first = unfitted(images, settings())
    for resting, learning in (("generator", "discriminator"), ("discriminator", "generator")):
        rate = {"generator": "learning_rate", "discriminator": "discriminator_learning_rate"}[resting]
        gan, _ = fitted(images, settings(**{rate: 1e-30}))
        for player, same in ((resting, True), (learning, False)):
            before, after = (getattr(one, player).parameters() for one in (first, gan))
            assert all(map(torch.equal, before, after)) == same
        assert all(parameter.requires_grad for parameter in gan.discriminator.parameters())


def test_adaptive_augmentation_follows_the_realness_of_real_images_in_each_discriminator_update(images):
    # all real images look real and no fake one does; 2 steps of 2 updates are 4 batches of 4 of 80 images
    gan = with_dark_is_real(images, discriminator_steps=2, diffaugment=("flip",), ada_target=0.6, ada_images=80)
    (terms, *_) = fit_all(gan)
    assert terms["d_real"] == terms["d_fake"] == 0  # beyond the hinge's margin, on the right side
    assert gan.ada.probability.item() == pytest.approx(0.2)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_the_critic_sees_images_augmented_with_the_adaptive_probability(images, probability):
    gan = with_dark_is_real(images, diffaugment=("color",), ada_target=0.6)
    gan.ada.probability.fill_(probability)
    given, condition = torch.rand(4, 3, 8, 8), torch.zeros(4, 2)
    seen = gan.critic(condition, torch.Generator().manual_seed(0))(given).realness
    assert ((seen != gan.discriminator(given, condition).realness) == bool(probability)).all()


def test_without_adaptive_augmentation_every_image_is_augmented(images):
    gan = with_dark_is_real(images, diffaugment=("color",))
    assert gan.ada is None
    given, condition = torch.rand(4, 3, 8, 8), torch.zeros(4, 2)
    seen = gan.critic(condition, torch.Generator().manual_seed(0))(given).realness
    assert (seen != gan.discriminator(given, condition).realness).all()


def test_a_checkpoint_has_the_state_of_penalties_and_adaptive_augmentation(images):
    chosen = {"objective": {"name": "hinge", "lecam": 1}, "diffaugment": ("flip",), "ada_target": 0.6}
    gan = with_dark_is_real(images, **chosen)
    fit_all(gan)
    state = gan.state_dict()
    assert state["penalties.real_anchor"] > 0
    assert state["penalties.fake_anchor"] < 0
    assert state["ada.signs"] == 2  # two batches of real images that look real
    assert "ada.probability" in state
