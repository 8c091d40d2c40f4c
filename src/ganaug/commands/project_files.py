"""The files that make up a project: in a clone they are the repository's own; setup.py puts them into the wheel."""

from pathlib import Path

FILES = (
    *(".dvc/.gitignore", ".dvc/config", ".dvcignore", ".gitignore", "data/raw/README.md", "dvc.yaml", "params.yaml"),
    *("pipeline/*.py", "pipeline/dvc.yaml"),
)
"""What `ganaug new` copies, as patterns below the repository's top folder."""
EXAMPLES = "examples/*.yaml"
"""Examples of params.yaml, as a pattern below the same folder."""


def template() -> Path:
    """Return the folder that holds these files."""
    package = Path(__file__).resolve().parents[1]
    shipped = package / "project"
    return shipped if shipped.is_dir() else package.parents[1]
