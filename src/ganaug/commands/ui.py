"""`ganaug ui`."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

SETTINGS = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
"""No telemetry, and no workers for MLflow's jobs, because ganaug starts none."""


def ui(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", metavar="N", help="port of the local server")] = 5000,
) -> None:
    """Serve MLflow's pages, which show all configurations that have been run, until Ctrl-C"""
    from ganaug.core.errors import InputError
    from ganaug.core.files import existing
    from ganaug.report.mlflow.tracking import pages_installed, server, tracking_uri

    if address := server():
        raise InputError(
            f"MLFLOW_TRACKING_URI names a server: open {address}, or unset it to see the project's own runs"
        )
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        existing(context.obj.mlflow_database)
    if not pages_installed():
        raise InputError("MLflow's pages are not installed; install them with: pip install 'ganaug[ui]'")
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", tracking_uri(context.obj)]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    os.execve(sys.executable, command, {**os.environ, **SETTINGS})
