"""Training of one classifier, and its predictions."""

import dataclasses
import math
import sys
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganaug.classifier.architectures import Classifier
from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.prediction import predict, validate
from ganaug.classifier.scores import balanced_accuracy
from ganaug.classifier.settings import Training
from ganaug.classifier.training import Fitted, fit, learning_rate_factor
from ganaug.core.config import settings as frozen_settings
from ganaug.core.errors import InputError
from ganaug.data.batches import Batches, MixedBatches, Part
from ganaug.data.images import LabelledImages, to_float
from ganaug.data.transforms import AugmentedBatches

TURN = ({"name": "RandomRotation", "degrees": 90},)


def settings(classifier: Any = None, **changes: Any) -> Training:
    plain: dict[str, Any] = {
        "classifier": classifier or {"name": "small_cnn", "channels": 4, "dropout": 0.2},
        "steps": 10,
        "batch_size": 8,
        "learning_rate": 5e-3,
        "evaluate_every": 4,
    }
    return Training(**plain | changes)


def batches(images: LabelledImages, targets: np.ndarray | None = None, **options: Any) -> AugmentedBatches:
    """Return batches of 8 images with their labels, or other targets."""
    order = Batches(len(images), 8, seed=0)
    part = Part(images.images, images.labels if targets is None else targets, order, 8)
    return AugmentedBatches(MixedBatches(part), len(images.classes), 0, **options)


@pytest.fixture(scope="module")
def train(two_colours):
    return two_colours(20)


@pytest.fixture(scope="module")
def val(two_colours):
    return two_colours(12, seed=1)


def weights(fitted: Fitted) -> dict[str, Tensor]:
    return fitted.model.state_dict()


def same(one: Fitted, other: Fitted) -> bool:
    return all(torch.equal(value, weights(other)[name]) for name, value in weights(one).items())


def flipped(images: LabelledImages) -> LabelledImages:
    """Call red blue, and blue red."""
    return dataclasses.replace(images, labels=1 - images.labels)


# --- learning --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transforms", [(), TURN], ids=["plain", "transformed"])
def test_learns_two_colours(train, val, two_colours, transforms):
    fitted = fit(settings(steps=40, evaluate_every=10), batches(train, transforms=transforms), val, 0)
    test = two_colours(50, seed=9)
    assert (predict(fitted.model, test.images).argmax(1) == test.labels).all()


def test_learns_from_the_batches_alone(train, val):
    # all training labels are wrong
    fitted = fit(settings(steps=40), batches(flipped(train)), val, 0)
    assert fitted.history[-1]["val_balanced_accuracy"] == 0


def test_learns_soft_targets(train, val):
    soft = np.eye(2, dtype=np.float32)[1 - train.labels]
    fitted = fit(settings(steps=40), batches(train, soft), val, 0)
    assert fitted.history[-1]["val_balanced_accuracy"] == 0


def test_training_loss_falls(train, val):
    history = fit(settings(steps=40, evaluate_every=10), batches(train), val, 0).history
    assert all(later["loss"] < earlier["loss"] for earlier, later in pairwise(history))


@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
def test_mixing_learns_too_and_depends_on_the_seed_alone(train, val, two_colours, name):
    chosen, mixing = settings(steps=40, evaluate_every=10), {"name": name, "alpha": 1.0}
    torch.manual_seed(1)
    first = fit(chosen, batches(train, transforms=TURN, mixing=mixing), val, 3)
    torch.manual_seed(2)
    assert same(first, fit(chosen, batches(train, transforms=TURN, mixing=mixing), val, 3))
    assert not same(first, fit(chosen, batches(train, transforms=TURN), val, 3))
    test = two_colours(50, seed=9)
    assert (predict(first.model, test.images).argmax(1) == test.labels).mean() > 0.9


def test_every_step_is_reported_and_evaluated_at_the_requested_interval(train, val):
    reported = []
    history = fit(settings(), batches(train), val, 0, reported.append).history
    assert reported == list(range(1, 11))
    assert [row["step"] for row in history] == [4, 8, 10]


def test_divergence_is_an_input_error(train, val):
    with pytest.raises(InputError, match=r"diverged before step \d+; lower its learning_rate"):
        fit(settings(learning_rate=1e30, steps=20), batches(train), val, 0)


# --- the seed --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transforms", [(), TURN], ids=["plain", "transformed"])
def test_the_seed_alone_decides_whatever_was_drawn_before(train, val, transforms):
    given = batches(train, transforms=transforms)
    torch.manual_seed(1)
    first = fit(settings(), given, val, 3)
    torch.manual_seed(2)
    again = fit(settings(), given, val, 3)
    assert same(first, again)
    assert first.history == again.history
    assert not same(first, fit(settings(), given, val, 4))


def test_global_randomness_is_left_as_it_was(train, val):
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
    fit(settings(), batches(train, transforms=TURN), val, 3)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1]  # noqa: NPY002


def test_transforms_change_what_is_learned(train, val):
    assert not same(fit(settings(), batches(train), val, 3), fit(settings(), batches(train, transforms=TURN), val, 3))


@pytest.fixture(autouse=True)
def own_plugins(monkeypatch):
    """Let this module's classifiers pass as plug-ins."""
    for plugin in (Recorder, Scripted):
        monkeypatch.setattr(plugin, "__module__", "ganaug.classifier.architectures.of_a_test")
    monkeypatch.setitem(sys.modules, "ganaug.classifier.architectures.of_a_test", sys.modules[__name__])


@frozen_settings
class Recorder(Classifier):
    """Builds a linear classifier that records its initial weights and its training images."""

    def build(self, shape: tuple[int, int, int], classes: int) -> ImageClassifier:
        return _Recording(shape, classes)


class _Recording(ImageClassifier):
    def __init__(self, shape: tuple[int, int, int], classes: int) -> None:
        super().__init__(nn.Flatten(), nn.Linear(int(np.prod(shape)), classes))
        self.first = self.head.weight.detach().clone()
        self.seen: list[Tensor] = []

    def forward(self, images: Tensor) -> Tensor:
        if self.training:
            self.seen.append(images)
        return super().forward(images)


def test_initial_weights_depend_on_the_seed_and_not_on_the_batches(train, val):
    given = batches(train), batches(flipped(train)), batches(train, transforms=TURN)
    first, *others = (fit(settings(Recorder()), one, val, 0).model.first for one in given)
    assert all(torch.equal(first, other) for other in others)
    assert not torch.equal(first, fit(settings(Recorder()), given[0], val, 1).model.first)


def test_batches_are_shown_in_order(train, val):
    given = batches(train)
    seen = fit(settings(Recorder()), given, val, 0).model.seen
    assert len(seen) == 10
    assert all(torch.equal(images, given[step][0]) for step, images in enumerate(seen))


# --- the best state --------------------------------------------------------------------------------------------------


@frozen_settings
class Scripted(Classifier):
    """Builds a classifier whose validation follows a script, whatever the training.

    The n-th entry (right, margin) holds after the n-th training step: of 4 images the first `right` are classified
    correctly, and the two logits are `margin` apart.
    """

    script: tuple[tuple[int, float], ...]

    def build(self, shape: tuple[int, int, int], classes: int) -> ImageClassifier:
        return _Script(self.script)


class _Script(ImageClassifier):
    def __init__(self, script: tuple[tuple[int, float], ...]) -> None:
        super().__init__(nn.Flatten(), nn.Identity())
        self.script = script
        self.weight = nn.Parameter(torch.zeros(2))
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def forward(self, images: Tensor) -> Tensor:
        if self.training:
            self.steps += 1
            return self.weight.expand(len(images), 2)
        right, margin = self.script[int(self.steps) - 1]
        sign = torch.where(torch.arange(len(images)) < right, 1.0, -1.0)
        odd = images[:, 0, 0, 0].add(1).mul(127.5).round() % 2
        logit = sign * margin * (2 * odd - 1)
        return torch.stack([-logit / 2, logit / 2], 1)


@pytest.fixture
def numbered():
    """Return plain images with grey levels 0 to 3 of the classes even and odd."""
    images = np.arange(4, dtype=np.uint8)[:, None, None, None] * np.ones((1, 1, 2, 2), np.uint8)
    return LabelledImages(images, np.arange(4, dtype=np.int64) % 2, ("even", "odd"))


@pytest.mark.parametrize(
    ("script", "best"),
    [
        ([(2, 1.0), (4, 1.0), (3, 1.0)], 2),  # neither the first nor the last
        ([(4, 1.0), (3, 9.0), (2, 1.0)], 1),
        ([(2, 1.0), (3, 1.0), (4, 1.0)], 3),
        ([(4, 1.0), (4, 3.0), (4, 2.0)], 2),  # equally accurate: the largest margin has the lowest loss
        ([(2, 3.0), (2, 1.0), (2, 2.0)], 2),  # half wrong: margins cost
        ([(1, 1.0), (4, 2.0), (4, 2.0)], 2),  # all equal: the earlier
        ([(0, 5.0), (0, 5.0), (0, 5.0)], 1),  # all are bad, but one is the best
        ([(2, 0.1), (4, 0.1), (3, 8.0)], 2),  # accuracy comes before loss
    ],
)
def test_the_best_state_on_validation_is_returned(numbered, script, best):
    chosen = settings(Scripted(script=script), steps=3, evaluate_every=1)
    fitted = fit(chosen, batches(numbered), numbered, 0)
    assert fitted.step == best
    assert int(fitted.model.steps) == best  # the state, not only its number
    assert not fitted.model.training
    assert [row["val_balanced_accuracy"] for row in fitted.history] == [right / 4 for right, _ in script]
    assert fitted.val_balanced_accuracy == script[best - 1][0] / 4


def test_only_evaluated_steps_count(numbered):
    script = [(4, 1.0), (1, 1.0), (4, 1.0), (2, 1.0), (3, 1.0)]
    fitted = fit(settings(Scripted(script=script), steps=5, evaluate_every=2), batches(numbered), numbered, 0)
    assert [row["step"] for row in fitted.history] == [2, 4, 5]
    assert fitted.step == 5


def test_the_returned_classifier_has_the_figures_of_its_row(train, val):
    fitted = fit(settings(steps=30, evaluate_every=3), batches(train, transforms=TURN), val, 0)
    row = next(row for row in fitted.history if row["step"] == fitted.step)
    probabilities = predict(fitted.model, val.images)
    assert balanced_accuracy(probabilities.argmax(1), val.labels) == row["val_balanced_accuracy"]
    loss = -np.log(probabilities[np.arange(len(probabilities)), val.labels]).mean()
    assert loss == pytest.approx(row["val_loss"], rel=1e-3, abs=1e-5)
    assert validate(fitted.model, val).items() <= row.items()
    best = max(fitted.history, key=lambda each: (each["val_balanced_accuracy"], -each["val_loss"], -each["step"]))
    assert fitted.step == best["step"]


def test_validation_images_train_nothing(train, val, two_colours):
    # if the same step is the best one, the weights are the same
    chosen = settings(steps=4, evaluate_every=4)
    other = flipped(two_colours(7, seed=8))
    assert same(fit(chosen, batches(train), val, 0), fit(chosen, batches(train), other, 0))


# --- prediction ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted(train, val):
    return fit(settings(steps=3), batches(train), val, 0)


def test_predictions_are_probabilities(fitted, two_colours):
    probabilities = predict(fitted.model, two_colours(30).images)
    assert (probabilities.shape, probabilities.dtype) == ((30, 2), np.float32)
    assert (probabilities >= 0).all()
    assert probabilities.sum(1) == pytest.approx(np.ones(30), abs=1e-5)


def test_a_prediction_does_not_depend_on_its_batch(fitted, two_colours):
    images = two_colours(1100).images  # more than two chunks
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


# --- the learning rate -----------------------------------------------------------------------------------------------


def test_the_learning_rate_rises_over_a_tenth_and_falls_along_a_half_cosine():
    # 20 steps: two to rise (1/2, 1); then (1 + cos(pi k / 19)) / 2 for k = 1 … 18
    factors = [learning_rate_factor(step, 20) for step in range(20)]
    assert factors[:2] == [0.5, 1.0]
    assert factors[2] == pytest.approx((1 + math.cos(math.pi / 19)) / 2)
    assert factors[-1] == pytest.approx((1 + math.cos(math.pi * 18 / 19)) / 2)
    assert all(later < earlier for earlier, later in pairwise(factors[1:]))


@pytest.mark.parametrize("steps", [1, 2, 9, 10, 11])
def test_the_learning_rate_is_positive_in_every_step_of_the_shortest_runs(steps):
    assert all(0 < learning_rate_factor(step, steps) <= 1 for step in range(steps))
