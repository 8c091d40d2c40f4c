"""How fast is everything on this machine? Prints tables for docs/results/cost-and-speed.md.

    python bench/speed.py [--rounds N] [--threads N] [--large] [TABLE ...] [--networks NETWORK ...]

Tables: step, peers, penalties, transforms, sampling, metrics, prepare, evaluate, imports, run; by default all. The
contestants in a row take turns; a ratio is the median of the rounds [least, most]. --large: ten times as many images in
metrics and in prepare, which then take hours.
"""

import argparse
import itertools
import json
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from timeit import timeit

import numpy as np
import psutil
import torch
from arithmetic import Arithmetic
from gan_step import WARM_UP, noise, time_bare_loop, time_project
from measure_memory import CLASSES, RandomSets
from networks import build_network, ratio
from peers import peers
from penalty_step import penalty_steps
from PIL import Image
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2
from transforms import transform_steps
from whole_run import whole_runs

from ganaug.core.parallel import cores
from ganaug.core.paths import Paths
from ganaug.core.plugins import available
from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.comparison import ArmScores, ExperimentData
from ganaug.experiment.evaluate_settings import Evaluate, TrainedOn
from ganaug.experiment.statistics.measured import Measured
from ganaug.experiment.summary.results import summarise
from ganaug.gan.networks import Shape
from ganaug.gan.objectives.hinge import Hinge
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.settings import TrainGan
from ganaug.synthesis.quality import all_metrics, quality

ROOT = Path(__file__).parents[1]
BATCH, CHANNELS = 64, 32
NAMES = available("gan.networks")


def translates(name: str) -> bool:
    """Return whether a network makes images from images; the bare loop knows only noise."""
    return build_network(name, 8).generator(Shape(3, 8, 8), 2).translates


FROM_NOISE = [name for name in NAMES if not translates(name)]


def step(rounds: int, networks: Sequence[str]) -> None:
    """Print a row for each network and size: a GAN step against bare loops, and against the processor's peak."""
    print(
        "| network | images per s | ratio to a bare loop | ratio to a naive loop | GFLOP/s | share of the peak |"
        "\n|---|---|---|---|---|---|"
    )
    for side in (8, 32):
        for name in networks:
            train = noise((3, side, side))
            settings = TrainGan(
                network=build_network(name, CHANNELS),
                objective=Hinge(),
                steps=WARM_UP + (12 if side == 8 else 3),
                diffaugment=("affine",),
            )
            gigaflops = _gigaflops(settings, train)
            seconds: list[list[float]] = []
            peaks = []
            for _ in range(rounds):
                ours, bare = time_project(settings, train), time_bare_loop(settings, train)
                seconds.append([ours, bare, time_bare_loop(settings, train, naive=True)])
                peaks.append(_peak())
            mine = statistics.median(times[0] for times in seconds)
            share = gigaflops / mine / statistics.median(peaks)
            print(
                f"| {name}, {side}×{side} | {BATCH / mine:.0f} | {ratio(seconds, 1)} | {ratio(seconds, 2)} "
                f"| {gigaflops / mine:.1f} | {share:.0%} |",
                flush=True,
            )


def _gigaflops(settings: TrainGan, train: LabelledImages) -> float:
    """Return the arithmetic of matrix products and convolutions in one step of the bare loop."""
    with Arithmetic() as arithmetic:
        time_bare_loop(settings, train)
    return arithmetic.flops / settings.steps / 1e9


def _peak() -> float:
    """Return the GFLOP/s of a large matrix product."""
    a, b = torch.rand(2, 1536, 1536)
    return 2 * 1536**3 / 1e9 / timeit(lambda: torch.mm(a, b), number=1)


def sampling(rounds: int) -> None:
    """Print how many synthetic images each network makes per second."""
    print("| network | 8×8, images per s | 32×32, images per s |\n|---|---|---|")
    for name in NAMES:
        network, cells = build_network(name, CHANNELS), []
        for side, count in ((8, 2048), (32, 512)):
            generator = network.generator(Shape(3, side, side), 10)
            labels, seeds = np.arange(count) % 10, image_seeds(0, count)
            sources = noise((3, side, side)).images[np.arange(count) % 200] if generator.translates else None
            make = partial(sample, generator, labels, seeds, sources=sources)
            times = [timeit(lambda: list(make()), number=1) for _ in range(rounds)]  # noqa: B023
            cells.append(_spread([count / each for each in times]))
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} [{min(values):.0f}, {max(values):.0f}]"


def metrics(sizes: list[int]) -> None:
    """Print the time and memory of all quality metrics, images included, with half as many validation images."""
    print("| synthetic, training images of 32×32 | s | growth of the process, MB |\n|---|---|---|")
    for count in sizes:
        seconds, megabytes = _measured("metrics", str(count))
        print(f"| {count:,} | {seconds:.1f} | {megabytes:.0f} |", flush=True)


def prepare(sizes: list[int]) -> None:
    """Print the cost of preparing images of 64×64 for five replicates, and of torchvision reading the files once."""
    print(
        "| images | s | images per s | growth of the process, MB | disk, relative to the images | "
        "ImageFolder and DataLoader, s |\n|---|---|---|---|---|---|"
    )
    for form, count in itertools.product(("npz", "folder"), sizes):
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            data = root / ("all.npz" if form == "npz" else "all")
            (_write_archive if form == "npz" else _write_folder)(data, count)
            source = {"source": {"name": form}, "path": str(data), "size": 64}
            drawn = {"test": 0.2, "val": 0.1, "labelled_per_class": min(100, count // 20)}
            content = {"seed": 0, "replicates": [0, 1, 2, 3, 4], "prepare": source | drawn}
            (root / "params.yaml").write_text(json.dumps(content), encoding="utf-8")
            seconds, megabytes = _measured("prepare", name)
            written = sum(file.stat().st_size for file in (root / "data/prepared").rglob("*") if file.is_file())
            reference = f"{_measured('image_folder', str(data))[0]:.1f}" if form == "folder" else "–"
            size = count * 64 * 64 * 3
        print(
            f"| {count:,}, {form} | {seconds:.1f} | {count / seconds:.0f} | {megabytes:.0f} | {written / size:.2f} | "
            f"{reference} |",
            flush=True,
        )


def evaluate(sizes: list[int]) -> None:
    """Print the cost of comparing 6 arms of 5 replicates in all metrics, on test sets of these sizes in 10 classes."""
    print("| test images | s |\n|---|---|")
    randomness = np.random.default_rng(0)
    for size in sizes:
        labels = np.arange(size, dtype=np.int64) % 10
        test = LabelledImages(np.zeros((size, 1, 1, 1), np.uint8), labels, CLASSES, {"name": "folder"})
        arms = {}
        for number in range(6):
            powers = np.exp(2 * np.eye(10)[labels] + randomness.standard_normal((5, 1, size, 10)))
            found = Measured.of(powers / powers.sum(-1, keepdims=True), test)
            synthetic = 0.5 if number > 3 else 0.0
            arms[f"arm_{number}"] = ArmScores(
                arm=Arm(synthetic=synthetic),
                group="augmented" if synthetic else "baseline",
                trained_on=TrainedOn.LABELS,
                val=found,
                test=found,
                synthetic=synthetic,
            )
        data = ExperimentData(test, dict.fromkeys(range(5), test), dict.fromkeys(CLASSES, 10 * size))
        print(f"| {size} | {timeit(partial(summarise, arms, Evaluate(), data, {}), number=1):.1f} |", flush=True)


def _write_folder(path: Path, count: int) -> None:
    """Write `count` smooth random JPEG files of 96×96, in ten class folders."""
    for label in range(10):
        (path / str(label)).mkdir(parents=True)

    for number in range(count):
        coarse = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((96, 96)).save(path / str(number % 10) / f"{number}.jpg", quality=90)


def _write_archive(path: Path, count: int) -> None:
    """Write `count` random images of 64×64 and their labels, a thousand at a time."""
    draws = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open("labels.npy", "w") as file:
            np.lib.format.write_array(file, np.arange(count) % 10)
        with archive.open("images.npy", "w", force_zip64=True) as file:
            header = {"descr": "|u1", "fortran_order": False, "shape": (count, 64, 64, 3)}
            np.lib.format.write_array_header_1_0(file, header)
            for start in range(0, count, 1000):
                some = draws.integers(0, 256, (min(1000, count - start), 64, 64, 3), dtype=np.uint8)
                file.write(some.tobytes())


def _measured(job: str, argument: str) -> tuple[float, float]:
    """Run JOBS[job] in its own process; return its seconds and the growth of its memory, without files, in MB."""
    command = [sys.executable, __file__, "--job", job, argument]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watched, largest = psutil.Process(process.pid), 0
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                largest = max(largest, _memory(watched))
            time.sleep(0.05)
        if process.returncode or process.stdout is None:
            raise RuntimeError(f"{job} {argument} failed")
        before, *_, seconds = process.stdout.read().splitlines()
        return float(seconds), (largest - int(before)) / 1e6


def _memory(process: psutil.Process) -> int:
    """Return the bytes of a process, without the pages of files."""
    memory = process.memory_info()
    return int(memory.rss - getattr(memory, "shared", 0))


def _run_metrics(argument: str) -> None:
    sets = RandomSets(int(argument))
    print(timeit(lambda: quality(all_metrics(), sets.features, sets.pixels, CLASSES), number=1))


def _run_prepare(argument: str) -> None:
    main = runpy.run_path(str(ROOT / "pipeline/prepare.py"))["main"]
    print(timeit(lambda: main(Paths(Path(argument))), number=1))


def _run_image_folder(argument: str) -> None:
    """Read the files as people usually do: resized to 64×64, in batches, with a process per core."""
    steps = v2.Compose([v2.Resize((64, 64)), v2.PILToTensor()])
    loader = DataLoader(ImageFolder(argument, steps), batch_size=256, num_workers=cores())
    print(timeit(lambda: deque(loader, maxlen=0), number=1))


JOBS = {"metrics": _run_metrics, "prepare": _run_prepare, "image_folder": _run_image_folder}


def imports(rounds: int) -> None:
    """Print how long each stage's script takes to import what it needs."""
    print("| stage | s until it begins |\n|---|---|")
    for script in sorted((ROOT / "pipeline").glob("*.py")):
        code = f"import runpy; runpy.run_path({str(script)!r})"
        times = [
            timeit(partial(subprocess.run, [sys.executable, "-c", code], check=True), number=1) for _ in range(rounds)
        ]
        print(f"| {script.stem} | {statistics.median(times):.2f} [{min(times):.2f}, {max(times):.2f}] |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--networks", nargs="+", choices=FROM_NOISE, default=FROM_NOISE, help="of the table step")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--job", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.job:
        job, argument = arguments.job
        print(_memory(psutil.Process()))
        JOBS[job](argument)
        return
    rounds, factor = arguments.rounds, 10 if arguments.large else 1
    tables: dict[str, Callable[[], None]] = {
        "step": lambda: step(rounds, arguments.networks),
        "peers": lambda: peers(rounds),
        "penalties": lambda: penalty_steps(rounds),
        "transforms": transform_steps,
        "sampling": lambda: sampling(rounds),
        "metrics": lambda: metrics([1000, 10_000 * factor]),
        "prepare": lambda: prepare([20_000, 100_000, 200_000, *([1_000_000] if arguments.large else [])]),
        "evaluate": lambda: evaluate([700, 10_000]),
        "imports": lambda: imports(rounds),
        "run": whole_runs,
    }
    for name in arguments.tables or tables:
        if name not in tables:
            parser.error(f"no table {name!r}; choose from {', '.join(tables)}")
        print(f"\n## {name}\n", flush=True)
        tables[name]()


if __name__ == "__main__":
    main()
