"""Rows of a history, from a training that is made up."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from ganaug.gan.callbacks import History
from ganaug.gan.health import DivergenceError

INFINITE = float("inf")
UNKNOWN = float("nan")


def trainer(scale=None):
    """Return a trainer whose losses are scaled by `scale`, or that has no scaler, as in 32 bits."""
    plugin = SimpleNamespace() if scale is None else SimpleNamespace(scaler=SimpleNamespace(get_scale=lambda: scale))
    strategy = SimpleNamespace(reduce=lambda value, reduce_op: value)
    return SimpleNamespace(num_training_batches=100, precision_plugin=plugin, strategy=strategy, loggers=[])


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


def test_a_row_has_terms_and_lengths_of_gradients():
    rows = history()
    add(rows, 1, gan((3.0, 4.0), (0.0, 2.0)), trainer())
    assert rows.rows == [{"step": 1, "images": 8, "d_real": 0.5, "d_gradient": 5.0, "g_gradient": 2.0}]


@pytest.mark.parametrize("value", [INFINITE, UNKNOWN])
def test_a_gradient_that_is_not_finite_is_divergence(value):
    with pytest.raises(DivergenceError, match=f"d_gradient is {value} at step 1"):
        add(history(), 1, gan((value, 1.0)), trainer())


@pytest.mark.parametrize("value", [INFINITE, UNKNOWN])  # ∞ − ∞ on the way back is no number
def test_a_skipped_update_is_none_and_the_row_has_the_last_finite_length(value):
    rows, half = history(), trainer(scale=65536.0)
    add(rows, 1, gan((value, 1.0), (0.0, 2.0)), half)
    add(rows, 2, gan((3.0, 4.0), (value, 1.0)), half)
    add(rows, 3, gan((value, 1.0), (value, 1.0)), half)
    assert [row["d_gradient"] for row in rows.rows] == [0.0, 5.0, 5.0]
    assert [row["g_gradient"] for row in rows.rows] == [2.0, 2.0, 2.0]


def test_a_run_that_is_resumed_remembers_the_last_finite_length():
    before, rows, half = history(), history(), trainer(scale=65536.0)
    add(before, 1, gan((3.0, 4.0)), half)
    rows.load_state_dict(before.state_dict())
    add(rows, 2, gan((INFINITE, 1.0)), half)
    assert [row["d_gradient"] for row in rows.rows] == [5.0, 5.0]


@pytest.mark.parametrize("value", [INFINITE, UNKNOWN])
def test_a_loss_that_is_not_finite_is_divergence_in_half_precision_too(value):
    with pytest.raises(DivergenceError, match="d_real"):
        add(history(), 1, gan((INFINITE, 1.0)), trainer(scale=65536.0), loss=value)


def test_a_gradient_that_no_scale_makes_finite_is_divergence():
    with pytest.raises(DivergenceError, match="d_gradient"):
        add(history(), 1, gan((UNKNOWN, 1.0)), trainer(scale=0.0))
