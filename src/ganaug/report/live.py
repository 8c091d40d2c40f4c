"""Live curves of a GAN in MLflow, sent by a process of their own: `python -m ganaug.report.live REPLICATE`.

It reads the lines of JSON that `ganaug.gan.live.ProcessLogger` writes. However slow or dead the tracking server is, the
training does not wait for it.
"""

from __future__ import annotations

import json
import signal
import sys

from ganaug.core.errors import InputError

STATUSES = {"success": "FINISHED", "failed": "FAILED"}
"""MLflow's words for Lightning's."""


def main(replicate: int) -> None:
    """Log every row from standard input. The run ends as FAILED if the input ends without a status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the training, whose end ends the input
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    from ganaug.report.tracking import LiveGan

    live, status = LiveGan(replicate), "failed"
    for line in sys.stdin:
        message = json.loads(line)
        if "status" in message:
            status = message["status"]
        else:
            live.add(message)
    live.close(STATUSES[status])


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except InputError as error:
        print(f"warning: no live curves: {error}", flush=True)
