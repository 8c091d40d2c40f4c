"""Fixtures shared by several test packages."""

import json
import struct
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.error import URLError

import hypothesis
import numpy as np
import pytest
import torch
import translating
from ruamel.yaml import YAML

from ganaug import cli
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages

torch.set_num_threads(1)  # tensors are tiny: more threads only wait for each other

hypothesis.settings.register_profile("suite", deadline=None, max_examples=60, derandomize=True)
hypothesis.settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with files that have slow tests, so that no worker is left alone with a slow test at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def two_colours() -> Callable[..., LabelledImages]:
    """Return a function that makes red (class 0) and blue (class 1) images with slight noise, alternately."""

    def make(count: int, size: int = 8, seed: int = 0) -> LabelledImages:
        labels = np.arange(count, dtype=np.int64) % 2
        images = np.random.default_rng(seed).integers(0, 30, (count, 3, size, size), dtype=np.uint8)
        images[labels == 0, 0] += 200
        images[labels == 1, 2] += 200
        return LabelledImages(images, labels, ("red", "blue"), {"name": "two_colours"})

    return make


@pytest.fixture
def painter() -> Iterator[dict[str, str]]:
    """Make a tiny image-to-image network a plug-in, and return its spec."""
    with translating.painter() as spec:
        yield spec


@pytest.fixture
def params_file(tmp_path: Path) -> Callable[[Any], Path]:
    """Return a function that writes a params.yaml, from text or from a mapping, and returns its path."""

    def write(content: Any) -> Path:
        path = tmp_path / "params.yaml"
        text = content if isinstance(content, str) else json.dumps(content)  # JSON is YAML, too
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every download fail as it does without a network."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise URLError("there is no network in tests")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


@pytest.fixture
def write_mnist() -> Callable[..., Path]:
    """Return a function that writes an MNIST where torchvision looks for it: (images (N, H, W), labels (N,)) twice."""

    def write_idx(path: Path, array: np.ndarray) -> None:
        # idx: two zero bytes, 8 for unsigned bytes, the number of axes, each axis's length (big-endian), the bytes
        header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
        path.write_bytes(header + array.astype(np.uint8).tobytes())

    def write(root: Path, train: tuple[Any, Any], test: tuple[Any, Any]) -> Path:
        raw = root / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for part, (images, labels) in {"train": train, "t10k": test}.items():
            write_idx(raw / f"{part}-images-idx3-ubyte", np.asarray(images))
            write_idx(raw / f"{part}-labels-idx1-ubyte", np.asarray(labels))
        return root

    return write


@pytest.fixture
def ganaug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return a function that runs a sub-command in a project with tiny parameters, and returns its exit status."""
    content = YAML(typ="safe").load(Path(__file__).with_name("tiny_params.yaml"))
    (tmp_path / "data/raw").mkdir(parents=True)
    content["prepare"]["path"] = str(tmp_path / "data/raw")
    YAML().dump(content, tmp_path / "params.yaml")
    monkeypatch.setattr(cli, "HERE", Paths(tmp_path))

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["ganaug", *arguments])
        try:
            cli.main()
        except SystemExit as end:
            return end.code
        return 0

    return run
