"""Energy measurement on a simulated machine."""

import sys
import threading
import time
from types import SimpleNamespace

import pytest

from ganaug.core import energy


@pytest.fixture
def counters(tmp_path, monkeypatch):
    """Return a function that sets a CPU package's counter, on a machine without a GPU."""
    monkeypatch.setattr(energy, "POWERCAP", tmp_path)
    monkeypatch.setattr(energy, "NVIDIA", tmp_path / "nvidia")
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.delitem(sys.modules, "torch", raising=False)

    def write(package, used):
        folder = tmp_path / package
        folder.mkdir(exist_ok=True)
        for name, value in (("max_energy_range_uj", 10_000_000), ("energy_uj", used)):
            (folder / "new").write_text(f"{value}\n")
            (folder / "new").replace(folder / name)  # atomic, so that a reader never sees an empty file

    return write


def test_energy_is_summed_over_packages(counters):
    counters("intel-rapl:0", 1_000_000)
    counters("intel-rapl:1", 500_000)
    counters("intel-rapl:0:0", 400_000)  # a sub-domain of package 0
    with energy.Meter() as meter:
        counters("intel-rapl:0", 4_000_000)
        counters("intel-rapl:1", 1_000_000)
    assert meter.joules == pytest.approx(3.5)


def test_counter_wraps_around(counters):
    counters("intel-rapl:0", 9_000_000)
    with energy.Meter() as meter:
        counters("intel-rapl:0", 500_000)
    assert meter.joules == pytest.approx(1.5)


def test_counter_may_wrap_around_several_times(counters, monkeypatch):
    monkeypatch.setattr(energy, "POLL_INTERVAL", 0.001)
    counters("intel-rapl:0", 0)
    with energy.Meter() as meter:
        for used, so_far in ((9_000_000, 9_000_000), (1_000_000, 11_000_000), (0, 20_000_000), (5_000_000, 25_000_000)):
            counters("intel-rapl:0", used)
            deadline = time.monotonic() + 30
            while meter.microjoules != so_far and time.monotonic() < deadline:
                time.sleep(0.001)
    assert meter.joules == pytest.approx(25)


def test_polling_stops_at_the_end_of_the_block_even_after_an_error(counters):
    counters("intel-rapl:0", 0)
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), energy.Meter():
        assert threading.active_count() == before + 1
        raise ZeroDivisionError
    assert threading.active_count() == before


def test_no_result_without_counters(counters):
    with energy.Meter() as meter:
        pass
    assert meter.joules is None


def test_no_result_if_a_package_becomes_unreadable(counters, tmp_path):
    counters("intel-rapl:0", 0)
    counters("intel-rapl:1", 0)
    with energy.Meter() as meter:
        (tmp_path / "intel-rapl:1" / "energy_uj").unlink()
    assert meter.joules is None


def gpus(monkeypatch, *readings):
    """Simulate two GPUs whose counters return these millijoules in turn."""
    used = iter(readings)
    library = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetTotalEnergyConsumption=lambda _: next(used),
    )
    monkeypatch.setitem(sys.modules, "pynvml", library)


def test_gpus_are_added(counters, monkeypatch, tmp_path):
    (tmp_path / "nvidia").mkdir()
    gpus(monkeypatch, 1000, 2000, 4000, 2500)  # before and after: 3 J and 0.5 J
    counters("intel-rapl:0", 0)
    with energy.Meter() as meter:
        counters("intel-rapl:0", 1_000_000)
    assert meter.joules == pytest.approx(4.5)


def test_no_result_from_gpus_alone(counters, monkeypatch, tmp_path):
    (tmp_path / "nvidia").mkdir()
    gpus(monkeypatch, 1000, 2000, 4000, 2500)
    with energy.Meter() as meter:
        pass
    assert meter.joules is None


def test_no_result_if_a_gpu_is_unreadable(counters, tmp_path):
    (tmp_path / "nvidia").mkdir()
    counters("intel-rapl:0", 0)
    with energy.Meter() as meter:
        counters("intel-rapl:0", 1_000_000)
    assert meter.joules is None


@pytest.mark.parametrize(("available", "joules"), [(True, None), (False, 1.0)])
def test_no_result_if_only_torch_sees_a_gpu(counters, monkeypatch, available, joules):
    counters("amd-rapl:0", 0)
    with energy.Meter() as meter:
        counters("amd-rapl:0", 1_000_000)
        torch = SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: available))
        monkeypatch.setitem(sys.modules, "torch", torch)  # imported during the block
    assert meter.joules == joules


def test_measuring_does_not_import_torch(counters):
    counters("intel-rapl:0", 0)
    with energy.Meter() as meter:
        pass
    assert meter.joules == 0
    assert "torch" not in sys.modules
