"""Forward passes in chunks."""

import numpy as np
import pytest
import torch

from ganaug.core.forward import forward, forward_chunks


class Recorder:
    """Doubles its first input, and records the rows of each call."""

    def __init__(self):
        self.calls = []

    def __call__(self, *inputs):
        assert not torch.is_grad_enabled()
        self.calls.append([one.tolist() for one in inputs])
        return 2 * inputs[0]


@pytest.mark.parametrize("fill", [False, True])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 9])
def test_results_are_those_of_all_rows_in_order(count, fill):
    found = forward(Recorder(), np.arange(count), size=4, fill=fill)
    assert found.tolist() == [2 * row for row in range(count)]


def test_the_last_chunk_is_shorter():
    record = Recorder()
    forward(record, np.arange(5), size=2)
    assert record.calls == [[[0, 1]], [[2, 3]], [[4]]]


def test_the_last_chunk_is_filled_up_from_the_beginning():
    record = Recorder()
    forward(record, np.arange(5), size=3, fill=True)
    assert record.calls == [[[0, 1, 2]], [[3, 4, 0]]]


def test_few_rows_fill_a_chunk_over_and_over():
    record = Recorder()
    assert forward(record, np.arange(2), size=5, fill=True).tolist() == [0, 2]
    assert record.calls == [[[0, 1, 0, 1, 0]]]


def test_arrays_and_tensors_are_cut_alike():
    record = Recorder()
    forward(record, np.arange(3), torch.arange(10, 13), size=2)
    assert record.calls == [[[0, 1], [10, 11]], [[2], [12]]]


def test_chunks_come_one_by_one():
    record = Recorder()
    chunks = forward_chunks(record, np.arange(5), size=2)
    assert next(chunks).tolist() == [0, 2]
    assert len(record.calls) == 1


def test_without_rows_the_result_has_the_functions_shape_and_type():
    found = forward(lambda rows: rows.double().sum(1), np.zeros((0, 3), np.float32), size=4)
    assert (found.shape, found.dtype) == ((0,), torch.float64)


def test_gradients_are_recorded_again_between_chunks():
    for _ in forward_chunks(Recorder(), np.arange(5), size=2):
        assert torch.is_grad_enabled()


@pytest.fixture
def every_warning():
    """Let PyTorch repeat its warnings, also those that an earlier test has caused."""
    before = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    yield
    torch.set_warn_always(before)


@pytest.mark.filterwarnings("error:The given NumPy array is not writable")
def test_memory_mapped_arrays_are_read(tmp_path, every_warning):
    np.save(tmp_path / "rows.npy", np.arange(5))
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    assert forward(Recorder(), mapped, size=2).tolist() == [0, 2, 4, 6, 8]
