"""Imitates a reader who types a page's commands and compares their output with that on the page."""

import os
import re
import subprocess
from collections.abc import Collection
from pathlib import Path

from pages import ROOT, all_run_by, blocks, is_run_elsewhere
from project import BIN, warm_server, warm_tools
from ruamel.yaml import YAML

TINY = YAML(typ="safe").load(ROOT / "tests/tiny_params.yaml")


class Reader:
    """Types commands in a shell, where `dvc` and `ganaug` start at once; makes the parameters of new projects tiny.

    folder: the current folder. printed: each command's output, with notes and progress.
    """

    def __init__(self, folder: Path, packages: Path = ROOT / "src") -> None:
        """Begin in a folder. packages: where ganaug is installed."""
        self.top, self.folder, self.packages = folder, folder, packages
        self.printed: dict[str, str] = {}
        self.top.mkdir(parents=True, exist_ok=True)

    def read(self, page: Path, typed: Collection[str] = (), test: str | None = None) -> None:
        """Run a page's commands and Python, and compare the output that it shows with what they print.

        typed: commands not to type again. test: `__file__` of the test that the page leaves all its blocks to; None:
        run the blocks that it leaves to no test.
        """
        said = all_run_by(test) if test else ""
        printed: list[str] | None = None
        heading = ""
        for block in blocks(page):
            printed, heading = (printed if block.heading == heading else None), block.heading
            if block.said == said and block.language == "text" and printed is not None:
                missing = [line for line in without_results(block.body) if line not in printed]
                assert not missing, f"{block.page} shows what is not printed:\n" + "\n".join(missing)
            printed = None
            if block.said == said and block.language == "python":
                self.run(f"python - <<'END'\n{block.body}\nEND")
            elif block.said == said and block.language == "sh":
                commands = [line for line in block.commands() if line not in typed and not is_run_elsewhere(line)]
                printed = without_results("\n".join(map(self.type, commands))) if commands else None

    def type(self, command: str) -> str:
        """Run a command and return its output; if it makes a project, make its parameters tiny."""
        self.run(command)
        made = re.match(r"ganaug new (\S+)", command)
        if made:
            params = self.folder / made[1] / "params.yaml"
            YAML().dump(TINY | {"prepare": YAML(typ="safe").load(params)["prepare"]}, params)
        return self.printed[command]

    def run(self, command: str) -> None:
        """Run a command that must succeed, in the folder that the last command changed to."""
        environment = os.environ | {
            "PATH": os.pathsep.join([warm_tools(), str(BIN), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([str(self.packages), os.environ.get("PYTHONPATH", "")]),
            "GANAUG_LAUNCH": warm_server(),
            "GIT_CEILING_DIRECTORIES": str(self.top.parent),
            "BROWSER": "true",
        }
        environment.pop("MLFLOW_TRACKING_URI", None)
        last = self.top / ".last_folder"
        done = subprocess.run(
            ["bash", "-ec", f"{command}\npwd > {last}"],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        self.folder, self.printed[command] = Path(last.read_text().strip()), done.stdout


def without_results(text: str) -> list[str]:
    """Return the lines of a text without numbers, durations and gaps, which differ from run to run.

    Leaves out progress, and `…`, which stands for further lines.
    """
    lines = (re.sub(r"\d[\d.]*( h \d+ min\b| (s|min|h)\b)?", "#", line) for line in text.splitlines())
    return [" ".join(line.split()) for line in lines if line != "…" and not re.search(r", about # left\b", line)]
