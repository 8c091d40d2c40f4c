"""The code that each stage depends on: what it must not include, and that dvc.yaml lists it."""

import hashlib
import re
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import torch
from ruamel.yaml import YAML

from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.core.plugins import available
from ganaug.core.weight_files import sha256
from ganaug.experiment.stages import STAGES, stage_code, stage_names

ROOT = Path(__file__).parents[2]
PIPELINE = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
PARAMS = ParamsFile.load(ROOT / "tests/tiny_params.yaml")


AUGMENTED = ("try_shares", "train_augmented")
ARMS = ("train_baseline", "train_informed", *AUGMENTED)


def code(stage: str, **changes) -> list[str]:
    """Return the paths of a stage's code, with other sections in params.yaml."""
    params = ParamsFile(PARAMS.path, PARAMS.content | changes)
    return [line.split()[1] for line in stage_code(stage, params, Paths(ROOT).scripts).splitlines()]


def matching(stage: str, pattern: str) -> list[str]:
    return [path for path in code(stage) if re.search(pattern, path)]


@pytest.mark.parametrize(
    ("stages", "unwanted"),
    [
        (["prepare"], r"ganaug/(classifier|gan|synthesis|report)/"),
        (["train_ensemble", "train_baseline", "train_informed"], r"ganaug/(gan|synthesis|report)/"),
        (["neighbour"], r"ganaug/(gan|synthesis|report)/|classifier/(training|image_classifier|architectures)"),
        (["train_ensemble"], r"ganaug/experiment/"),
        (["train_gan"], r"ganaug/(synthesis|experiment|report)/"),
        (["train_gan", "generate", "measure"], r"classifier/(training|ensemble_training)\.py"),
        (["generate"], r"ganaug/(experiment|report)/|synthesis/(metrics/|card|quality|inception|measure)"),
        ([*AUGMENTED], r"ganaug/(synthesis|report)/|gan/(module|training|objectives/[a-z])"),
        ([*ARMS], r"experiment/(evaluate_settings|statistics|words|summary|planning|params|metrics|arms/shares)"),
        ([*ARMS], r"classifier/ensemble"),
        (
            ["left_to_gain", "choose_share"],
            r"ganaug/(gan|synthesis|report)/|classifier/training|statistics/(estimate|gains)|words/[^_q]",
        ),
        (["evaluate"], r"ganaug/gan/|classifier/(training|ensemble)"),
        (STAGES, r"ganaug/core/(energy|messages|progress)"),
    ],
)
def test_what_cannot_change_a_stages_results_is_not_in_its_code(stages, unwanted):
    for stage in stages:
        assert matching(stage, unwanted) == [], stage


@pytest.mark.parametrize("stage", STAGES)
def test_the_script_and_something_of_the_package_is_in_it(stage):
    paths = code(stage)
    assert f"pipeline/{stage}.py" in paths
    assert "ganaug/core/stage.py" in paths
    assert len(paths) == len(set(paths))


def test_chosen_plugins_are_in_it_and_others_are_not():
    assert matching("train_gan", "(objectives|networks|architectures)/[a-z]") == [
        *("ganaug/classifier/architectures/small_cnn.py", "ganaug/gan/networks/resnet.py"),
        "ganaug/gan/objectives/hinge.py",
    ]
    other = {**PARAMS.content["train_gan"], "objective": {"name": "relativistic"}}
    assert "ganaug/gan/objectives/relativistic.py" in code("train_gan", train_gan=other)
    assert "ganaug/gan/objectives/hinge.py" not in code("train_gan", train_gan=other)


def test_a_describer_is_in_the_code_of_what_describes_and_of_the_checks_only():
    section = {**PARAMS.content["prepare"], "describer": {"name": "bag_of_words"}}
    having = [name for name in STAGES if "ganaug/data/describers/bag_of_words.py" in code(name, prepare=section)]
    assert having == ["check", "prepare", "check_data"]
    assert not matching("prepare", "data/describers/[a-z]")


def test_metrics_and_attacks_are_all_in_it_unless_some_are_chosen():
    assert len(matching("measure", "synthesis/metrics/[a-z]")) > 5
    assert len(matching("measure", "synthesis/attacks/[a-z]")) == 3
    one = code("measure", measure={"metrics": None, "attacks": [{"name": "linkage"}]})
    assert [path for path in one if re.search("synthesis/attacks/[a-z]", path)] == [
        "ganaug/synthesis/attacks/linkage.py"
    ]
    some = code("measure", measure={"metrics": [{"name": "fid"}, {"name": "kid"}]})
    assert [path for path in some if re.search("synthesis/metrics/[a-z]", path)] == [
        "ganaug/synthesis/metrics/fid.py",
        "ganaug/synthesis/metrics/kid.py",
    ]


def test_the_metric_that_decides_is_in_what_chooses_and_all_are_in_what_evaluates():
    chosen = {"metric": {"name": "recall", "of_class": "3"}}
    having = [name for name in STAGES if "ganaug/experiment/metrics/recall.py" in code(name, evaluate=chosen)]
    assert having == ["check", "check_data", "left_to_gain", "choose_share", "evaluate"]
    assert not matching("choose_share", "experiment/metrics/recall")
    assert len(matching("evaluate", "experiment/metrics/[a-z]")) == len(available("experiment.metrics"))


def test_a_share_is_chosen_by_parameters_that_may_be_missing():
    """DVC stops at a parameter that is not in params.yaml, but not at a missing option of a section that is there."""
    assert "evaluate" in PIPELINE["choose_share"]["params"]


@pytest.mark.parametrize(
    "wrong", [{"network": {"name": "resnett"}}, {"network": "resnet"}, {"network": None}, {}, {"network": {"name": 3}}]
)
def test_a_plugin_that_cannot_be_found_is_left_for_the_check_to_report(wrong):
    assert "ganaug/gan/module.py" in code("train_gan", train_gan=wrong)


def test_libraries_that_decide_numbers_are_listed():
    assert set(code("train_gan")) >= {"torch", "numpy", "pytorch-lightning"}
    assert "pytorch-lightning" not in code("train_baseline")


@pytest.mark.parametrize("file", ["templates/page.html", "templates/answer.html", "vendor/vega.min.js"])
def test_templates_and_charts_of_the_report_are_in_it(file):
    assert f"ganaug/report/{file}" in code("evaluate")


def test_every_stage_of_dvc_yaml_depends_on_its_code():
    assert list(PIPELINE) == list(STAGES)
    for name in STAGES:
        script = re.search(r"python (\S+)", PIPELINE[name]["cmd"]).group(1)
        assert script == f"pipeline/{name}.py"
        assert f"code/{name}.txt" in PIPELINE[name]["deps"]


@pytest.mark.parametrize("name", PIPELINE)
def test_every_stage_can_be_started_elsewhere(name):
    assert PIPELINE[name]["cmd"].startswith("$GANAUG_LAUNCH ")


@pytest.mark.parametrize("name", STAGES)
def test_dvc_yaml_runs_a_stage_as_often_as_it_says(name):
    axes = PIPELINE[name].get("matrix", {}).values()
    assert [axis.removeprefix("${arms.").strip("${}").removesuffix("s") for axis in axes] == list(STAGES[name].per)


def test_stages_are_named_in_the_order_of_dvc_yaml_once_for_each_arm_and_replicate():
    groups = {"baseline": {"real": {}, "more": {}}, "augmented": {"gan": {}}}
    found = stage_names(ParamsFile(Path("params.yaml"), {"replicates": [0, 3], "arms": groups}))
    assert found[:3] == ["list_code", "check", "prepare"]
    assert found[-3:] == ["train_augmented@gan@0", "train_augmented@gan@3", "evaluate"]
    assert [name for name in found if name.startswith("train_baseline")] == [
        *("train_baseline@real@0", "train_baseline@real@3", "train_baseline@more@0", "train_baseline@more@3"),
    ]
    assert not [name for name in found if name.startswith("train_informed")]
    once = [name for name, stage in STAGES.items() if not stage.per]
    assert len(found) == 1 + len(once) + 4 + 2 * len(("train_ensemble", "train_gan", "generate", "measure")) + 2 + 1 + 2


@pytest.mark.parametrize("name", [name for name in STAGES if name not in ("check", "check_data")])
def test_the_number_of_threads_is_the_same_wherever_a_stage_runs(name):
    assert PIPELINE[name]["cmd"].startswith("$GANAUG_LAUNCH env OMP_NUM_THREADS=${threads} python ")


@pytest.mark.parametrize("name", ["train_ensemble", "train_gan", "generate", "measure"])
def test_stages_that_make_synthetic_images_depend_neither_on_the_test_set_nor_on_labels_of_the_pool(name):
    prepared = {dep for dep in PIPELINE[name]["deps"] if dep.startswith("data/prepared")}
    own = {"data/prepared/${item.r}", "data/prepared/${item.r}/train"}
    assert prepared <= own | {"data/prepared/other_domain", "data/prepared/pool/images.npy", "data/prepared/val"}


def test_baselines_wait_for_nothing_but_the_data():
    deps = PIPELINE["train_baseline"]["deps"]
    assert not [dep for dep in deps if not dep.startswith(("code/", "data/prepared", "data/checked_data"))]


def test_what_needs_no_gan_comes_before_any_gan():
    order = list(PIPELINE)
    assert order.index("neighbour") < order.index("train_baseline") < order.index("left_to_gain")
    assert order.index("left_to_gain") < order.index("train_ensemble")
    assert order.index("train_informed") < order.index("train_gan")


def test_what_is_left_to_gain_waits_for_all_baselines_and_reads_no_test_image():
    deps = PIPELINE["left_to_gain"]["deps"]
    assert {dep for dep in deps if dep.startswith("data")} == {"data/prepared/val"}
    assert any(out.startswith("results/baselines/") for out in PIPELINE["train_baseline"]["outs"])
    readers = [name for name, stage in PIPELINE.items() if "results/left_to_gain.json" in stage["deps"]]
    assert ("results/baselines" in deps, readers) == (True, ["evaluate"])  # it retrains nothing


def test_shares_are_not_tried_on_the_test_set():
    assert not any(dep in ("data/prepared", "data/prepared/test") for dep in PIPELINE["try_shares"]["deps"])


def test_no_arm_depends_on_reports_about_synthetic_images():
    for name in ARMS:
        deps = PIPELINE[name]["deps"]
        assert not any(dep.startswith("results") for dep in deps if "shares" not in dep)


def test_an_installed_plugin_and_its_printed_docstring_are_in_it(tmp_path, monkeypatch):
    def measuring(docstring: str) -> str:
        package = tmp_path / str(len(docstring)) / "my_package"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "metric.py").write_text(f"class Mine:\n    {docstring!r}\n")
        with monkeypatch.context() as patch:
            patch.setattr(sys, "path", [str(package.parent), *sys.path])
            entry = EntryPoint("mine", "my_package.metric:Mine", "ganaug.synthesis.metrics")
            patch.setattr("ganaug.core.plugins._installed", lambda: (entry,))
            params = ParamsFile(PARAMS.path, PARAMS.content | {"measure": {"metrics": [{"name": "mine"}]}})
            return stage_code("measure", params, Paths(ROOT).scripts)

    assert "my_package/metric.py" in measuring("One meaning.")
    assert measuring("One meaning!!") != measuring("Another meaning.")


def test_a_gan_and_what_uses_it_depend_on_its_pretrained_weights(tmp_path):
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"weights")
    network = {"name": "projected", "model": "test_efficientnet", "weights": str(weights)}
    having = [name for name in STAGES if str(weights) in code(name, train_gan={"network": network})]
    assert having == ["check", "check_data", "train_gan", "generate", "try_shares", "train_augmented"]


def test_stages_depend_on_the_bytes_that_the_hub_gave(tmp_path, monkeypatch):
    pytest.importorskip("timm", reason="needs the extra `pretrained`")
    from hub_cache import put, use_cache

    cache, repository = use_cache(monkeypatch, tmp_path), "timm/test_efficientnet.r160_in1k"
    on_the_hub = {"name": "timm", "model": "test_efficientnet", "weights": "hub"}
    ensemble = PARAMS.content["train_ensemble"] | {"classifier": on_the_hub}
    network = {"name": "projected", "model": "test_resnet", "weights": "hub"}

    def weights(stage: str) -> list[str]:
        content = PARAMS.content | {"train_ensemble": ensemble, "train_gan": {"network": network}}
        lines = stage_code(stage, ParamsFile(PARAMS.path, content), Paths(ROOT).scripts).splitlines()
        return [line for line in lines if "  hub:" in line]

    assert weights("train_gan") == []  # not in the cache: `check` reports it
    stored = put(cache, repository, {"a": torch.zeros(1)}, "1" * 40)
    first = weights("train_ensemble")
    assert first == [f"{sha256(stored)[:16]}  hub:{repository}"]
    put(cache, repository, {"a": torch.zeros(1)}, "2" * 40)
    assert weights("train_ensemble") == first  # another commit, the same bytes
    other = put(cache, "timm/test_resnet.r160_in1k", {"a": torch.ones(1)}, "3" * 40)
    assert weights("train_gan") == [*first, f"{sha256(other)[:16]}  hub:timm/test_resnet.r160_in1k"]
    put(cache, repository, {"a": torch.ones(1)}, "4" * 40)
    assert weights("train_ensemble") == [f"{sha256(other)[:16]}  hub:{repository}"]
    assert weights("train_baseline") == []


@pytest.mark.parametrize("wrong", [{"model": "no_network"}, {"name": "small_cnn"}, {"train": "some"}, {"name": "tim"}])
def test_weights_of_the_hub_that_nobody_can_name_are_left_for_the_check_to_report(wrong):
    classifier = {"name": "timm", "model": "test_resnet", "weights": "hub"} | wrong
    assert "ganaug/classifier/training.py" in code("train_baseline", train_classifier={"classifier": classifier})


def test_what_reads_inceptions_weights_depends_on_them(tmp_path):
    weights = tmp_path / "inception.pth"
    weights.write_bytes(b"first")
    changes = {"measure": PARAMS.content["measure"] | {"inception": str(weights)}}
    assert [name for name in STAGES if str(weights) in code(name, **changes)] == ["check", "measure"]
    for content in (b"first", b"second"):
        weights.write_bytes(content)
        lines = stage_code("measure", ParamsFile(PARAMS.path, PARAMS.content | changes), Paths(ROOT).scripts)
        assert f"{hashlib.sha256(content).hexdigest()[:16]}  {weights}\n" in lines


def test_stages_depend_on_the_pretrained_weights_of_their_classifiers(tmp_path):
    weights = tmp_path / "weights.safetensors"
    ensemble = PARAMS.content["train_ensemble"] | {"classifier": {"name": "small_cnn", "weights": str(weights)}}

    def line(stage: str) -> str | None:
        params = ParamsFile(PARAMS.path, PARAMS.content | {"train_ensemble": ensemble})
        lines = stage_code(stage, params, Paths(ROOT).scripts).splitlines()
        return next((line for line in lines if line.endswith(f"  {weights}")), None)

    assert line("train_ensemble") is None  # `check` reports that it is missing
    weights.write_bytes(b"first")
    first = line("train_ensemble")
    weights.write_bytes(b"second")
    assert first not in (None, line("train_ensemble"))
    assert line("generate") == line("train_ensemble")
    assert line("train_baseline") is None


@pytest.mark.parametrize("stage", STAGES)
def test_the_usual_stages_do_not_look_through_all_that_is_installed(stage, monkeypatch):
    # it takes half a second in every `dvc repro`: libraries that all stages need are in LIBRARIES or HARMLESS
    monkeypatch.setattr("ganaug.core.closure._distributions", lambda path: pytest.fail("looks through everything"))
    assert code(stage)
