"""Training and prediction of one classifier."""

import dataclasses
import itertools
import math
import sys
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganaug.classifier import training
from ganaug.classifier.architectures import Classifier
from ganaug.classifier.prediction import predict
from ganaug.classifier.scores import balanced_accuracy
from ganaug.classifier.training import Fitted, TrainingSets, fit, rate
from ganaug.core.config import settings as frozen_settings
from ganaug.core.errors import InputError
from ganaug.data.images import LabelledImages, to_float
from ganaug.experiment.arm_settings import Arm, TrainClassifier

TURN = ({"name": "RandomRotation", "degrees": 90},)


def settings(classifier: Any = None, **changes: Any) -> TrainClassifier:
    plain: dict[str, Any] = {
        "classifier": classifier or {"name": "small_cnn", "channels": 4, "dropout": 0.2},
        "steps": 10,
        "batch_size": 8,
        "learning_rate": 5e-3,
        "evaluate_every": 4,
    }
    return TrainClassifier(**plain | changes)


@pytest.fixture(scope="module")
def sets(two_colours):
    return TrainingSets(train=two_colours(20), val=two_colours(12, seed=1), synthetic=two_colours(30, seed=2))


def weights(fitted: Fitted) -> dict[str, Tensor]:
    return fitted.model.state_dict()


def same(one: Fitted, other: Fitted) -> bool:
    return all(torch.equal(value, weights(other)[name]) for name, value in weights(one).items())


def flipped(images: LabelledImages) -> LabelledImages:
    """Call red blue, and blue red."""
    return dataclasses.replace(images, labels=1 - images.labels)


# --- what it learns -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", [Arm(), Arm(synthetic=0.25), Arm(synthetic=1.0), Arm(transforms=TURN)])
def test_learns_two_colours(sets, two_colours, arm):
    fitted = fit(settings(steps=40, evaluate_every=10), arm, sets, 0)
    test = two_colours(50, seed=9)
    assert (predict(fitted.model, test.images).argmax(1) == test.labels).all()


def test_synthetic_images_keep_their_own_labels(sets):
    # all that is learned from says the opposite of the truth; the best of it is then the least learned
    fitted = fit(
        settings(steps=40), Arm(synthetic=1.0), dataclasses.replace(sets, synthetic=flipped(sets.synthetic)), 0
    )
    assert fitted.history[-1]["val_balanced_accuracy"] == 0
    fitted = fit(settings(steps=40), Arm(synthetic=1.0), dataclasses.replace(sets, train=flipped(sets.train)), 0)
    assert fitted.history[-1]["val_balanced_accuracy"] == 1  # of the real images it saw none


def test_training_loss_falls(sets):
    history = fit(settings(steps=40, evaluate_every=10), Arm(), sets, 0).history
    assert all(later["loss"] < earlier["loss"] for earlier, later in pairwise(history))


# --- the same seed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", [Arm(), Arm(synthetic=0.5, transforms=TURN)], ids=["plain", "mixed"])
def test_the_same_seed_gives_the_same_classifier_whatever_was_drawn_before(sets, arm):
    torch.manual_seed(1)
    first = fit(settings(), arm, sets, 3)
    torch.manual_seed(2)
    again = fit(settings(), arm, sets, 3)
    assert same(first, again)
    assert first.history == again.history
    assert not same(first, fit(settings(), arm, sets, 4))


def test_global_randomness_is_left_as_it_was(sets):
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
    fit(settings(), Arm(synthetic=0.5, transforms=TURN), sets, 3)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1]  # noqa: NPY002


def test_transforms_change_what_is_learned(sets):
    assert not same(fit(settings(), Arm(), sets, 3), fit(settings(), Arm(transforms=TURN), sets, 3))


@pytest.fixture(autouse=True)
def own_plugins(monkeypatch):
    """Let this module's classifiers pass as plug-ins."""
    for plugin in (Recorder, Scripted):
        monkeypatch.setattr(plugin, "__module__", "ganaug.classifier.architectures.of_a_test")
    monkeypatch.setitem(sys.modules, "ganaug.classifier.architectures.of_a_test", sys.modules[__name__])


@frozen_settings
class Recorder(Classifier):
    """Builds a linear classifier that notes its first weights and what it is trained on."""

    def build(self, shape: tuple[int, int, int], classes: int) -> nn.Module:
        return _Recording(shape, classes)


class _Recording(nn.Module):
    def __init__(self, shape: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(int(np.prod(shape)), classes)
        self.first = self.linear.weight.detach().clone()
        self.seen: list[list[int]] = []

    def forward(self, images: Tensor) -> Tensor:
        if self.training:
            # images of numbered() are plain: back from [−1, 1] to the number
            self.seen.append(((images[:, 0, 0, 0] + 1) * 127.5).round().int().tolist())
        return self.linear(images.flatten(1))


def numbered(first: int, count: int) -> LabelledImages:
    """Return plain images of the grey levels first, first + 1, …"""
    images = np.arange(first, first + count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 1, 2, 2), np.uint8)
    return LabelledImages(images, np.arange(count, dtype=np.int64) % 2, ("even", "odd"))


@pytest.fixture
def recorded():
    """Return a function that trains on real images 0 … 29 and synthetic ones 100 … 149 and returns the record."""
    sets = TrainingSets(train=numbered(0, 30), val=numbered(0, 4), synthetic=numbered(100, 50))

    def run(arm: Arm, seed: int = 0) -> Any:
        return fit(settings(Recorder()), arm, sets, seed).model

    return run


@pytest.mark.parametrize(("share", "synthetic"), [(0.0, 0), (0.25, 2), (0.5, 4), (0.8, 6), (1.0, 8)])
def test_every_batch_has_the_arms_share_of_synthetic_images(recorded, share, synthetic):
    # of 8 images; 0.8 × 8 = 6.4
    batches = recorded(Arm(synthetic=share)).seen
    assert len(batches) == 10
    for batch in batches:
        assert len(batch) == 8
        assert sum(number >= 100 for number in batch) == synthetic


def test_arms_of_one_seed_start_from_the_same_weights(recorded):
    arms = Arm(), Arm(synthetic=0.25), Arm(synthetic=1.0), Arm(transforms=({"name": "RandomHorizontalFlip"},))
    first, *others = (recorded(arm).first for arm in arms)
    assert all(torch.equal(first, other) for other in others)
    assert not torch.equal(first, recorded(Arm(), seed=1).first)


def test_arms_of_one_seed_see_the_same_real_images_in_the_same_order(recorded):
    plain = [set(batch) for batch in recorded(Arm()).seen]
    transformed = recorded(Arm(transforms=({"name": "RandomHorizontalFlip"},))).seen
    assert [set(batch) for batch in transformed] == plain
    for share in (0.25, 0.5):
        mixed = [{number for number in batch if number < 100} for batch in recorded(Arm(synthetic=share)).seen]
        # where fewer real images fit into a batch, they are some of the same
        assert all(some <= every for some, every in zip(mixed, plain, strict=True))
    assert [set(batch) for batch in recorded(Arm(), seed=1).seen] != plain


def test_every_real_image_is_shown_once_before_any_is_shown_again(recorded):
    shown = [number for batch in recorded(Arm()).seen for number in batch]
    counts = np.bincount(shown, minlength=30)
    assert set(counts) <= {2, 3}  # 10 batches of 8 show 30 images 2⅔ times
    assert len(counts) == 30


@pytest.mark.parametrize("arm", [Arm(), Arm(synthetic=0.5), Arm(synthetic=1.0), Arm(transforms=TURN)])
def test_every_arm_takes_the_same_steps_and_tells_of_each(sets, arm):
    told = []
    history = fit(settings(), arm, sets, 0, told.append).history
    assert told == list(range(1, 11))
    assert [row["step"] for row in history] == [4, 8, 10]


# --- balance, pseudo-labels, soft targets, mixing --------------------------------------------------------------------


def of_classes(first: int, *counts: int) -> LabelledImages:
    """Return plain images of the grey levels first, first + 1, …, so many of each class, one class after the other."""
    labels = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    return dataclasses.replace(numbered(first, sum(counts)), labels=labels, classes=tuple("abcdef"[: len(counts)]))


def seen(arm: Arm, train: LabelledImages, **more: Any) -> list[list[int]]:
    """Return the numbers of the images in each batch."""
    sets = TrainingSets(train=train, val=of_classes(0, *[1] * len(train.classes)), **more)
    return fit(settings(Recorder()), arm, sets, 0).model.seen


@pytest.fixture
def targets(monkeypatch):
    """Return what the training's loss was told, batch by batch."""
    told = []
    loss = training.cross_entropy

    def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
        if logits.requires_grad:  # not when validation is looked at
            told.append(target)
        return loss(logits, target)

    monkeypatch.setattr(training, "cross_entropy", cross_entropy)
    return told


def test_balanced_batches_have_every_class_equally_often():
    for batch in seen(Arm(balanced=True), of_classes(0, 27, 3)):
        assert sum(number >= 27 for number in batch) == 4
    assert any(sum(number >= 27 for number in batch) < 3 for batch in seen(Arm(), of_classes(0, 27, 3)))


def test_balance_is_that_of_the_classes_that_have_images():
    for batch in seen(Arm(balanced=True), of_classes(0, 20, 0, 2)):
        assert sum(number >= 20 for number in batch) == 4


def test_beside_synthetic_images_real_ones_are_balanced_all_the_same():
    batches = seen(Arm(balanced=True, synthetic=0.5), of_classes(0, 27, 3), synthetic=of_classes(100, 5, 5))
    real = [number for batch in batches for number in batch if number < 100]
    assert len(real) == 40
    assert 12 <= sum(number >= 27 for number in real) <= 28  # of 40; 4 of them would be the share of the class


def test_arms_that_are_balanced_see_the_same_real_images():
    train, synthetic = of_classes(0, 27, 3), of_classes(100, 5, 5)
    alone = seen(Arm(balanced=True), train)
    beside = seen(Arm(balanced=True, synthetic=0.25), train, synthetic=synthetic)
    for one, other in zip(alone, beside, strict=True):
        assert {number for number in other if number < 100} <= set(one)


def test_synthetic_images_for_short_classes_come_as_often_as_these_are_short():
    # 10, 4 and 8 images: 0, 6 and 2 are missing; of 4 synthetic images a batch, 3 are of class b and 1 of class c
    arm = Arm(synthetic=0.5, synthetic_for="short")
    for batch in seen(arm, of_classes(0, 10, 4, 8), synthetic=of_classes(100, 20, 20, 20)):
        assert [sum(start <= number < start + 20 for number in batch) for start in (100, 120, 140)] == [0, 3, 1]


def test_a_class_that_is_short_of_synthetic_images_too_has_none():
    arm = Arm(synthetic=0.5, synthetic_for="short")
    for batch in seen(arm, of_classes(0, 10, 4, 8), synthetic=of_classes(100, 20, 0, 20)):
        assert sum(number >= 120 for number in batch) == 4


@pytest.mark.parametrize(
    ("arm", "kind"), [({"synthetic": 0.5}, "synthetic"), ({"pseudo_labels": 0.5}, "pseudo-labelled")]
)
def test_images_that_an_arm_wants_may_not_be_missing(two_colours, arm, kind):
    with pytest.raises(ValueError, match=f"wants {kind} images"):
        fit(settings(), Arm(**arm), TrainingSets(train=two_colours(8), val=two_colours(8)), 0)


@pytest.mark.parametrize(("real", "synthetic"), [((4, 4), (5, 5)), ((4, 2), (5, 0))])
def test_synthetic_images_for_short_classes_need_such_classes(real, synthetic):
    with pytest.raises(
        InputError, match=r"no synthetic images of a class that has fewer labelled .*synthetic_for: all"
    ):
        seen(Arm(synthetic=0.5, synthetic_for="short"), of_classes(0, *real), synthetic=of_classes(100, *synthetic))


@pytest.mark.parametrize(
    ("pseudo", "synthetic", "expected"),
    [
        (0.25, 0.0, (6, 2, 0)),  # of 8: real, pseudo-labelled, synthetic
        (0.25, 0.5, (2, 2, 4)),
        (0.5, 0.5, (0, 4, 4)),  # no real image is asked for
        (0.3, 0.7, (0, 2, 6)),  # 2.4 and 5.6
        (1.0, 0.0, (0, 8, 0)),
        (0.01, 0.01, (6, 1, 1)),  # at least one of each
        (0.01, 0.98, (1, 1, 6)),
        (0.0, 0.01, (7, 0, 1)),
        (0.0, 0.99, (1, 0, 7)),
        (0.98, 0.01, (1, 6, 1)),
    ],
)
def test_a_batch_has_some_of_all_that_has_a_share_and_of_nothing_else(pseudo, synthetic, expected):
    arm = Arm(pseudo_labels=pseudo, synthetic=synthetic)
    more = {"pseudo": of_classes(50, 6, 6), "synthetic": of_classes(100, 6, 6)}
    for batch in seen(arm, of_classes(0, 10, 10), **more):
        assert len(batch) == 8
        found = [sum(start <= number < start + 50 for number in batch) for start in (0, 50, 100)]
        assert tuple(found) == expected


def test_pseudo_labels_leave_the_order_of_real_images_alone(recorded):
    plain = [set(batch) for batch in recorded(Arm()).seen]
    batches = seen(Arm(pseudo_labels=0.25), numbered(0, 30), pseudo=numbered(50, 9))
    for some, every in zip(batches, plain, strict=True):
        assert {number for number in some if number < 50} <= every


def test_pseudo_labels_are_learned(sets):
    # all of a batch is from the pool, whose pseudo-labels say the opposite of the truth
    wrong = dataclasses.replace(sets, pseudo=flipped(sets.train))
    fitted = fit(settings(steps=40), Arm(pseudo_labels=1.0), wrong, 0)
    assert fitted.history[-1]["val_balanced_accuracy"] == 0


def test_soft_targets_are_learned_instead_of_labels(sets):
    soft = np.eye(2, dtype=np.float32)[1 - sets.synthetic.labels]
    fitted = fit(settings(steps=40), Arm(synthetic=1.0), dataclasses.replace(sets, soft=soft), 0)
    assert fitted.history[-1]["val_balanced_accuracy"] == 0


def test_beside_soft_targets_labels_become_sure_ones(targets):
    train, synthetic = of_classes(0, 5, 5), of_classes(100, 5, 5)
    probabilities = np.linspace(0.01, 0.09, 10, dtype=np.float32)  # tells the synthetic images apart
    soft = np.stack([probabilities, 1 - probabilities], 1)
    batches = seen(Arm(synthetic=0.5), train, synthetic=synthetic, soft=soft)
    for batch, target in zip(batches, targets, strict=True):
        expected = [soft[number - 100] if number >= 100 else np.eye(2)[train.labels[number]] for number in batch]
        np.testing.assert_allclose(target, np.array(expected), atol=1e-6)


def test_without_soft_targets_and_mixing_labels_stay_labels(targets):
    train = of_classes(0, 5, 5)
    batches = seen(Arm(), train)
    assert all(target.tolist() == train.labels[batch].tolist() for batch, target in zip(batches, targets, strict=True))


@pytest.mark.parametrize("soft", [False, True])
def test_images_are_mixed_as_their_targets_are(targets, soft):
    # class a is black, class b of the grey level 200, whether real or synthetic: a target is a share of 200
    grey = np.repeat(np.array([0, 200], np.uint8), 5)
    train = dataclasses.replace(of_classes(0, 5, 5), images=np.tile(grey[:, None, None, None], (1, 1, 2, 2)))
    more = {"soft": np.eye(2, dtype=np.float32)[train.labels]} if soft else {}
    batches = seen(Arm(synthetic=0.5, mixing={"name": "MixUp", "alpha": 1.0}), train, synthetic=train, **more)
    for batch, target in zip(batches, targets, strict=True):
        assert target.shape == (8, 2)
        np.testing.assert_allclose(target.sum(1), 1, atol=1e-6)
        np.testing.assert_allclose(np.array(batch) / 200, target[:, 1], atol=0.5 / 200 + 1e-4)
    shares = torch.cat(targets)[:, 1]
    assert ((shares > 0.01) & (shares < 0.99)).sum() > 20  # of 80; neighbours alone would seldom differ in class


MIXUP, CUTMIX = ({"name": name, "alpha": 1.0} for name in ("MixUp", "CutMix"))


@pytest.mark.parametrize("mixing", [MIXUP, CUTMIX], ids=["MixUp", "CutMix"])
def test_mixing_learns_too_and_is_a_function_of_the_seed(sets, two_colours, mixing):
    arm, chosen = Arm(mixing=mixing, transforms=TURN), settings(steps=40, evaluate_every=10)
    torch.manual_seed(1)
    first = fit(chosen, arm, sets, 3)
    torch.manual_seed(2)
    assert same(first, fit(chosen, arm, sets, 3))
    assert not same(first, fit(chosen, Arm(transforms=TURN), sets, 3))
    test = two_colours(50, seed=9)
    assert (predict(first.model, test.images).argmax(1) == test.labels).mean() > 0.9


# --- the best state -------------------------------------------------------------------------------------------------


@frozen_settings
class Scripted(Classifier):
    """Builds a classifier whose validation follows a script, whatever the training.

    After its n-th training step the n-th entry (right, sure) holds: of 4 images the first `right` are classified
    rightly, and logits differ by `sure`.
    """

    script: tuple[tuple[int, float], ...]

    def build(self, shape: tuple[int, int, int], classes: int) -> nn.Module:
        return _Script(self.script)


class _Script(nn.Module):
    def __init__(self, script: tuple[tuple[int, float], ...]) -> None:
        super().__init__()
        self.script = script
        self.weight = nn.Parameter(torch.zeros(2))
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def forward(self, images: Tensor) -> Tensor:
        if self.training:
            self.steps += 1
            return self.weight.expand(len(images), 2)
        right, sure = self.script[int(self.steps) - 1]
        sign = torch.where(torch.arange(len(images)) < right, 1.0, -1.0)
        odd = images[:, 0, 0, 0].add(1).mul(127.5).round() % 2
        margin = sign * sure * (2 * odd - 1)
        return torch.stack([-margin / 2, margin / 2], 1)


@pytest.mark.parametrize(
    ("script", "best"),
    [
        ([(2, 1.0), (4, 1.0), (3, 1.0)], 2),  # neither the first nor the last
        ([(4, 1.0), (3, 9.0), (2, 1.0)], 1),
        ([(2, 1.0), (3, 1.0), (4, 1.0)], 3),
        ([(4, 1.0), (4, 3.0), (4, 2.0)], 2),  # equally many right: the surest of them has the lower loss
        ([(2, 3.0), (2, 1.0), (2, 2.0)], 2),  # half wrong: sureness costs
        ([(1, 1.0), (4, 2.0), (4, 2.0)], 2),  # all equal: the earlier
        ([(0, 5.0), (0, 5.0), (0, 5.0)], 1),  # bad as it is, one is the best
        ([(2, 0.1), (4, 0.1), (3, 8.0)], 2),  # accuracy comes before loss
    ],
)
def test_the_best_state_on_validation_is_returned(script, best):
    images = numbered(0, 4)
    chosen = settings(Scripted(script=script), steps=3, evaluate_every=1)
    fitted = fit(chosen, Arm(), TrainingSets(train=images, val=images), 0)
    assert fitted.step == best
    assert int(fitted.model.steps) == best  # the state, not only its number
    assert not fitted.model.training
    assert [row["val_balanced_accuracy"] for row in fitted.history] == [right / 4 for right, _ in script]


def test_only_looks_at_validation_count():
    images = numbered(0, 4)
    script = [(4, 1.0), (1, 1.0), (4, 1.0), (2, 1.0), (3, 1.0)]
    fitted = fit(
        settings(Scripted(script=script), steps=5, evaluate_every=2), Arm(), TrainingSets(train=images, val=images), 0
    )
    assert [row["step"] for row in fitted.history] == [2, 4, 5]
    assert fitted.step == 5


def test_the_returned_classifier_does_on_validation_what_its_row_says(sets):
    fitted = fit(settings(steps=30, evaluate_every=3), Arm(transforms=TURN), sets, 0)
    row = next(row for row in fitted.history if row["step"] == fitted.step)
    probabilities = predict(fitted.model, sets.val.images)
    assert balanced_accuracy(probabilities.argmax(1), sets.val.labels) == row["val_balanced_accuracy"]
    loss = -np.log(probabilities[np.arange(len(probabilities)), sets.val.labels]).mean()
    assert loss == pytest.approx(row["val_loss"], rel=1e-3, abs=1e-5)
    best = max(fitted.history, key=lambda each: (each["val_balanced_accuracy"], -each["val_loss"], -each["step"]))
    assert fitted.step == best["step"]


def test_validation_plays_no_part_in_learning(sets, two_colours):
    # where the same step is the best one, the weights are the same
    chosen = settings(steps=4, evaluate_every=4)
    other = dataclasses.replace(sets, val=flipped(two_colours(7, seed=8)))
    assert same(fit(chosen, Arm(), sets, 0), fit(chosen, Arm(), other, 0))


# --- prediction -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted(sets):
    return fit(settings(steps=3), Arm(), sets, 0)


def test_predictions_are_probabilities(fitted, two_colours):
    probabilities = predict(fitted.model, two_colours(30).images)
    assert (probabilities.shape, probabilities.dtype) == ((30, 2), np.float32)
    assert (probabilities >= 0).all()
    assert probabilities.sum(1) == pytest.approx(np.ones(30), abs=1e-5)


def test_a_prediction_does_not_depend_on_its_batch(fitted, two_colours):
    images = two_colours(1100).images  # more than are predicted together, twice
    probabilities = predict(fitted.model, images)
    assert len(np.unique(probabilities[:, 0])) > 500
    assert predict(fitted.model, images[::-1])[::-1] == pytest.approx(probabilities, abs=1e-5)
    for one in (0, 511, 512, 1099):
        assert predict(fitted.model, images[one : one + 1])[0] == pytest.approx(probabilities[one], abs=1e-5)


def test_a_prediction_is_the_softmax_of_the_models_logits_in_eval_mode(fitted, two_colours):
    images = two_colours(6).images
    with torch.no_grad():
        expected = fitted.model.eval()(to_float(torch.from_numpy(images))).exp()
    expected /= expected.sum(1, keepdim=True)
    fitted.model.train()  # dropout and batch norm must not show
    assert predict(fitted.model, images) == pytest.approx(expected.numpy(), abs=1e-5)


def test_prediction_leaves_the_model_as_it_was(fitted, two_colours):
    before = {name: value.clone() for name, value in weights(fitted).items()}
    for mode in (True, False):
        fitted.model.train(mode)
        predict(fitted.model, two_colours(6).images)
        assert fitted.model.training == mode
    assert same(fitted, SimpleNamespace(model=SimpleNamespace(state_dict=lambda: before)))


def test_the_learning_rate_rises_over_a_tenth_and_falls_along_a_half_cosine():
    # 20 steps: two to rise (1/2, 1); then (1 + cos(pi k / 19)) / 2 for k = 1 … 18
    shares = [rate(step, 20) for step in range(20)]
    assert shares[:2] == [0.5, 1.0]
    assert shares[2] == pytest.approx((1 + math.cos(math.pi / 19)) / 2)
    assert shares[-1] == pytest.approx((1 + math.cos(math.pi * 18 / 19)) / 2)
    assert all(later < earlier for earlier, later in itertools.pairwise(shares[1:]))


@pytest.mark.parametrize("steps", [1, 2, 9, 10, 11])
def test_the_learning_rate_is_positive_in_every_step_of_the_shortest_runs(steps):
    assert all(0 < rate(step, steps) <= 1 for step in range(steps))
