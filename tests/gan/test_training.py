"""One GAN from settings to results: reproducible, resumable, and it learns."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from quick_ensemble import quick_ensemble, quick_evaluators
from safetensors.torch import load_file
from short_gan import STEPS, KilledError, short_settings, train_in
from torch.utils import deterministic

import ganaug
from ganaug.classifier.prediction import predict
from ganaug.core.errors import InputError
from ganaug.core.files import read_rows
from ganaug.core.plugins import available, describe, find
from ganaug.data.images import LabelledImages
from ganaug.gan.discriminator_classifier import load_discriminator_classifier
from ganaug.gan.module import LitGAN
from ganaug.gan.objectives.hinge import Hinge
from ganaug.gan.settings import TrainGan
from ganaug.gan.training import Evaluators, GanRun, GanSets, train_gan
from ganaug.synthesis.generate import draw
from ganaug.synthesis.generate_settings import Generate


def settings(**changes: Any) -> TrainGan:
    """Return settings of a tiny run with a row per step and checkpoints after steps 3 and 6."""
    plain: dict[str, Any] = {
        "diffaugment": ("color", "translation", "cutout", "affine"),
        "ema_half_life": 10,
        "snapshots": 4,
    }
    return short_settings(**plain | changes)


def train(
    folder: Path,
    images: LabelledImages,
    chosen: TrainGan | None = None,
    seed: int = 0,
    listener: Callable[[dict[str, float]], None] = lambda _: None,
    unlabelled: LabelledImages | None = None,
) -> dict[str, bytes]:
    """Train in `folder` and return the content of each result file."""
    sets = GanSets(images, images, images.without_labels() if unlabelled is None else unlabelled.without_labels())
    return train_in(folder, chosen or settings(), sets, seed, listener)


def kill(
    folder: Path,
    images: LabelledImages,
    step: int,
    chosen: TrainGan | None = None,
    seed: int = 0,
    unlabelled: LabelledImages | None = None,
) -> Path:
    """Start the same run, kill it at the row of `step`, and return its checkpoint."""

    def listener(row: dict[str, float]) -> None:
        if row["step"] == step:
            raise KilledError

    with pytest.raises(KilledError):
        train(folder, images, chosen, seed, listener, unlabelled)
    return folder / "work" / "last.ckpt"


@pytest.fixture(scope="module")
def images(two_colours):
    return two_colours(10)


@pytest.fixture(scope="module")
def whole(images, tmp_path_factory):
    """Return the files of an uninterrupted run."""
    return train(tmp_path_factory.mktemp("whole"), images)


def test_a_run_writes_generator_history_grids_and_animation(images, tmp_path):
    logged = []
    train(tmp_path, images, listener=logged.append)
    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.*")}
    # 4 snapshots over 7 steps: 0, 7/3 = 2.3, 14/3 = 4.7, 7
    grids = {f"out/grids/{step:06d}.png" for step in (0, 2, 5, 7)}
    assert files == grids | {
        "out/generator.safetensors",
        "out/generator.json",
        "out/discriminator.safetensors",
        "out/health.json",
        "out/history.csv",
        "out/training.json",
        "out/progress.gif",
    }
    assert not (tmp_path / "work").exists()
    rows = read_rows(tmp_path / "out" / "history.csv")
    assert [row["step"] for row in rows] == list(range(1, 8))
    assert [row["images"] for row in rows] == [4 * step for step in range(1, 8)]
    assert set(rows[0]) == {
        *("step", "images", "d_real", "d_fake", "g_fake", "d_gradient", "g_gradient", "p_real", "p_fake"),
        *("accuracy_train", "accuracy_val", "accuracy_fake", "diversity", "near_copies", "distance"),
    }
    assert [list(row.values()) for row in rows] == [pytest.approx(list(row.values()), abs=1e-6) for row in logged]
    with Image.open(tmp_path / "out" / "progress.gif") as animation:
        assert animation.n_frames == 4


def test_training_json_has_settings_seed_and_version(whole):
    training = json.loads(whole["training.json"])
    assert training["settings"]["network"]["name"] == "resnet"
    assert training["settings"]["objective"]["name"] == "hinge"
    assert training["settings"]["steps"] == STEPS
    assert (training["seed"], training["ganaug"]) == (0, ganaug.__version__)
    assert TrainGan(**training["settings"] | {"checkpoint_every": 3}) == settings()


def test_new_memory_is_not_filled_during_training(images, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(LitGAN, "on_train_start", lambda _: seen.append(deterministic.fill_uninitialized_memory))
    monkeypatch.setattr(deterministic, "fill_uninitialized_memory", True)
    train(tmp_path, images)
    assert seen == [False]
    assert deterministic.fill_uninitialized_memory is True


def test_a_checkpoint_of_other_evaluators_is_discarded(images, tmp_path, capsys):
    kill(tmp_path, images, 5)
    sets = GanSets(images, images, images.without_labels())
    others = Evaluators(quick_ensemble(images, images, steps=1).extractor, np.zeros((10, 2), np.float32))
    train_gan(settings(), sets, others, 0, GanRun("gan", tmp_path / "work"), tmp_path / "out")
    assert "another configuration discarded" in capsys.readouterr().out


def test_a_checkpoint_of_other_code_is_discarded(images, tmp_path, capsys):
    kill(tmp_path, images, 5)
    sets = GanSets(images, images, images.without_labels())
    run = GanRun("gan", tmp_path / "work", code="other")
    train_gan(settings(), sets, quick_evaluators(sets), 0, run, tmp_path / "out")
    assert "another configuration discarded" in capsys.readouterr().out


def test_the_saved_discriminator_has_refreshed_spectral_norms(images, tmp_path, monkeypatch):
    def zeroed(network: torch.nn.Module) -> torch.nn.Module:
        for parameter in network.parameters():
            torch.nn.init.zeros_(parameter)
        return network

    monkeypatch.setattr("ganaug.gan.training.refresh_spectral_norm", zeroed)
    train(tmp_path, images)
    weights = load_file(tmp_path / "out" / "discriminator.safetensors")
    assert all((value == 0).all() for name, value in weights.items() if name.endswith("original"))


def test_rows_are_written_every_few_steps_and_for_the_last(images, tmp_path):
    train(tmp_path, images, settings(log_every=3))
    assert [row["step"] for row in read_rows(tmp_path / "out" / "history.csv")] == [3, 6, 7]


def test_the_same_seed_gives_the_same_bytes(images, whole, tmp_path):
    torch.manual_seed(12345)  # the global state does not matter
    assert train(tmp_path, images) == whole


def test_another_seed_gives_another_generator(images, whole, tmp_path):
    other = train(tmp_path, images, seed=1)
    assert other["generator.safetensors"] != whole["generator.safetensors"]
    assert other["history.csv"] != whole["history.csv"]


@pytest.mark.parametrize("step", [2, 3, 4, 5, 7])
def test_a_killed_run_resumes_bit_for_bit(images, whole, tmp_path, step):
    # checkpoints follow the rows of steps 3 and 6: the run falls back to 0, 0, 3, 3, 6
    checkpoint = kill(tmp_path, images, step)
    assert checkpoint.exists() == (step > 3)
    assert not (tmp_path / "out").exists()
    logged = []
    assert train(tmp_path, images, listener=logged.append) == whole
    assert [row["step"] for row in logged] == list(range((step - 1) // 3 * 3 + 1, STEPS + 1))


def test_a_run_may_be_killed_again_and_again(images, whole, tmp_path):
    for step in (4, 5, 7, 7):
        kill(tmp_path, images, step)
    assert train(tmp_path, images) == whole


def test_several_discriminator_steps_resume_too(images, tmp_path):
    chosen = settings(discriminator_steps=3, objective={"name": "non_saturating"})
    expected = train(tmp_path / "whole", images, chosen)
    kill(tmp_path, images, 5, chosen)
    assert train(tmp_path, images, chosen) == expected


def test_checkpoint_every_does_not_change_the_result(images, whole, tmp_path, capsys):
    kill(tmp_path, images, 5)
    assert train(tmp_path, images, settings(checkpoint_every=2)) == whole
    assert "resuming from step 3" in capsys.readouterr().out


def test_a_run_resumes_after_sigterm(images, whole, tmp_path):
    def listener(row: dict[str, float]) -> None:
        if row["step"] == 5:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit):
        train(tmp_path, images, listener=listener)
    assert not (tmp_path / "out").exists()
    assert train(tmp_path, images) == whole


@pytest.mark.parametrize(
    ("changes", "seed", "shade"),
    [({"learning_rate": 1e-3}, 0, 0), ({"steps": 5}, 0, 0), ({}, 1, 0), ({}, 0, 1), ({"objective": None}, 0, 0)],
    ids=["settings", "steps", "seed", "images", "objective"],
)
def test_a_checkpoint_of_another_run_is_discarded_with_a_message(images, tmp_path, capsys, changes, seed, shade):
    if "objective" in changes:
        changes = {"objective": {"name": "non_saturating"}}
    others = LabelledImages(images.images + np.uint8(shade), images.labels, images.classes)
    expected = train(tmp_path / "whole", others, settings(**changes), seed)
    kill(tmp_path, images, 4)
    logged = []
    assert train(tmp_path, others, settings(**changes), seed, logged.append) == expected
    assert logged[0]["step"] == 1
    assert "another configuration discarded" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"no checkpoint", None], ids=["empty", "foreign", "truncated"])
def test_an_unreadable_checkpoint_is_discarded_with_a_message(images, whole, tmp_path, capsys, content):
    checkpoint = kill(tmp_path, images, 5)
    checkpoint.write_bytes(checkpoint.read_bytes()[:-500] if content is None else content)
    assert train(tmp_path, images) == whole
    assert "unreadable checkpoint discarded" in capsys.readouterr().out


@pytest.mark.parametrize("log_every", [1, 7])
def test_divergence_is_reported_and_leaves_the_last_good_checkpoint(
    images, whole, tmp_path, monkeypatch, capsys, log_every
):
    terms, steps = Hinge.generator_terms, iter(range(1, STEPS + 1))

    def diverging(self: Hinge, *given: Any) -> dict[str, torch.Tensor]:
        # NaN from step 5 on; the next checkpoint is due after step 6
        return {name: term * (1 if next(steps) < 5 else float("nan")) for name, term in terms(self, *given).items()}

    with monkeypatch.context() as patch:
        patch.setattr(Hinge, "generator_terms", diverging)
        with pytest.raises(InputError, match=r"diverged: \w+ is nan at step (5|7).*learning_rate"):
            train(tmp_path, images, settings(log_every=log_every))
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["health.json"]
    (finding,) = json.loads((tmp_path / "out" / "health.json").read_text())["findings"]
    assert finding["name"] == "training diverged"
    assert "is nan at step" in finding["seen"]
    files = train(tmp_path, images, settings(log_every=log_every))
    assert "resuming from step 3" in capsys.readouterr().out
    assert files["generator.safetensors"] == whole["generator.safetensors"]


def test_an_earlier_result_is_replaced_as_a_whole(images, whole, tmp_path):
    (tmp_path / "out" / "grids").mkdir(parents=True)
    (tmp_path / "out" / "grids" / "999999.png").write_bytes(b"from an earlier run")
    assert train(tmp_path, images) == whole


def test_the_discriminator_takes_its_steps_before_each_generator_step(images, tmp_path, monkeypatch):
    calls = []
    for player in ("discriminator", "generator"):
        terms = getattr(Hinge, f"{player}_terms")

        def recorded(self: Hinge, critiques: Any, terms: Any = terms, player: str = player) -> dict[str, torch.Tensor]:
            shown = critiques.real_images.flatten(1).sum(1).tolist()
            calls.append((player[0], critiques.fake_images.requires_grad, shown))
            return terms(self, critiques)

        monkeypatch.setattr(Hinge, f"{player}_terms", recorded)
    train(tmp_path, images, settings(discriminator_steps=2, steps=5, diffaugment=()))
    assert "".join(name for name, _, _ in calls) == "ddg" * 5
    assert all(gradient == (name == "g") for name, gradient, _ in calls)
    # 5 × 2 batches of 4 show the 10 images four times each, and no image twice before all were shown
    shown = [value for name, _, real in calls if name == "d" for value in real]
    assert [sorted(shown[start : start + 10]) for start in (0, 10, 20, 30)] == [sorted(set(shown))] * 4


def test_grids_show_the_averaged_generator_and_start_before_training(images, whole, tmp_path):
    other = train(tmp_path, images, settings(learning_rate=0.05, steps=5))
    assert other["grids/000000.png"] == whole["grids/000000.png"]
    assert other["grids/000005.png"] != whole["grids/000005.png"]


@pytest.mark.parametrize("shape", [(1, 9, 12), (2, 8, 8), (4, 16, 8)])
def test_any_size_and_number_of_channels(tmp_path, shape):
    pixels = np.random.default_rng(0).integers(0, 256, (6, *shape), dtype=np.uint8)
    images = LabelledImages(pixels, np.arange(6) % 3, ("a", "b", "c"))
    chosen = settings(steps=2, batch_size=8)  # a batch is larger than the set
    files = train(tmp_path, images, chosen)
    assert "progress.gif" in files
    synthetic = draw(Generate(per_class=2, policy={"name": "none"}), tmp_path / "out", images, 0, "generate").images
    assert synthetic.images.shape == (6, *shape)


@pytest.mark.parametrize("precision", ["bf16-mixed", "16-mixed"])
def test_mixed_precision_keeps_weights_in_single_precision(images, tmp_path, precision):
    files = train(tmp_path, images, settings(trainer={"precision": precision}))
    weights = load_file(tmp_path / "out" / "generator.safetensors")
    floats = [value for value in weights.values() if value.is_floating_point()]
    assert all(value.dtype == torch.float32 and value.isfinite().all() for value in floats)
    assert len(read_rows(tmp_path / "out" / "history.csv")) == STEPS
    kill(tmp_path / "again", images, 5, settings(trainer={"precision": precision}))
    assert train(tmp_path / "again", images, settings(trainer={"precision": precision})) == files


@pytest.mark.parametrize("objective", ["hinge", "non_saturating"])
def test_each_class_gets_its_own_colour(two_colours, tmp_path, objective):
    chosen = settings(
        network={"name": "resnet", "z_dim": 4, "channels": 8},
        objective={"name": objective},
        steps=80,
        batch_size=16,
        learning_rate=5e-3,
        discriminator_learning_rate=5e-3,
        diffaugment=(),
        ema_half_life=100,
        log_every=80,
        checkpoint_every=80,
        snapshots=2,
    )
    images = two_colours(40)
    train(tmp_path, images, chosen)
    many = Generate(per_class=32, policy={"name": "none"})
    synthetic = draw(many, tmp_path / "out", images, 0, "generate").images
    red, _, blue = synthetic.images.mean((2, 3)).T
    assert (red[:32] > blue[:32] + 50).mean() > 0.9
    assert (blue[32:] > red[32:] + 50).mean() > 0.9


@pytest.mark.parametrize("every", [1, 7])
def test_a_run_killed_between_its_last_checkpoint_and_its_results_resumes(images, whole, tmp_path, monkeypatch, every):
    chosen = settings(checkpoint_every=every)  # steps 7: the last step writes a checkpoint
    with monkeypatch.context() as patch, pytest.raises(KilledError):

        def killed(*_: object) -> None:
            raise KilledError

        patch.setattr("ganaug.gan.training.save_generator", killed)
        train(tmp_path, images, chosen)
    assert (tmp_path / "work/last.ckpt").exists()
    assert train(tmp_path, images, chosen) == whole


def brief(**changes: Any) -> TrainGan:
    """Return settings of a run of four steps with a checkpoint after step 2, to be killed at step 3."""
    plain: dict[str, Any] = {"steps": 4, "checkpoint_every": 2, "snapshots": 2, "examinations": 2, "keep": "last"}
    return settings(**plain | changes)


def trained_and_resumed(
    folder: Path, images: LabelledImages, chosen: TrainGan, unlabelled: LabelledImages | None = None
) -> dict[str, bytes]:
    """Return the files of a run, after checking that the killed and resumed run has the same."""
    expected = train(folder / "whole", images, chosen, unlabelled=unlabelled)
    assert kill(folder / "killed", images, 3, chosen, unlabelled=unlabelled).exists()
    assert train(folder / "killed", images, chosen, unlabelled=unlabelled) == expected
    return expected


AUXILIARY = {"name": "resnet", "z_dim": 3, "channels": 2, "discriminator_conditioning": "auxiliary"}
MLP = {"name": "mlp", "z_dim": 3, "hidden": 8}
STYLEGAN = {"name": "stylegan2", "z_dim": 3, "channels": 2}
CONFIDENT = {"network": MLP, "discriminator_steps": 3, "discriminator_learning_rate": 0.05}  # soon, in real images
STATEFUL: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ada": (CONFIDENT, {"ada_target": 0.1, "ada_images": 80}),  # 24 images until the checkpoint
    "lecam": ({}, {"objective": {"name": "hinge", "lecam": 0.3}}),
    "r1": ({}, {"objective": {"name": "hinge", "r1": 1.0}}),
    "lazy r1": ({}, {"objective": {"name": "hinge", "r1": 1.0, "penalty_every": 3}}),  # row 3 has the value of step 1
    "consistency": ({}, {"objective": {"name": "hinge", "consistency": 1.0}}),
    "transition": ({"network": AUXILIARY}, {"transition_start": 1, "transition_end": 4}),
    "schedule": ({}, {"schedule": {"steps": 4, "learning_rates": 0.1, "second_beta": 0.99}}),
    "class weights": ({"network": AUXILIARY}, {"class_weights": {"real": 0.5, "fake": 0.5, "generator": 1.0}}),
    "noise": ({"network": MLP}, {"network": MLP | {"noise": 0.3}}),
    "widths": ({"network": STYLEGAN}, {"network": STYLEGAN | {"widths": [0.5, 0.75], "halvings": 1}}),
    "style mixing": ({"network": STYLEGAN}, {"network": STYLEGAN | {"style_mixing": 0.9}}),
}


@pytest.mark.parametrize(("base", "feature"), STATEFUL.values(), ids=STATEFUL)
def test_state_and_randomness_survive_a_kill(images, tmp_path, base, feature):
    files = trained_and_resumed(tmp_path, images, brief(**base | feature))
    plain = train(tmp_path / "plain", images, brief(**base))
    for player in ("generator", "discriminator"):
        assert files[f"{player}.safetensors"] != plain[f"{player}.safetensors"]


@pytest.mark.parametrize("name", available("gan.objectives"))
def test_every_objective_trains_and_resumes(images, tmp_path, name):
    conditioning = find("gan.objectives", name).discriminator_conditioning or "projection"
    network = {"name": "resnet", "z_dim": 3, "channels": 2, "discriminator_conditioning": conditioning}
    trained_and_resumed(tmp_path, images, brief(network=network, objective={"name": name}))


@pytest.mark.parametrize("name", available("gan.networks"))
def test_every_network_trains_and_resumes(images, tmp_path, name):
    trained_and_resumed(tmp_path, images, brief(network=describe(find("gan.networks", name).small())))


@pytest.mark.parametrize("head", ["projection", "auxiliary"])
@pytest.mark.parametrize("unlabelled", ["ignore", "unconditional"])
def test_a_network_that_translates_trains_and_resumes(images, many, tmp_path, painter, head, unlabelled):
    chosen = brief(network=painter | {"discriminator_conditioning": head}, unlabelled=unlabelled, discriminator_steps=2)
    trained_and_resumed(tmp_path, images, chosen, many)
    rows = read_rows(tmp_path / "whole/out/history.csv")
    assert {"g_identity", "g_cycle"} <= rows[0].keys()


@pytest.fixture(scope="module")
def many(two_colours):
    """Return more images, used without their labels."""
    return two_colours(30, seed=3)


UNLABELLED = [{"unlabelled": "unconditional"}, {"unlabelled": "pseudo_labels", "pseudo_label_threshold": 0.0}]


@pytest.mark.parametrize("changes", UNLABELLED, ids=["unconditional", "pseudo_labels"])
@pytest.mark.parametrize("network", [settings().network, AUXILIARY], ids=["projection", "auxiliary"])
def test_unlabelled_images_matter_and_the_run_resumes(images, many, tmp_path, changes, network):
    files = trained_and_resumed(tmp_path, images, brief(network=network, **changes), many)
    ignored = train(tmp_path / "ignored", images, brief(network=network), unlabelled=many)
    for player in ("generator", "discriminator"):
        assert files[f"{player}.safetensors"] != ignored[f"{player}.safetensors"]


def test_pseudo_labels_differ_from_no_labels(images, many, tmp_path):
    files = [
        train(tmp_path / str(one), images, brief(**changes), 0, unlabelled=many)
        for one, changes in enumerate(UNLABELLED)
    ]
    assert files[0]["discriminator.safetensors"] != files[1]["discriminator.safetensors"]


@pytest.mark.parametrize(
    ("threshold", "message"),
    [(0.999999, "teacher 'ensemble' is confident about none of the 30 unlabelled images; lower"), (0.0, "of the 0")],
)
def test_missing_unlabelled_images_are_reported_before_training(images, many, tmp_path, threshold, message):
    chosen, given = (
        brief(unlabelled="pseudo_labels", pseudo_label_threshold=threshold),
        many if threshold else many.subset([]),
    )
    with pytest.raises(InputError, match=message):  # no classifier is that confident after two training steps
        train(tmp_path, images, chosen, unlabelled=given)


@pytest.mark.parametrize("share", [0.01, 0.25, 0.5, 0.99])
def test_unlabelled_share_of_each_batch(images, many, tmp_path, monkeypatch, share):
    terms, shown = Hinge.discriminator_terms, []

    def recorded(self: Hinge, critiques: Any) -> dict[str, torch.Tensor]:
        shown.append(critiques.real_images)
        return terms(self, critiques)

    monkeypatch.setattr(Hinge, "discriminator_terms", recorded)
    brighter = LabelledImages(
        many.images + np.uint8(20), many.labels, many.classes
    )  # recognisable by their darkest channel
    chosen = brief(unlabelled="unconditional", unlabelled_share=share, batch_size=8, diffaugment=())
    train(tmp_path, images, chosen, unlabelled=brighter)
    # of 8 images, at least one is unlabelled and at least one labelled
    for real in shown:
        darkest = (real.amin((1, 2, 3)) + 1) * 127.5
        assert int((darkest > 19).sum()) == {0.01: 1, 0.25: 2, 0.5: 4, 0.99: 7}[share]


def test_a_semi_supervised_discriminator_learns_to_classify(two_colours, tmp_path):
    chosen = settings(
        network={"name": "mlp", "z_dim": 4, "hidden": 16, "discriminator_conditioning": "classifier"},
        objective={"name": "sgan"},
        steps=150,
        batch_size=16,
        learning_rate=2e-3,
        discriminator_learning_rate=2e-3,
        diffaugment=(),
        ema_half_life=100,
        log_every=150,
        checkpoint_every=150,
        snapshots=2,
        examinations=1,
        unlabelled="unconditional",
        unlabelled_share=0.75,
    )
    train(tmp_path, two_colours(6), chosen, unlabelled=two_colours(100, seed=1))
    others = two_colours(60, seed=2)
    probabilities = predict(load_discriminator_classifier(tmp_path / "out"), others.images)
    assert (probabilities.argmax(1) == others.labels).all()
    assert probabilities.max(1).mean() > 0.9


def test_images_that_are_too_small_are_rejected_with_the_remedy(tmp_path):
    tiny = LabelledImages(np.zeros((4, 1, 7, 9), np.uint8), np.arange(4) % 2, ("a", "b"))
    with pytest.raises(InputError, match=r"images of 7×9 pixels are too small.*prepare\.size to 8 or more"):
        train(tmp_path, tiny)
