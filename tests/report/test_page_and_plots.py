"""The stages' files become summary.json and the report page."""

import re
from functools import partial

import pytest
from finished_run import HEALTH, QUALITY, SELECTION, evaluate_run

from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.metrics.log_loss import LogLoss
from ganaug.experiment.metrics.recall import Recall

BASELINE = {"real": Arm(), "real_all": Arm(labels="all")}


def answer_in(folder, images, right, baseline, augmented, **options):
    """Write the files of an experiment, evaluate it, and return summary and report."""
    summary, page = evaluate_run(folder, images, right, baseline, augmented, **options)
    return summary, re.sub(r"\s+", " ", page)


@pytest.fixture
def evaluated(tmp_path, two_colours):
    """Return a function that evaluates an experiment, and returns summary and report."""
    return partial(answer_in, tmp_path, two_colours)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory, two_colours):
    """Summary and report of an experiment in which the GAN helps, beyond doubt."""
    return answer_in(tmp_path_factory.mktemp("healthy"), two_colours, RIGHT, BASELINE, GAN)


def rows(report, name):
    """Return the cells of every row whose first cell is `name`, without its small print."""
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall("<tr>(.*?)</tr>", report)]
    plain = [[re.sub("<small.*?</small>|<[^>]*>", "", cell).strip() for cell in cells] for cells in found]
    return [cells[1:] for cells in plain if cells[0] == name]


RIGHT = {"real": (10, 12), "real_all": (18, 18), "gan": (14, 18)}
GAN = {"gan": Arm(synthetic=(0.0, 0.5))}


def test_report_shows_verdict_label_equivalent_quality_and_cost(healthy):
    summary, report = healthy
    assert summary["verdict"]["answer"] == "helps"
    for part in ("verdict", "label_equivalent", "left_to_gain"):
        assert summary[part]["sentence"] in re.sub("</?code>", "`", report)
    # ensembles and GANs take 15 s in each of two replicates, the reference takes 1 s, the arm 1 s
    # and 3 s for its trials: 36 s for the 25 points from 11 to 16 of 20
    assert summary["cost"] == {
        "seconds": {"gan": 30.0, "arm": 8.0, "reference": 2.0, "per_point": 1.44},
        "joules": None,
        "jobs": 1,
    }
    assert rows(report, "intra class fid") == [["0.25", "0.125", "–", "lower"]]
    assert "The GANs and gan took 38 s, real took 2 s: 1.4 seconds per point of gain." in report


def test_the_first_screen_answers(healthy):
    summary, report = healthy
    screen = re.sub("<[^>]*>", "", report[report.index("<h2") : report.index(">All arms</h2>")])
    assert "Yes. GAN augmentation raises balanced accuracy by 25.0 points. Train with gan." in screen
    low, high = (f"{100 * summary['verdict'][end]:+.1f}" for end in ("low", "high"))
    assert f"+25.0 points gain in balanced accuracy with the GAN; 50% interval {low} to {high}" in screen
    assert "Use it: train with gan." in screen
    assert "gan: real images, 50% of each batch synthetic" in screen
    assert [one["name"] for one in summary["conditions"] if one["name"] not in screen] == []
    assert screen.count("ok") == sum(one["met"] for one in summary["conditions"])


def test_the_first_screen_shows_why_no_synthetic_images_are_used(evaluated):
    _, report = evaluated(RIGHT, BASELINE, GAN, share=0.0)
    screen = re.sub("<[^>]*>", "", report[report.index("<h2") : report.index(">All arms</h2>")])
    assert "No. Synthetic images did not improve balanced accuracy on validation: 90.0% with none, 80.0%" in screen
    assert "0 points gained in balanced accuracy, as no synthetic images are used: 50% synthetic" in screen
    assert "50% synthetic changed it by -10.0 points on validation" in screen
    assert "against the band of negligible gains, plus or minus 0.5 points: 50% synthetic -10.0" in report
    assert rows(report, "gan")[0][2] == "not used"


def test_report_shows_attacks_on_stand_ins(evaluated, monkeypatch):
    found = {"same_group": {"options": {}, "synthetic": 0.512, "train": 0.875, "held_out": None}}
    monkeypatch.setitem(QUALITY, "stand_ins", {"pairs": 8, "without_stand_in": 0, "attacks": found})
    _, report = evaluated(RIGHT, BASELINE, GAN)
    assert rows(report, "same group") == [["0.512", "–", "0.875"]]
    assert "This page shows training images: keep it with them." in report


def test_report_of_a_healthy_run_has_no_doubts(healthy):
    summary, report = healthy
    assert summary["doubts"] == {}
    assert "Reasons for doubt" not in report
    assert summary["neighbour"] == {"balanced_accuracy": 0.0, "val_balanced_accuracy": 1.0}
    assert "raw pixels has a balanced accuracy of 0.0% (100.0% on the validation images)" in report


def test_findings_stand_below_the_verdict_with_their_remedies(evaluated, monkeypatch):
    monkeypatch.setitem(SELECTION, "rejected", [0, 3])
    monkeypatch.setitem(HEALTH, "findings", [{"name": "generator undertrained", "seen": "far", "remedy": "steps"}])
    summary, report = evaluated(RIGHT, BASELINE, GAN)
    assert list(summary["doubts"]) == ["most candidates rejected"]
    finding = summary["doubts"]["most candidates rejected"]
    assert f"most candidates rejected: {finding['seen']}. Try: {finding['remedy']}." in report.replace("&#39;", "'")
    assert "The GANs of replicates 0, 1: generator undertrained. What to try" in report
    assert report.index("most candidates rejected") < report.index(">All arms</h2>")


def test_nothing_learned_is_the_verdict_and_costs_nothing_per_point(evaluated):
    summary, report = evaluated(RIGHT, BASELINE, GAN, idle=["gan"])
    assert summary["verdict"]["answer"] == "nothing learned"
    assert summary["verdict"]["sentence"] in re.sub("</?code>", "`", report)
    assert summary["cost"]["seconds"]["per_point"] is None
    assert "label_equivalent" not in summary


def test_informed_arms_are_baselines_with_a_stage_of_their_own(evaluated):
    informed = {"pseudo": Arm(pseudo_labels=0.5)}
    summary, report = evaluated(RIGHT | {"pseudo": (11, 13)}, BASELINE, GAN, informed=informed)
    assert list(summary["arms"]) == ["real", "real_all", "pseudo", "gan"]
    assert summary["arms"]["pseudo"]["group"] == "baseline"
    assert rows(report, "train_informed") == [["2.0"]]


def test_report_of_other_sets_says_nothing_about_stand_ins(healthy):
    _, report = healthy
    assert "Stand-ins" not in report
    assert "train_informed" not in report  # there is no such arm


@pytest.mark.parametrize(
    ("right", "baseline", "augmented", "share", "says"),
    [
        ({name: found[:1] for name, found in RIGHT.items()}, BASELINE, GAN, 0.5, "One replicate cannot show"),
        (RIGHT, BASELINE, GAN, 0.0, "GAN augmentation is not used"),
    ],
    ids=["one replicate", "no share"],
)
def test_report_is_complete_without_interval_or_synthetic_images(evaluated, right, baseline, augmented, share, says):
    summary, report = evaluated(right, baseline, augmented, share=share)
    assert says in report
    assert ("seconds per point of gain" in report) == (says == "One replicate cannot show")
    assert list(summary["gains"]) == [name for name in right if name != "real"]


def test_report_shows_all_metrics_and_what_arms_reached_on_validation(healthy):
    summary, report = healthy
    assert next(iter(summary["metrics"])) == summary["metric"] == "balanced_accuracy"
    for title in (
        "accuracy, %",
        "macro-F1, %",
        "ROC AUC, %",
        "log loss, lower is better",
        "calibration error, %, lower",
    ):
        assert f'<th scope="col">{title}' in report
    assert [rows(report, name)[0][3] for name in RIGHT] == ["100.0"] * len(RIGHT)  # all arms are right on validation
    assert "1.4 seconds per point of gain" in report
    assert set(summary["gains"]["gan"]["precision"]) == {"red", "blue"}


def test_report_follows_another_metric(evaluated):
    summary, report = evaluated(RIGHT, BASELINE, GAN, metric=LogLoss(), smallest_gain=0.1)
    # from 9 wrong of 20 to 4 wrong: a quarter of the largest loss
    assert summary["verdict"]["gain"] == pytest.approx(LogLoss().highest / 4, abs=1e-6)
    assert summary["verdict"]["answer"] == "helps"
    assert "`gan` reduces log loss by 3.986 compared with `real`" in summary["verdict"]["sentence"]
    assert re.search(r">log loss</th> <th scope=\"col\">gain \(reduction\) over real</th>", report)
    assert "Lower is better, so a gain is a reduction in log loss" in report
    assert "smaller than 0.1 counts as no effect" in report
    assert "seconds per 0.01 of gain" in report
    assert summary["arms"]["real"]["val_log_loss"] == 0


def test_a_metric_of_one_class_decides(evaluated):
    summary, report = evaluated(RIGHT, BASELINE, GAN, metric=Recall(of_class="blue"))
    assert "with `gan`, recall of class `blue` is" in summary["verdict"]["sentence"]
    assert summary["gains"]["gan"]["recall of blue"]["mean"] == summary["gains"]["gan"]["recall"]["blue"]["mean"]
    assert '<th scope="col">recall of class blue, %</th>' in report
