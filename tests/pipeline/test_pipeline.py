"""`dvc repro` on a tiny experiment: all stages, their files, and which stages a change reruns."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pinned_numbers import TINY_SUMMARY, assert_close, pinned_part
from project import Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = Project(tmp_path_factory.mktemp("project"))
    made.output = made.call("dvc", "repro")
    made.first = made.stages_in(made.output)
    return made


def test_first_run_runs_every_stage_once_and_in_order(project):
    assert sorted(project.first) == sorted(
        [
            *("prepare", "neighbour", "choose_precision", "train_ensemble@0", "train_gan@0", "generate@0", "measure@0"),
            *("train_baseline@real-0", "try_shares@gan-0", "choose_share@gan", "train_augmented@gan-0", "evaluate"),
            "left_to_gain",
        ]
    )
    first = ["prepare", "neighbour", "train_baseline@real-0", "left_to_gain"]  # these need no GAN
    assert project.first[:4] == first
    assert project.first[-1] == "evaluate"


def test_each_stage_says_where_in_the_pipeline_it_is(project):
    said = re.findall(r"^stage (\d+) of (\d+): ", project.output, re.MULTILINE)
    assert [int(place) for place, _ in said] == list(range(2, 17))  # the first stage, list_code, is still counting them
    assert {total for _, total in said} == {"16"}


def test_summary_holds_what_its_readers_rely_on(project):
    summary = json.loads((project.folder / "results/summary.json").read_text())
    assert summary["dataset"]["name"] == "digits"
    assert summary["dataset"]["image_shape"] == [1, 8, 8]
    assert summary["dataset"]["train_per_class"] == {str(digit): 5 for digit in range(10)}
    assert summary["replicates"] == [0]
    assert set(summary["arms"]) == {"real", "gan"}
    for arm in summary["arms"].values():
        for figure in ("accuracy", "balanced_accuracy", "macro_f1"):
            assert set(arm[figure]) == {"mean", "low", "high", "per_replicate"}
            assert 0 <= arm[figure]["mean"] <= 1
    assert summary["gains"]["gan"]["reference"] == "real"
    difference = (
        summary["arms"]["gan"]["balanced_accuracy"]["mean"] - summary["arms"]["real"]["balanced_accuracy"]["mean"]
    )
    assert summary["gains"]["gan"]["balanced_accuracy"]["mean"] == pytest.approx(difference, abs=2e-6)
    seconds = json.loads((project.folder / "results/seconds.json").read_text())
    assert seconds["train_gan"]["0"]["seconds"] > 0
    assert seconds["train_augmented"]["gan"]["0"]["seconds"] > 0


def test_summary_is_the_one_that_was_stored(project):
    """On other processors, the prediction of a few of the 719 test images changes."""
    expected = json.loads(TINY_SUMMARY.read_text(encoding="utf-8"))
    summary = pinned_part(json.loads((project.folder / "results/summary.json").read_text()))
    assert_close(summary, expected, share=0.05)


def test_outputs_are_in_their_places(project):
    for place in (
        "data/prepared/card.json",
        "data/prepared/0/order.npy",
        "data/synthetic/0/images.npy",
        "results/synthetic/0/samples.csv",
        "results/synthetic/0/selection.json",
        "results/synthetic/0/contact.png",
        "results/synthetic/0/closest.png",
        "results/synthetic/0/quality.json",
        "results/synthetic/0/CARD.md",
        "models/ensemble/0/member_1.safetensors",
        "models/ensemble/0/probabilities/unlabelled.npy",
        "models/gan/0/generator.safetensors",
        "models/gan/0/discriminator.safetensors",
        "models/gan/0/health.json",
        "models/gan/0/grids/000000.png",
        "models/gan/0/progress.gif",
        "results/neighbour/0/val.npy",
        "results/baselines/real/0.npy",
        "results/left_to_gain.json",
        "results/arms/gan/0/classifier.safetensors",
        "results/plots/arms.png",
        "results/plots/per_class.png",
        "results/plots/gan_curves.png",
        "results/plots/synthetic.png",
        "results/report.html",
        "results/metrics.json",
    ):
        assert (project.folder / place).stat().st_size > 0, place
    assert not (project.folder / "checkpoints/gan/0").exists()
    report = (project.folder / "results/report.html").read_text()
    assert "://" not in re.sub("<script>.*?</script>", "", report, flags=re.DOTALL)  # it loads nothing from elsewhere
    assert "balanced_accuracy.gan" in project.call("dvc", "metrics", "show")


def test_mlflow_has_one_parent_and_a_run_for_each_gan_and_classifier(project):
    runs = project.runs()
    parents = [run for run in runs if "mlflow.parentRunId" not in run]
    assert len(parents) == 1
    assert sorted(run["mlflow.runName"] for run in runs if run not in parents) == [
        "gan 0",
        "gan 0 classifier",
        "real 0 classifier",
    ]
    assert {run["status"] for run in runs} == {"FINISHED"}
    assert parents[0]["mlflow.runName"] == "digits · resnet hinge · 5 per class"
    assert all(run["metrics"] for run in runs)
    project.call("ganaug", "publish")
    assert project.runs() == runs


def test_a_run_tells_how_to_get_its_results_back(project):
    (row,) = (run for run in project.runs() if "mlflow.parentRunId" not in run)
    commands = row["mlflow.note.content"].split("```")[1].strip().splitlines()
    assert [command.split("#")[0].strip() for command in commands[-2:]] == ["dvc fetch --run-cache", "dvc repro"]
    before = project.results()
    for name in ("models", "results", "data/prepared", "data/synthetic"):
        shutil.rmtree(project.folder / name)
    for name in ("dvc.lock", "params.yaml"):
        (project.folder / name).unlink()
    for command in commands[:-2]:  # there is no remote
        project.call(*command.split(), MLFLOW_TRACKING_URI=f"sqlite:///{project.folder / 'mlflow.db'}")
    assert project.repro() == []
    assert project.results() == before


def test_nothing_runs_again_without_a_change(project):
    assert project.repro() == []


def test_a_new_plugin_file_runs_nothing_again(project):
    for package in (
        "data/sources",
        "data/describers",
        "classifier/architectures",
        "gan/objectives",
        "gan/networks",
        "synthesis/policies",
        "classifier/oversampling",
    ):
        (project.folder / f"src/ganaug/{package}/brand_new.py").write_text('"""New."""\n')
    assert project.repro() == []


def test_a_gan_parameter_runs_gans_and_augmented_arms_not_baselines(project):
    project.edit(train_gan__steps=8)
    assert sorted(project.repro()) == sorted(
        ["train_gan@0", "generate@0", "measure@0", "try_shares@gan-0", "train_augmented@gan-0", "evaluate"]
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "stages"),
    [
        ("gan/penalties.py", "E‖∇D‖²", "‖∇D‖² on average", set()),  # a docstring
        ("gan/penalties.py", "ANCHOR_DECAY = 0.99", "ANCHOR_DECAY = 0.98", {"train_gan"}),
        ("gan/objectives/hinge.py", "relu(1 -", "relu(1.0 -", {"check", "check_data", "train_gan"}),
        ("gan/objectives/minimax.py", "softplus", "softplus ", set()),  # not chosen
        ("synthesis/metrics/fid.py", '"low"', '"none"', {"check", "check_data", "measure"}),
        ("synthesis/metrics/fid.py", "normal distributions", "Gaussians", {"measure"}),  # a docstring in the card
        ("synthesis/card.py", "FEW = 0.5", "FEW = 0.4", {"measure"}),
        (
            "experiment/arms/settings.py",
            "= 0.6",
            "= 0.5",
            {"arms", "check", "check_data", "left_to_gain", "choose_share", "evaluate"},
        ),
        ("experiment/words/explanation.py", "Undecided: ", "Open: ", {"evaluate"}),
        ("experiment/metrics/log_loss.py", "np.float32", "np.float64", {"evaluate"}),
        ("report/plots.py", '"font.size": 10', '"font.size": 11', {"evaluate"}),
        ("report/templates/page.html", "<title>", "<title >", {"evaluate"}),
        ("report/mlflow/tracking.py", '"10"', '"11"', {"evaluate"}),
        ("core/energy.py", "INTERVAL = 60.0", "INTERVAL = 30.0", set()),
        ("classifier/training.py", "steps // 10", "steps // 9", {"train_ensemble", "arms"}),
        (
            "data/splits.py",
            "LEFT_OUT, OTHER_DOMAIN = 0, 1, 2, 3, 4",
            "LEFT_OUT, OTHER_DOMAIN = 0, 1, 2, 4, 3",
            {"prepare", "evaluate"},
        ),
        ("data/training_draws.py", "np.sort(", "np.unique(", {"check_data", "prepare", "arms"}),
    ],
)
def test_a_change_of_code_reaches_the_stages_whose_results_it_can_change(project, file, old, new, stages):
    with changed(project.folder / "src/ganaug", file, old, new):
        assert project.changed_code() == stages
    assert project.changed_code() == stages  # back to what it was


@contextmanager
def changed(package: Path, file: str, old: str, new: str) -> Iterator[None]:
    """Replace the first `old` in a file of the package, and put it back."""
    path = package / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def test_an_installed_package_has_the_same_code_and_runs(project, tmp_path):
    """A user's folder holds dvc.yaml, params.yaml and pipeline/; the package is elsewhere."""
    other = Project(tmp_path / "project", packages=tmp_path / "site-packages")
    assert not (other.folder / "src").exists()
    other.call("dvc", "repro", "train_baseline")
    assert other.code() == project.code()
    trained = "results/arms/real/0/val.npy"
    assert (other.folder / trained).read_bytes() == (project.folder / trained).read_bytes()
    with changed(tmp_path / "site-packages/ganaug", "gan/penalties.py", "/ 2", "/ 3"):
        assert other.changed_code() == {"train_gan"}


def test_a_stage_runs_again_when_its_code_has_changed(project):
    with changed(project.folder / "src/ganaug", "report/plots.py", '"font.size": 10', '"font.size": 11'):
        assert project.repro() == ["evaluate"]
    assert project.repro() == []  # the results come from DVC's cache


def test_status_says_which_stages_would_run_and_why_and_runs_none(project):
    assert project.call("ganaug", "status") == "nothing has changed: all results are up to date\n"
    with changed(project.folder / "src/ganaug", "report/plots.py", '"font.size": 10', '"font.size": 11'):
        project.edit(generate__candidates_per_image=2.0)
        said = project.call("ganaug", "status")
        project.edit(generate__candidates_per_image=1.0)
    assert re.match(r"\d+ of 16 stages would run; they took .* last time, one after another\n", said)
    rows = dict(re.split("  +", line.strip(), maxsplit=1) for line in said.splitlines()[2:])
    assert rows.pop("what has changed") == "stages"
    assert rows == {
        "generate.candidates_per_image: 1.0 → 2.0": "check, check_data, generate, measure, evaluate",
        "ganaug/report/plots.py": "evaluate",
        "(their inputs may change)": "try_shares, choose_share, train_augmented",
    }
    assert project.call("ganaug", "status") == "nothing has changed: all results are up to date\n"


def test_a_parameter_of_the_choice_trains_no_gan(project):
    project.edit(generate__candidates_per_image=2.0, generate__policy={"name": "confidence"})
    ran = sorted(project.repro())
    assert ran == ["evaluate", "generate@0", "measure@0", "train_augmented@gan-0", "try_shares@gan-0"]
    project.edit(generate__candidates_per_image=1.0, generate__policy={"name": "none"})
    assert project.repro() == []


def test_another_metric_chooses_again_and_trains_nothing_unless_it_chooses_another_share(project):
    params = project.folder / "params.yaml"
    before = params.read_bytes()
    project.edit(evaluate__metric={"name": "recall", "of_class": 3}, evaluate__smallest_gain=0.02)
    assert project.repro() == ["left_to_gain", "choose_share@gan", "evaluate"]
    summary = json.loads((project.folder / "results/summary.json").read_text())
    assert summary["metric"] == "recall of 3"
    assert summary["verdict"]["gain"] == summary["gains"]["gan"]["recall of 3"]["mean"]
    assert "recall of class `3`" in summary["verdict"]["sentence"]
    assert "recall of 3.gan" in project.call("dvc", "metrics", "show")
    params.write_bytes(before)
    assert project.repro() == []


def test_an_unknown_class_stops_before_training(project):
    params = project.folder / "params.yaml"
    before = params.read_bytes()
    project.edit(evaluate__metric={"name": "recall", "of_class": "faulty"})
    done = project.try_call("dvc", "repro")
    assert done.returncode != 0
    assert "evaluate.metric.of_class: unknown class 'faulty'; choose from: 0, 1, 2" in done.stdout
    assert "train_" not in "".join(re.findall(r"Running stage '(.*?)'", done.stdout))
    params.write_bytes(before)
    assert project.repro() == []


def test_a_choice_of_metrics_trains_nothing(project):
    project.edit(measure__metrics=[{"name": "fid"}, {"name": "precision", "neighbours": 5}])
    assert project.repro() == ["measure@0", "evaluate"]
    project.edit(measure__metrics=None)
    assert project.repro() == []


def test_a_parameter_of_the_ensemble_trains_all_that_relies_on_it_and_no_baseline(project):
    project.edit(train_ensemble__steps=4)
    ran = project.repro()
    assert ran[:3] == ["train_ensemble@0", "train_gan@0", "generate@0"]
    assert "train_augmented@gan-0" in ran
    assert "train_baseline@real-0" not in ran
    project.edit(train_ensemble__steps=3)
    assert project.repro() == []


def test_putting_a_parameter_back_brings_the_results_back_without_running(project):
    after = (project.folder / "results/summary.json").read_bytes()
    project.edit(train_gan__steps=6)
    assert project.repro() == []
    generator = (project.folder / "models/gan/0/history.csv").read_text().splitlines()
    assert generator[-1].startswith("6,")
    project.edit(train_gan__steps=8)
    assert project.repro() == []
    assert (project.folder / "results/summary.json").read_bytes() == after


def test_a_new_arm_runs_that_arm_only(project):
    project.edit(arms__augmented__more={"synthetic": [0.5, 1.0]})
    ran = project.repro()
    assert ran == ["try_shares@more-0", "choose_share@more", "train_augmented@more-0", "evaluate"]
    share = json.loads((project.folder / "results/shares/more/share.json").read_text())
    tried = json.loads((project.folder / "results/shares/more/validation.json").read_text())
    assert set(tried["val_balanced_accuracy"]) == {"0.5", "1.0"}
    assert set(share) == {"synthetic"}  # if it held figures, every change of them would train the arm again
    assert share["synthetic"] in (0.5, 1.0)


def test_a_new_replicate_trains_one_more_gan(project):
    project.edit(replicates=[0, 1])
    ran = project.repro()
    new = [name for name in ran if name.endswith("1")]
    assert sorted(new) == [
        *("generate@1", "measure@1", "train_augmented@gan-1", "train_augmented@more-1", "train_baseline@real-1"),
        *("train_ensemble@1", "train_gan@1", "try_shares@gan-1", "try_shares@more-1"),
    ]
    # an arm of replicate 0 is trained again only if both replicates together choose another share
    again = set(ran) - set(new)
    choices = {"choose_share@gan", "choose_share@more"}
    assert again - {"train_augmented@more-0"} == {"prepare", "neighbour", "left_to_gain", "evaluate"} | choices


def test_a_wrong_parameter_stops_before_anything_runs_and_loses_nothing(project):
    before = (project.folder / "results/summary.json").read_bytes()
    project.edit(train_gan__objective={"name": "hing"})
    done = project.try_call("dvc", "repro")
    assert done.returncode != 0
    assert "train_gan.objective" in done.stdout
    assert "did you mean 'hinge'" in done.stdout
    assert re.findall(r"Running stage '(.*?)'", done.stdout) == ["pipeline/dvc.yaml:list_code", "check"]
    assert (project.folder / "results/summary.json").read_bytes() == before
    project.edit(train_gan__objective={"name": "hinge"})
    assert project.repro() == []


def test_a_dead_server_costs_a_warning_and_publishing_later_brings_everything(project):
    known = {run["ganaug.key"] for run in project.runs()}
    project.edit(generate__per_class=12)
    output = project.call("dvc", "repro", MLFLOW_TRACKING_URI="http://127.0.0.1:9")
    assert "warning: MLflow did not accept the results" in output
    assert "ganaug publish" in output
    assert {run["ganaug.key"] for run in project.runs()} == known
    project.call("ganaug", "publish")
    new = {run["ganaug.key"] for run in project.runs()} - known
    assert len(new) == 1 + 2 + 2 * 3  # the configuration, two GANs, the classifiers of three arms in two replicates


def test_another_evaluation_is_the_same_run(project):
    known = {run["ganaug.key"] for run in project.runs()}
    project.edit(evaluate__confidence_level=0.9)
    assert project.repro() == ["left_to_gain", "choose_share@gan", "choose_share@more", "evaluate"]
    assert {run["ganaug.key"] for run in project.runs()} == known
    row = next(run for run in project.runs() if "evaluate.confidence_level" in run)
    assert row["evaluate.confidence_level"] == "0.9"


def test_an_arm_with_pseudo_labels_waits_for_the_ensemble_and_reruns_no_other(project):
    project.edit(arms__informed={"pseudo": {"pseudo_labels": 0.5, "pseudo_label_threshold": 0.0}})
    assert project.repro() == ["train_informed@pseudo-0", "train_informed@pseudo-1", "evaluate"]
    summary = json.loads((project.folder / "results/summary.json").read_text())
    assert summary["arms"]["pseudo"]["trained_on"] == "unlabelled"
