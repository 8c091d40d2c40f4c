"""Logs the machine's load while a GAN trains, with MLflow's own monitor: CPUs, memory, disk, network and GPUs."""

from __future__ import annotations

import logging


class SystemMetrics:
    """Logs metrics called system/… to a run every ten seconds (MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL)."""

    def __init__(self, run: str, tracking_uri: str) -> None:
        """Start logging, in a thread. A resumed run continues its curves."""
        from mlflow.system_metrics import system_metrics_monitor

        logging.getLogger(system_metrics_monitor.__name__).setLevel(logging.ERROR)  # live.py warns of a failing server
        monitor = system_metrics_monitor.SystemMetricsMonitor
        self.monitor = monitor(run, resume_logging=True, tracking_uri=tracking_uri)
        self.monitor.start()

    def finish(self) -> None:
        """Stop logging."""
        self.monitor.finish()
