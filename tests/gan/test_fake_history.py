"""The history of fake images: it fills up, then half of the images are swapped, within their class."""

import pytest
import torch

from ganaug.gan.fake_history import FakeHistory
from ganaug.gan.networks import Shape

SHAPE = Shape(1, 2, 2)


def images(*levels: int) -> torch.Tensor:
    """Return an image per grey level, in [-1, 1]."""
    return torch.tensor(levels).view(-1, 1, 1, 1).expand(-1, *SHAPE) / 127.5 - 1


def levels(fakes: torch.Tensor) -> list[int]:
    return ((fakes[:, 0, 0, 0] + 1) * 127.5).round().int().tolist()


def always(value: float):
    return lambda count: torch.full((count,), value)


def test_images_pass_through_while_the_history_of_their_class_fills_up():
    history, labels = FakeHistory(2, SHAPE, 2), torch.tensor([0, 1, 0])
    assert levels(history(images(10, 20, 30), labels, always(0.0))) == [10, 20, 30]
    # class 0 is full now and class 1 has one place left
    assert levels(history(images(40), torch.tensor([1]), always(0.0))) == [40]
    assert history.filled.tolist() == [2, 2]
    assert levels(history(images(50), torch.tensor([0]), always(0.0))) == [10]  # swapped for the oldest


def test_half_of_the_images_are_exchanged():
    history = FakeHistory(1, SHAPE, 1)
    history(images(10), torch.tensor([0]), always(0.0))
    assert levels(history(images(20), torch.tensor([0]), always(0.5))) == [20]  # a draw of 0.5 or more: not swapped
    assert levels(history(images(30), torch.tensor([0]), always(0.0))) == [10]
    assert levels(history(images(40), torch.tensor([0]), always(0.0))) == [30]


def test_only_images_of_the_same_class_come_back():
    history = FakeHistory(5, SHAPE, 3)
    generator = torch.Generator().manual_seed(0)
    uniform = lambda count: torch.rand(count, generator=generator)  # noqa: E731
    exchanged = 0
    for step in range(60):
        labels = torch.randint(3, (8,), generator=generator)
        fakes = images(*(80 * labels + step).tolist())
        seen = levels(history(fakes, labels, uniform))
        assert [level // 80 for level in seen] == labels.tolist()
        exchanged += sum(one != other for one, other in zip(seen, levels(fakes), strict=True))
    assert exchanged / (60 * 8) == pytest.approx(0.5, abs=0.08)


def test_images_of_one_batch_take_different_places():
    history, labels = FakeHistory(3, SHAPE, 1), torch.zeros(3, dtype=torch.int64)
    history(images(1, 2, 3), labels, always(0.0))
    assert sorted(levels(history(images(4, 5, 6), labels, always(0.4)))) == [1, 2, 3]
    assert sorted(levels(history(images(7, 8, 9), labels, always(0.0)))) == [4, 5, 6]


def test_a_batch_that_fills_the_history_up_and_more_gets_nothing_that_is_not_there():
    """Of five images, two fill the history up; the others cannot be swapped yet, and none is black."""
    history, labels = FakeHistory(2, SHAPE, 1), torch.zeros(5, dtype=torch.int64)
    assert levels(history(images(1, 2, 3, 4, 5), labels, always(0.0))) == [1, 2, 3, 4, 5]
    # now two can be swapped, and the others pass through
    assert levels(history(images(6, 7, 8, 9, 10), labels, always(0.0))) == [1, 2, 8, 9, 10]
    assert levels(history(images(11, 12), labels[:2], always(0.0))) == [6, 7]


def test_what_comes_back_was_made_before_in_batches_of_any_size():
    history = FakeHistory(50, SHAPE, 2)
    generator = torch.Generator().manual_seed(1)
    made = set()
    for step in range(1, 40):
        labels = torch.randint(2, (64,), generator=generator)
        fakes = images(*(3 * step + labels).tolist())
        made |= set(levels(fakes))
        seen = levels(history(fakes, labels, lambda count: torch.rand(count, generator=generator)))
        assert set(seen) <= made
        assert [level % 3 for level in seen] == labels.tolist()


def test_all_state_is_saved():
    history, labels = FakeHistory(2, SHAPE, 1), torch.zeros(2, dtype=torch.int64)
    history(images(1, 2), labels, always(0.0))
    again = FakeHistory(2, SHAPE, 1)
    again.load_state_dict(history.state_dict())
    assert levels(again(images(3, 4), labels, always(0.0))) == [1, 2]
