"""How long does the default run take, with different numbers of stages side by side?

    python bench/whole_run.py [JOBS ...]

Makes a new project for each number of jobs (1, 2 and 4 by default), and prints the seconds of its first `ganaug run`,
the ratio to the first row, and the seconds of a second run, which has nothing to do.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

JOBS = (1, 2, 4)


def whole_runs(jobs: Sequence[int] = JOBS) -> None:
    """Print a row for each number of jobs."""
    print("| jobs | s | ratio to the first row | with nothing to do, s |\n|---|---|---|---|")
    first = None
    for count in jobs:
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder) / "project"
            _ganaug(Path(folder), "new", "project")
            whole, nothing = (_ganaug(project, "run", "--jobs", str(count)) for _ in range(2))
        first = first or whole
        print(f"| {count} | {whole:.0f} | {whole / first:.2f} | {nothing:.1f} |", flush=True)


def _ganaug(folder: Path, *arguments: str) -> float:
    """Run a command in `folder` and return its seconds; its output goes to stderr."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "ganaug", *arguments], cwd=folder, check=True, stdout=sys.stderr)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jobs", nargs="*", type=int, default=JOBS)
    whole_runs(parser.parse_args().jobs)


if __name__ == "__main__":
    main()
