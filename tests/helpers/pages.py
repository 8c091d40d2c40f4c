"""The blocks of code in README.md and docs/, page by page, and the tests that run them.

A block of commands (`sh`) or of Python is run by tests/docs/test_commands.py, unless an HTML comment in the line before
says otherwise, such as `<!-- not run: needs Docker -->`, or `<!-- run by tests/report/mlflow/test_servers.py -->`.
`<!-- all run by … -->` holds for the whole page. A named test takes its blocks from `run_by`. A `text` block after
commands of the same section is their output, except for figures. `console` holds commands with their output.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs/reference").glob("*.md"))]
"""All pages except decisions and results, which quote commands as they were run."""
BLOCK = re.compile(
    r"(?:^<!-- (?P<said>[^\n]*) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
ELSEWHERE = {
    "pip install": "needs a package index",
    "ganaug ui": "a server: tests/commands/test_ui.py",
}
"""Prefix of commands that no page's test runs → reason."""


class Block(NamedTuple):
    """Code in a page.

    page: its path below the repository's top folder. said: the comment before it, or that for the whole page; "" if
    there is none. heading: the nearest heading above it.
    """

    page: str
    language: str
    body: str
    said: str
    heading: str = ""

    @property
    def runs(self) -> bool:
        """Whether the test of the page runs it."""
        return self.language in ("sh", "python") and not self.said

    def commands(self) -> list[str]:
        """Return the block's commands, without comments and outputs."""
        lines = self.body.splitlines()
        if self.language == "console":
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        plain = [re.sub(r"(^|\s+)#\s.*", "", line) for line in lines]
        return [part for line in plain if line for part in line.split(" && ")]


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks of code of a page, in order."""
    text = page.read_text(encoding="utf-8")
    whole = re.search(r"^<!-- (all run by .*) -->$", text, re.MULTILINE)
    for found in BLOCK.finditer(text):
        said = found["said"] or (whole[1] if whole else "")
        headings = re.findall(r"^##? .*", text[: found.start()], re.MULTILINE)
        yield Block(str(page.relative_to(ROOT)), found["language"], found["body"], said, "".join(headings[-1:]))


def all_run_by(test: str) -> str:
    """Return the comment of a page that leaves all its blocks to a test. test: the test's `__file__`."""
    return f"all run by {Path(test).relative_to(ROOT)}"


def run_by(test: str) -> list[Block]:
    """Return the commands and code that pages leave to a test, which must run all of them. test: its `__file__`."""
    whole = all_run_by(test)
    return [
        block
        for page in PAGES
        for block in blocks(page)
        if block.said in (whole, whole.removeprefix("all ")) and block.language in ("sh", "console", "python")
    ]


def is_run_elsewhere(command: str) -> bool:
    """Return whether no page's test runs a command."""
    return command.startswith(tuple(ELSEWHERE))
