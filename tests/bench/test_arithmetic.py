"""Counts of additions and multiplications, derived by hand."""

import runpy
from pathlib import Path

import pytest
import torch
from torch.nn.functional import conv2d, conv_transpose2d

Arithmetic = runpy.run_path(str(Path(__file__).parents[2] / "bench" / "arithmetic.py"))["Arithmetic"]


def counted(function, *inputs):
    """Return the arithmetic of a function, and of the gradients with respect to its inputs."""
    inputs = [given.requires_grad_() for given in inputs]
    with Arithmetic() as forward:
        result = function(*inputs)
    with Arithmetic() as backward:
        torch.autograd.grad(result.sum(), inputs)
    return forward.flops, backward.flops


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_a_convolution_and_its_gradients(groups):
    """Each of 5 × 12 × 4 × 3 outputs is a sum of 6 / groups · 3 · 3 products; a gradient has as many products."""
    each = 2 * (5 * 12 * 4 * 3) * (6 // groups * 9)
    x, w = torch.zeros(5, 6, 6, 5), torch.zeros(12, 6 // groups, 3, 3)
    assert counted(lambda x, w: conv2d(x, w, groups=groups), x, w) == (each, 2 * each)


def test_a_matrix_product():
    each = 2 * 3 * 4 * 5
    assert counted(torch.matmul, torch.zeros(3, 4), torch.zeros(4, 5)) == (each, 2 * each)


def test_a_transposed_convolution():
    """Each of 5 × 6 × 4 × 3 inputs takes part in 8 · 3 · 3 products."""
    each = 2 * (5 * 6 * 4 * 3) * (8 * 9)
    assert counted(conv_transpose2d, torch.zeros(5, 6, 4, 3), torch.zeros(6, 8, 3, 3)) == (each, 2 * each)
