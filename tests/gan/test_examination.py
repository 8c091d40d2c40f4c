"""Examinations during GAN training: their steps and results, the generator kept, and no effect on training."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from quick_ensemble import quick_ensemble
from safetensors.torch import load_file
from short_gan import STEPS, KilledError, short_settings, train_in
from torch import Tensor, nn

from ganaug.core.files import read_rows
from ganaug.data.images import LabelledImages
from ganaug.gan.callbacks import History
from ganaug.gan.examination import MAX_IMAGES, Examination
from ganaug.gan.fit import fit
from ganaug.gan.module import LitGAN
from ganaug.gan.networks.stylegan2 import minibatch_deviation
from ganaug.gan.objectives import Critique
from ganaug.gan.sampling import RealImages
from ganaug.gan.settings import TrainGan
from ganaug.gan.training import GanSets
from ganaug.synthesis.generate import draw
from ganaug.synthesis.generate_settings import Generate

SEED = 1
GENERATOR = {"diversity", "near_copies", "distance"}
DISCRIMINATOR = {"p_real", "p_fake", "accuracy_train", "accuracy_val", "accuracy_fake"}


def settings(**changes: Any) -> TrainGan:
    """Return settings of a tiny run with a row and an examination per step, whose steps change the generator a lot."""
    plain: dict[str, Any] = {
        "learning_rate": 3e-2,
        "discriminator_learning_rate": 3e-2,
        "diffaugment": "photographs",
        "ema_half_life": 1,
        "snapshots": 2,
        "examinations": 7,
    }
    return short_settings(**plain | changes)


def train(
    folder: Path,
    sets: tuple[LabelledImages, LabelledImages],
    chosen: TrainGan | None = None,
    listener: Callable[[dict[str, float]], None] = lambda _: None,
) -> dict[str, bytes]:
    """Train in `folder` and return the content of each result file."""
    return train_in(folder, chosen or settings(), GanSets(*sets, sets[0].without_labels()), SEED, listener)


def health(files: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files["health.json"])
    return found


def drawn(folder: Path, images: LabelledImages, step: int) -> LabelledImages:
    """Return images of the generator after `step` steps on `images`, for which that generator is the best."""
    unmoved = {} if step else {"learning_rate": 1e-30}
    train(folder, (images, images), settings(steps=max(step, 1), keep="last", **unmoved))
    return draw(Generate(per_class=20, policy={"name": "none"}), folder / "out", images, 5, "generate").images


@pytest.fixture(scope="module")
def images(two_colours):
    return two_colours(10)


@pytest.fixture(scope="module")
def sets(images, tmp_path_factory):
    """Return training images, and validation images for which the generator of step 4 is the best one."""
    return images, drawn(tmp_path_factory.mktemp("drawn"), images, 4)


@pytest.fixture(scope="module")
def whole(sets, tmp_path_factory):
    """Return the files of a run, and the rows of its history."""
    folder = tmp_path_factory.mktemp("whole")
    return train(folder, sets), read_rows(folder / "out" / "history.csv")


def test_every_row_of_the_history_has_the_figures_of_the_latest_examination(sets, tmp_path):
    train(tmp_path, sets, settings(examinations=3))
    rows = read_rows(tmp_path / "out" / "history.csv")
    assert all(set(rows[0]) == set(row) for row in rows)
    assert set(rows[0]) >= GENERATOR | DISCRIMINATOR
    # examinations after 0, 7/3 = 2.3, 14/3 = 4.7 and 7 steps: before the first row and with those of steps 2, 5 and 7
    for same in (rows[1:4], rows[4:6]):
        assert all(row[name] == same[0][name] for row in same for name in GENERATOR | DISCRIMINATOR)
    assert len({row["distance"] for row in rows}) == len({row["p_real"] for row in rows}) == 4


def test_the_first_row_has_the_figures_from_before_the_first_step(sets, tmp_path):
    rows = []
    for rate in (1e-2, 1e-3):
        folder = tmp_path / str(rate)
        train(folder, sets, settings(examinations=2, learning_rate=rate, discriminator_learning_rate=rate))
        rows.append(read_rows(folder / "out" / "history.csv"))
    first, other = ([{name: row[name] for name in GENERATOR | DISCRIMINATOR} for row in one] for one in rows)
    assert first[0] == other[0]
    assert first[-1] != other[-1]


@pytest.mark.parametrize("step", [0, 1, 4, STEPS])
def test_the_best_generator_is_the_one_whose_images_are_closest_to_the_validation_images(images, tmp_path, step):
    val = drawn(tmp_path / "wanted", images, step)
    files = train(tmp_path / "best", (images, val))
    assert health(files)["step_used"] == step
    if step:  # training is a function of the step: a run that ends there has the same generator
        assert files["generator.safetensors"] == (tmp_path / "wanted/out/generator.safetensors").read_bytes()
        distances = [row["distance"] for row in read_rows(tmp_path / "best/out/history.csv")]
        assert distances.index(min(distances)) + 1 == step
    else:
        torch.manual_seed(SEED)
        first = LitGAN(settings(), images, SEED).generator.state_dict()
        saved = load_file(tmp_path / "best/out/generator.safetensors")
        assert all(torch.equal(saved[name], value) for name, value in first.items())


def test_the_last_generator_is_kept_on_request(sets, whole, tmp_path):
    best, _ = whole
    last = train(tmp_path, sets, settings(keep="last"))
    assert health(last)["step_used"] == STEPS
    changed = {name for name in best if best[name] != last[name]}
    assert changed == {"generator.safetensors", "health.json", "training.json"}


@pytest.mark.parametrize("keep", ["best", "last"])
def test_health_describes_the_generator_that_is_kept(images, tmp_path, keep):
    val = drawn(tmp_path / "wanted", images, 4)  # the best one
    files = train(tmp_path / "run", (images, val), settings(keep=keep))
    rows, found = read_rows(tmp_path / "run/out/history.csv"), health(files)
    used = rows[found["step_used"] - 1]
    expected = {name: used[name] for name in GENERATOR} | {name: rows[-1][name] for name in DISCRIMINATOR}
    assert found["figures"] == pytest.approx(expected, abs=1e-5)
    assert found["step_used"] == (4 if keep == "best" else STEPS)
    assert set(found["diversity"]) == {"red", "blue"}
    assert np.mean(list(found["diversity"].values())) == pytest.approx(found["figures"]["diversity"], abs=1e-5)


@pytest.mark.parametrize(
    "network",
    [
        {"name": "resnet", "z_dim": 3, "channels": 2},
        {"name": "mlp", "z_dim": 3, "hidden": 4, "noise": 0.5, "batch_norm": True},
        {"name": "stylegan2", "z_dim": 3, "channels": 2, "style_mixing": 0.9},
    ],
    ids=lambda network: network["name"],
)
def test_examinations_do_not_change_the_training(sets, tmp_path, network):
    files = [
        train(tmp_path / str(count), sets, settings(network=network, examinations=count, keep="last"))
        for count in (1, 5)
    ]
    changed = {name for name in files[0] if files[0][name] != files[1][name]}
    assert changed == {"history.csv", "training.json"}  # more figures


@pytest.mark.parametrize("step", [4, 5, 7])
def test_a_resumed_run_has_the_same_health_and_best_generator(sets, whole, tmp_path, step):
    # checkpoints follow the rows of steps 3 and 6, before and after the best generator

    def listener(row: dict[str, float]) -> None:
        if row["step"] == step:
            raise KilledError

    files, _ = whole
    with pytest.raises(KilledError):
        train(tmp_path, sets, listener=listener)
    assert train(tmp_path, sets) == files


def test_each_finding_is_printed(sets, tmp_path, capsys):
    narrow = {"name": "mlp", "z_dim": 1, "hidden": 1}  # whatever z is, the images are nearly the same
    found = health(train(tmp_path, sets, settings(network=narrow, learning_rate=1e-6)))
    printed = [line for line in capsys.readouterr().out.splitlines() if "Try:" in line]
    assert not found["healthy"]
    collapsed = next(finding for finding in found["findings"] if finding["name"] == "generator collapsed")
    assert "red (" in collapsed["seen"]
    assert "blue (" in collapsed["seen"]
    assert printed == [
        f"warning: {finding['name']}: {finding['seen']}. Try: {finding['remedy']}." for finding in found["findings"]
    ]


def test_nothing_is_printed_without_findings(images, tmp_path, capsys):
    # untrained networks, and validation images that equal the training images
    still = settings(learning_rate=1e-6, discriminator_learning_rate=1e-6, examinations=1)
    found = health(train(tmp_path, (images, images), still))
    assert found["healthy"]
    assert found["findings"] == []
    assert "Try:" not in capsys.readouterr().out


def plain(values: list[int], labels: list[int]) -> LabelledImages:
    """Return one image per value, with this mean and a texture of its own."""
    images = np.zeros((len(values), 3, 8, 8), dtype=np.uint8)
    for index, value in enumerate(values):
        images[index, :, :, :4], images[index, :, :, 4:] = value + index % 20, value - index % 20
    return LabelledImages(images, np.array(labels), ("first", "second"))


def examine(
    discriminator: nn.Module, train_images: LabelledImages, val: LabelledImages, **changes: Any
) -> tuple[LitGAN, Examination]:
    """Examine `discriminator` and a generator of images that are all 0, middle grey, before the only step."""
    chosen = TrainGan(**{"network": {"name": "mlp", "hidden": 4}, "steps": 1, "batch_size": 4} | changes)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        gan = LitGAN(chosen, train_images, seed=0)
    if chosen.network.__class__.__name__ == "Mlp":
        for parameter in gan.generator.parameters():
            nn.init.zeros_(parameter)
    gan.discriminator = discriminator
    extractor = quick_ensemble(train_images, val).extractor
    examination = Examination(gan.generator, History(1, 4), extractor, RealImages(train_images), val, [0])
    fit(gan, [examination], chosen, None)
    return gan, examination


class DarkIsReal(nn.Module):
    """D(x) = shift − 10 (mean of x + 0.2)."""

    def __init__(self, shift: float = 0.0) -> None:
        super().__init__()
        self.slope, self.shift = nn.Parameter(torch.tensor(-10.0)), shift

    def forward(self, images: Tensor, _: Tensor) -> Critique:
        return Critique(self.shift + self.slope * (images.mean((1, 2, 3)) + 0.2), images.flatten(1))


def sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


# 51 of 255 is −0.6, of realness 4; the generator's 0 has −2; halfway is 1. 89 is −0.302, of realness 1.02, and 90 is
# −0.294, of realness 0.94: above 0 both, but on either side of 1.
BETWEEN = plain([51] * 8, [0, 1] * 4), plain([89, 89, 90, 89], [0, 1, 1, 0])


@pytest.mark.parametrize("objective", ["hinge", "non_saturating", "minimax", "least_squares"])
def test_the_threshold_is_0_for_absolute_objectives(objective):
    figures = examine(DarkIsReal(), *BETWEEN, objective={"name": objective})[1].latest.figures
    assert (figures["accuracy_train"], figures["accuracy_val"], figures["accuracy_fake"]) == (1, 1, 1)
    assert (figures["p_real"], figures["p_fake"]) == pytest.approx((sigmoid(4), sigmoid(-2)))
    figures = examine(DarkIsReal(shift=3), *BETWEEN, objective={"name": objective})[1].latest.figures
    assert (figures["accuracy_train"], figures["accuracy_val"], figures["accuracy_fake"]) == (1, 1, 0)
    assert figures["p_fake"] == pytest.approx(sigmoid(1))


@pytest.mark.parametrize("objective", ["relativistic", "wasserstein_gp"])
@pytest.mark.parametrize("shift", [0, 100, -100])
def test_the_threshold_is_between_real_and_fake_if_only_differences_have_a_meaning(objective, shift):
    figures = examine(DarkIsReal(shift), *BETWEEN, objective={"name": objective})[1].latest.figures
    assert (figures["accuracy_train"], figures["accuracy_val"], figures["accuracy_fake"]) == (1, 3 / 4, 1)
    assert (figures["p_real"], figures["p_fake"]) == pytest.approx((sigmoid(3), sigmoid(-3)))


class ClassIsReal(nn.Module):
    """Realness is high if an image has the right condition: the first class is dark, the second is bright."""

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(1.0))

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        sign = condition[:, 1] - condition[:, 0]
        return Critique(self.slope * sign * images.mean((1, 2, 3)), images.flatten(1))


def test_images_are_evaluated_with_their_own_class():
    dark_first, bright_first = plain([60, 200] * 3, [0, 1] * 3), plain([200, 200, 60, 60, 60], [1, 1, 0, 0, 1])
    gan, examination = examine(ClassIsReal(), dark_first, bright_first, objective={"name": "hinge"})
    assert examination.latest.figures["accuracy_train"] == 1
    assert (
        examination.latest.figures["accuracy_val"] == 4 / 5
    )  # the last one is dark, but has the label of the second class
    assert gan.training


def test_large_sets_are_subsampled():
    labels = np.repeat([0, 1], 600)
    many = plain((60 + 100 * labels).tolist(), labels.tolist())
    examination = examine(DarkIsReal(), many, many, objective={"name": "hinge"})[1]
    assert len(examination.train) == len(examination.val) == MAX_IMAGES
    assert examination.train.counts == {"first": MAX_IMAGES // 2, "second": MAX_IMAGES // 2}


def test_fake_images_have_the_classes_of_the_validation_images():
    labels = np.repeat([0, 1], 150)
    val = plain((60 + 100 * labels).tolist(), labels.tolist())
    examination = examine(DarkIsReal(), val, val, objective={"name": "hinge"})[1]
    assert len(examination.labels) >= MAX_IMAGES
    assert examination.labels.mean() == pytest.approx(1 / 2, abs=1 / MAX_IMAGES)


class VariedIsReal(nn.Module):
    """Realness is high for images that differ within their group, as StyleGAN2's discriminator can see."""

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(1.0))

    def forward(self, images: Tensor, _: Tensor) -> Critique:
        return Critique(self.slope * (minibatch_deviation(images).mean((1, 2, 3)) - 0.01), images.flatten(1))


@pytest.mark.parametrize(
    "count",
    [
        12,
        13,
    ],
)
def test_batches_are_as_large_as_in_training_for_any_number_of_images(count):
    train_images, val = (
        plain(list(range(60, 60 + 5 * some, 5)), [0, 1] * 6 + [0] * (some - 12)) for some in (12, count)
    )
    network = {"name": "stylegan2", "z_dim": 3, "channels": 2}
    figures = examine(VariedIsReal(), train_images, val, network=network, objective={"name": "hinge"})[1].latest.figures
    assert (figures["accuracy_train"], figures["accuracy_val"]) == (1, 1)


def translated_by(painter, images, val, forward):
    """Return the measurements of a network that translates with `forward`: noise, source → images."""
    chosen = TrainGan(network=painter | {"z_dim": 192}, objective={"name": "hinge"}, steps=1, batch_size=4)
    gan = LitGAN(chosen, images, seed=0)
    attached = lambda: 0 * next(gan.generator.parameters()).sum()  # noqa: E731
    gan.generator.forward = lambda z, _, source=None: forward(z, source) + attached()
    extractor = quick_ensemble(images, images, steps=60).extractor
    examination = Examination(gan.generator, History(1, 4), extractor, RealImages(images), val, [0])
    fit(gan, [examination], chosen, None)
    return examination.latest.figures


@pytest.mark.parametrize(
    ("forward", "source_class", "source_effect"),
    [
        (lambda z, source: source, 1.0, 1.0),  # returns its source
        (lambda z, source: source.flip(1), 0.0, 1.0),  # swaps red and blue
        (lambda z, source: z.view(-1, 3, 8, 8).clamp(-1, 1), None, 0.0),  # ignores its source
    ],
    ids=["copies", "translates", "ignores"],
)
def test_translations_are_measured(painter, two_colours, forward, source_class, source_effect):
    figures = translated_by(painter, two_colours(20), two_colours(12, seed=1), forward)
    assert figures["source_effect"] == pytest.approx(source_effect, abs=0.05)
    assert source_class is None or figures["source_class"] == source_class


def test_generators_from_noise_have_no_figures_of_translation(two_colours):
    sets = two_colours(8), two_colours(4, seed=1)
    figures = examine(DarkIsReal(), *sets, objective={"name": "hinge"})[1].latest.figures
    assert set(figures) == GENERATOR | DISCRIMINATOR
