"""What the site has besides the files in docs/: the repository's own pages, and the reference, made from the code."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))  # the files beside this one

import catalogue  # noqa: E402
import commands  # noqa: E402
import parameters  # noqa: E402
from mkdocs.structure.files import File, Files  # noqa: E402

OWN = {"README.md": "index.md", "CONTRIBUTING.md": "CONTRIBUTING.md", "CHANGELOG.md": "CHANGELOG.md"}
"""Pages of the repository's top folder → what they are called in the site."""
MADE = {"parameters.md": parameters.page, "plug-ins.md": catalogue.page, "commands.md": commands.page}


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are not in docs/."""
    for name, shown in OWN.items():
        text = (ROOT / name).read_text(encoding="utf-8").replace("](docs/", "](").replace("](README.md", "](index.md")
        alone = "---\nhide: [navigation]\n---\n" if shown == "index.md" else ""
        files.append(File.generated(config, shown, content=alone + text))
    for name, page in MADE.items():
        files.append(File.generated(config, f"reference/{name}", content=page()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links to the repository's top folder to its pages in the site, where they are one folder nearer.

    The page about the reference gets links to pages that only the site has.
    """
    if page.file.src_uri == "reference/README.md":
        for name in MADE:
            title = name.removesuffix(".md").capitalize()
            markdown = markdown.replace(f"**{title}**", f"**[{title}]({name})**")
    names = "|".join(map(re.escape, OWN))
    return re.sub(rf"\]\(\.\./((?:\.\./)*)({names})", lambda found: f"]({found[1]}{OWN[found[2]]}", markdown)
