"""Each stage's `deps` in dvc.yaml cover what its script imports, and nothing that it does not."""

import ast
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]


def imported(file: Path) -> set[Path]:
    """Return the files of the project that `file` imports itself, inside functions too; not for types only."""
    names = set()
    nodes = [ast.parse(file.read_text(encoding="utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        nodes.extend(ast.iter_child_nodes(node))
    stems = [ROOT / "src" / name.replace(".", "/") for name in names if name.split(".")[0] == "ganaug"]
    candidates = {option for stem in stems for option in (stem.with_suffix(".py"), stem / "__init__.py")}
    return {option for option in candidates if option.exists()}


def closure(*files: Path) -> set[Path]:
    """Return all files of the project that importing `files` can load."""
    found: set[Path] = set()
    queue = list(files)
    while queue:
        file = queue.pop()
        if file not in found:
            found.add(file)
            queue.extend(imported(file))
    return found


def test_closure_follows_imports_inside_functions():
    assert ROOT / "src/ganaug/transforms.py" in imported(ROOT / "src/ganaug/classification.py")
    assert ROOT / "src/ganaug/plots.py" in imported(ROOT / "src/ganaug/report.py")


@pytest.mark.parametrize("name", STAGES)
def test_deps_cover_imports(name):
    stage = STAGES[name].get("do", STAGES[name])
    script = ROOT / stage["cmd"].split()[1]
    listed = {dep for dep in stage["deps"] if dep.endswith((".py", ".html"))}
    plain = {ROOT / dep for dep in listed if "$" not in dep}
    # a plug-in is named by params.yaml: whichever it is, what it imports must be covered as well
    plugins = [file for dep in listed if "$" in dep for file in (ROOT / dep).parent.glob("[a-z]*.py")]
    wanted = closure(script, *plugins) - set(plugins)
    missing = sorted(str(file.relative_to(ROOT)) for file in wanted - plain)
    spare = sorted(str(file.relative_to(ROOT)) for file in plain - wanted if file.suffix == ".py")
    assert not missing, f"add to the deps of {name}: {missing}"
    assert not spare, f"take from the deps of {name}: {spare}"
