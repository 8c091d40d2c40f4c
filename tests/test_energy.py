"""Energy, from a machine that is made up."""

import sys
from types import SimpleNamespace

import pytest

from ganaug import energy


@pytest.fixture
def counters(tmp_path, monkeypatch):
    """Return a function that sets a package's counter; there is no GPU."""
    monkeypatch.setattr(energy, "POWERCAP", tmp_path)
    monkeypatch.setitem(sys.modules, "pynvml", None)

    def write(package, used):
        folder = tmp_path / package
        folder.mkdir(exist_ok=True)
        (folder / "energy_uj").write_text(f"{used}\n")
        (folder / "max_energy_range_uj").write_text("10000000\n")

    return write


def test_energy_is_the_difference_of_all_packages(counters):
    counters("intel-rapl:0", 1_000_000)
    counters("intel-rapl:1", 500_000)
    counters("intel-rapl:0:0", 400_000)  # a part of package 0
    meter = energy.Meter()
    counters("intel-rapl:0", 4_000_000)
    counters("intel-rapl:1", 1_000_000)
    assert meter.joules() == pytest.approx(3.5)


def test_a_full_counter_starts_again(counters):
    counters("intel-rapl:0", 9_000_000)
    meter = energy.Meter()
    counters("intel-rapl:0", 500_000)
    assert meter.joules() == pytest.approx(1.5)


def test_a_machine_that_does_not_tell_has_none(counters):
    assert energy.Meter().joules() is None


def test_gpus_count_too(counters, monkeypatch):
    used = iter([1000, 2000, 4000, 2500])  # two GPUs, before and after
    library = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetTotalEnergyConsumption=lambda _: next(used),
    )
    monkeypatch.setitem(sys.modules, "pynvml", library)
    assert energy.Meter().joules() == pytest.approx(3.5)
