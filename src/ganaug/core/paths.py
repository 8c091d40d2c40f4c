"""Where each result lies."""

from pathlib import Path

PREPARED = Path("data/prepared")
SYNTHETIC = Path("data/synthetic")
ENSEMBLES = Path("models/ensemble")
GANS = Path("models/gan")
ARMS = Path("results/arms")
SUMMARY = Path("results/summary.json")
SECONDS = Path("results/seconds.json")
STAGE_SECONDS = Path("results/seconds")
PLOTS = Path("results/plots")
REPORT = Path("results/report.html")
METRICS = Path("results/metrics.json")


def opinions(replicate: int | str) -> Path:
    """Return where the ensemble's mean class probabilities (N, K) of a replicate's images without labels lie."""
    return ENSEMBLES / str(replicate) / "unlabelled.npy"
