"""`ganaug new`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from ganaug.commands.project_files import EXAMPLES, FILES, template
from ganaug.core.errors import InputError, unknown

README = """\
# {name}

Does GAN augmentation help a classifier of these images? A ganaug project, made by `ganaug new`.

```
ganaug check           # what the data are, whether params.yaml fits them, and how long a run will take
dvc repro              # runs what is new or has changed; ganaug run does the same, several stages at a time
ganaug report --open   # the answer; `ganaug summary` shows it in the terminal
ganaug ui              # all configurations that have been run, in MLflow; needs: pip install 'ganaug[ui]'
```

`params.yaml` holds all your choices; after a change, `dvc repro` reruns only what depends on it. Results
are in `results/`, models in `models/`, synthetic images in `data/synthetic/`. If something fails: `ganaug doctor`.

`dvc.yaml` and `pipeline/` belong to ganaug {version}: with another version, copy them from a new project.
"""


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="where to make the project: a new folder, or .")],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="PATH", help="file or folder that contains your images; default: scikit-learn's digits"
        ),
    ] = None,
    example: Annotated[
        str | None, typer.Option("--example", metavar="NAME", help="start from an example, such as mnist_5k")
    ] = None,
) -> None:
    """Make a project: a folder with the pipeline, and parameters that fit your data"""
    files = [path.relative_to(template()) for pattern in FILES for path in sorted(template().glob(pattern))]
    existing = next((folder / file for file in (*files, Path("README.md")) if (folder / file).exists()), None)
    if existing is not None:
        raise InputError(f"{existing}: already exists; name a new folder")
    params = _params(folder, data, example)  # may fail, so it comes before anything is written
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(template() / file, folder / file)
    (folder / "params.yaml").write_text(params, encoding="utf-8")
    (folder / "README.md").write_text(_readme(folder), encoding="utf-8")
    if not _in_git(folder):
        (folder / ".dvc/config.local").write_text("[core]\n    no_scm = true\n", encoding="utf-8")
    enter = [] if folder.resolve() == Path.cwd() else [f"cd {folder}"]
    print(f"{folder}: a new project. Read its params.yaml, then:", *enter, "ganaug check", "dvc repro", sep="\n  ")


def _params(folder: Path, data: Path | None, example: str | None) -> str:
    """Return the text of params.yaml. Raises InputError if data or example are not available."""
    examples = {path.stem: path for path in template().glob(EXAMPLES)}
    if data is not None and example is not None:
        raise InputError("--data and --example: give one of them; an example brings its own data")
    if example is not None and example not in examples:
        raise InputError(f"--example: {unknown('example', example, examples)}")
    base = examples[example] if example is not None else template() / "params.yaml"
    if data is None:
        return base.read_text(encoding="utf-8")

    from ganaug.core.config import ParamsFile
    from ganaug.experiment.planning.proposal import propose

    inside = data.resolve().is_relative_to(folder.resolve())
    written = Path(os.path.relpath(data.resolve(), folder.resolve())) if inside else data.resolve()
    return propose(data, ParamsFile.load(base), written)


def _readme(folder: Path) -> str:
    from importlib.metadata import version

    return README.format(name=folder.resolve().name, version=version("ganaug"))


def _in_git(folder: Path) -> bool:
    """Whether the folder is in a git repository; if not, DVC has to be told."""
    command = ["git", "-C", str(folder), "rev-parse", "--is-inside-work-tree"]
    return shutil.which("git") is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0
