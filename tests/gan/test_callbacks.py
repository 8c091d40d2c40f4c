"""Rows of a history from a mocked training; progress in a real one."""

from types import SimpleNamespace

import pytest
import torch
from row_logger import RowLogger
from tiny_gan import tiny_gan
from torch import nn

from ganaug.core import progress
from ganaug.gan.callbacks import ConsoleProgress, History
from ganaug.gan.fit import fit
from ganaug.gan.health import DivergenceError

INF = float("inf")
NAN = float("nan")


def trainer(scale=None, loggers=()):
    """Return a trainer with a gradient scaler at `scale`, or without one, as in 32 bits."""
    plugin = SimpleNamespace() if scale is None else SimpleNamespace(scaler=SimpleNamespace(get_scale=lambda: scale))
    strategy = SimpleNamespace(reduce=lambda values, reduce_op: values)
    return SimpleNamespace(num_training_batches=100, precision_plugin=plugin, strategy=strategy, loggers=loggers)


def network(*gradient):
    """Return a network with one weight, whose gradient is `gradient`."""
    made = nn.Linear(len(gradient), 1, bias=False)
    made.weight.grad = torch.tensor([gradient])
    return made


def gan(discriminator, generator=(0.0, 0.0)):
    return SimpleNamespace(
        discriminator=network(*discriminator), generator=network(*generator), device=torch.device("cpu")
    )


def history():
    return History(every=1, batch_size=8)


def add(rows, step, module, by, loss=0.5):
    rows.on_train_batch_end(by, module, {"d_real": torch.tensor(loss)}, None, step - 1)


def test_a_row_has_loss_terms_and_gradient_norms():
    rows = history()
    add(rows, 1, gan((3.0, 4.0), (0.0, 2.0)), trainer())
    assert rows.rows == [{"step": 1, "images": 8, "d_real": 0.5, "d_gradient": 5.0, "g_gradient": 2.0}]


def test_every_logger_gets_every_row():
    rows, logged = history(), ([], [])
    loggers = [RowLogger(one.append) for one in logged]
    for step in (1, 2):
        add(rows, step, gan((3.0, 4.0)), trainer(loggers=loggers))
    assert logged == (rows.rows, rows.rows)


@pytest.mark.parametrize("value", [INF, NAN])
def test_a_non_finite_gradient_is_divergence(value):
    with pytest.raises(DivergenceError, match=f"d_gradient is {value} at step 1"):
        add(history(), 1, gan((value, 1.0)), trainer())


@pytest.mark.parametrize("value", [INF, NAN])  # ∞ − ∞ in the backward pass is not a number
def test_a_skipped_update_is_not_divergence_and_the_row_has_the_last_finite_norm(value):
    rows, half = history(), trainer(scale=65536.0)
    add(rows, 1, gan((value, 1.0), (0.0, 2.0)), half)
    add(rows, 2, gan((3.0, 4.0), (value, 1.0)), half)
    add(rows, 3, gan((value, 1.0), (value, 1.0)), half)
    assert [row["d_gradient"] for row in rows.rows] == [0.0, 5.0, 5.0]
    assert [row["g_gradient"] for row in rows.rows] == [2.0, 2.0, 2.0]


def test_a_resumed_run_remembers_the_last_finite_norm():
    before, rows, half = history(), history(), trainer(scale=65536.0)
    add(before, 1, gan((3.0, 4.0)), half)
    rows.load_state_dict(before.state_dict())
    add(rows, 2, gan((INF, 1.0)), half)
    assert [row["d_gradient"] for row in rows.rows] == [5.0, 5.0]


@pytest.mark.parametrize("value", [INF, NAN])
def test_a_non_finite_loss_is_divergence_in_half_precision_too(value):
    with pytest.raises(DivergenceError, match="d_real"):
        add(history(), 1, gan((INF, 1.0)), trainer(scale=65536.0), loss=value)


def test_a_gradient_that_no_scale_makes_finite_is_divergence():
    with pytest.raises(DivergenceError, match="d_gradient"):
        add(history(), 1, gan((NAN, 1.0)), trainer(scale=0.0))


def test_progress_shows_the_newest_row_and_ends_with_a_summary(two_colours, monkeypatch, capsys):
    monkeypatch.setattr(progress, "LINE_INTERVAL", 0.0)
    module, rows = tiny_gan(two_colours), history()
    fit(module, [rows, ConsoleProgress("gan 3", rows)], module.settings, None)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    row = rows.rows[-1]
    assert lines[-2].startswith("gan 3: 7 of 7, about 0 s left")
    assert lines[-2].endswith(f"d_real {row['d_real']:.2f}  d_fake {row['d_fake']:.2f}  g_fake {row['g_fake']:.2f}")
    assert lines[-1].startswith("gan 3: 7 of 7 in ")


def test_disabled_progress_shows_nothing(two_colours, capsys):
    module, rows = tiny_gan(two_colours), history()
    shown = ConsoleProgress("gan 3", rows)
    shown.disable()
    fit(module, [rows, shown], module.settings, None)
    assert capsys.readouterr().out == ""
