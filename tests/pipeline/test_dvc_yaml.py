"""Each stage's `deps` in dvc.yaml cover what its script imports, and nothing that it does not."""

import ast
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
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


def test_whoever_uses_all_metrics_depends_on_all_of_them():
    users = [name for name, stage in STAGES.items() if "src/ganaug/quality.py" in stage.get("do", stage)["deps"]]
    assert users == ["generate"]
    assert all("src/ganaug/metrics" in STAGES[name]["do"]["deps"] for name in users)


@pytest.mark.parametrize("name", ["train_ensemble", "train_gan", "generate"])
def test_stages_that_make_synthetic_images_do_not_depend_on_the_test_set(name):
    prepared = {dep for dep in STAGES[name]["do"]["deps"] if dep.startswith("data/prepared")}
    assert prepared <= {"data/prepared/${item}/train", "data/prepared/${item}/unlabelled", "data/prepared/val"}


def test_what_comes_later_makes_nothing_earlier_run_again():
    deps = {name: " ".join(stage.get("do", stage)["deps"]) for name, stage in STAGES.items()}
    assert "gan" not in deps["train_ensemble"].replace("ganaug", "")
    for name in ("train_ensemble", "train_gan"):
        assert "generate" not in deps[name]
        assert "policies" not in deps[name]


@pytest.mark.parametrize("name", STAGES)
def test_deps_cover_imports(name):
    stage = STAGES[name].get("do", STAGES[name])
    script = ROOT / stage["cmd"].split()[1]
    listed = {dep for dep in stage["deps"] if dep.endswith((".py", ".html"))}
    plain = {ROOT / dep for dep in listed if "$" not in dep}
    # a plug-in is named by params.yaml, or all of a folder are used: what they import must be covered as well
    folders = {(ROOT / dep).parent for dep in listed if "$" in dep} | {
        ROOT / dep for dep in stage["deps"] if dep.startswith("src/") and "." not in dep
    }
    plugins = [file for folder in folders for file in folder.glob("[a-z]*.py")]
    wanted = closure(script, *plugins) - set(plugins)
    missing = sorted(str(file.relative_to(ROOT)) for file in wanted - plain)
    spare = sorted(str(file.relative_to(ROOT)) for file in plain - wanted if file.suffix == ".py")
    assert not missing, f"add to the deps of {name}: {missing}"
    assert not spare, f"take from the deps of {name}: {spare}"
