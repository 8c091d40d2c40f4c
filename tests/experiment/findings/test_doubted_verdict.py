"""The verdict `nothing learned`, and the findings in the summary."""

import json

import numpy as np
import pytest

from ganaug.experiment.findings.arms import Learned, Validation
from ganaug.experiment.findings.verdict import doubts, known_without_training, with_findings

LABELS = np.repeat([0, 1], 50)
FLAT = [{"step": float(step), "val_balanced_accuracy": 0.9} for step in (100, 150)]
QUALITY = {"figures": {"recall": {"synthetic": 0.1, "held_out": 0.9}}}
RESULTS = {
    "verdict": {"answer": "helps", "gain": 0.1, "sentence": "It helps.", "references": ["real"], "arms": ["gan"]},
    "arms": {"gan": {"gan": ["images"]}},
    "label_equivalent": {"sentence": "Seven labels."},
}


@pytest.fixture
def judged(scored):
    """Return a function that judges arms, name → predictions, with a neighbour that gets 80 of 100 images right."""

    def run(**arms):
        predictions = {"real": LABELS, "gan": LABELS} | arms
        learned = {name: Learned([scored(one, LABELS, 2)], [FLAT]) for name, one in predictions.items()}
        half = np.where(np.arange(100) < 20, 1, LABELS)
        validation = Validation(("cat", "dog"), LABELS, np.arange(100), [scored(half, LABELS, 2)])
        selections = [
            {"classes": ["cat", "dog"], "candidates": [9, 9], "rejected": [0, 0], "rejected_as_copies": [0, 0]}
        ]
        healths = [{"findings": [], "figures": {"diversity": 1.0}}]
        results, neighbour, doubts = with_findings(RESULTS, QUALITY, learned, validation, 0.75, selections, healths)
        return results | {"neighbour": neighbour, "doubts": doubts}

    return run


def test_a_healthy_run_keeps_its_verdict_and_has_no_doubts(judged):
    summary = judged()
    assert {name: summary[name] for name in RESULTS} == RESULTS
    assert summary["doubts"] == {}
    assert doubts(summary) == []


IDLE, GUESS = np.zeros(100, np.int64), np.arange(100) % 2


@pytest.mark.parametrize(
    ("arms", "named"),
    [
        ({"real": IDLE}, "images, `real` reached a balanced accuracy of 50.0%, where guessing reaches 50.0%. Any gain"),
        ({"gan": GUESS}, "images, `gan` reached a balanced accuracy of 50.0%, where guessing"),
        ({"gan": GUESS, "real": IDLE}, "reaches 50.0%; `gan` reached a balanced accuracy of 50.0%, where"),
    ],
)
def test_a_gain_over_or_of_an_arm_at_chance_is_no_verdict(judged, arms, named):
    summary = judged(**arms)
    assert summary["verdict"]["answer"] == "nothing learned"
    assert summary["verdict"]["gain"] == 0.1  # the figures stay
    assert summary["verdict"]["sentence"].startswith("Nothing was learned: ")
    assert named in summary["verdict"]["sentence"]
    assert "`train_classifier.steps`" in summary["verdict"]["sentence"]
    assert "label_equivalent" not in summary
    assert summary["doubts"] == {}  # the verdict has said it


def test_a_single_class_in_half_of_the_replicates_is_named(scored):
    arms = {"real": [LABELS, LABELS], "gan": [LABELS, IDLE]}
    learned = {name: Learned([scored(one, LABELS, 2) for one in found], [FLAT, FLAT]) for name, found in arms.items()}
    validation = Validation(("cat", "dog"), LABELS, np.arange(100), [scored(LABELS, LABELS, 2)])
    healths = [{"findings": [], "figures": {"diversity": 1.0}}]
    selections = [{"classes": ["cat"], "candidates": [9], "rejected": [0], "rejected_as_copies": [0]}]
    verdict = with_findings(RESULTS, QUALITY, learned, validation, 1.0, selections, healths).results["verdict"]
    assert verdict["answer"] == "nothing learned"
    assert (
        "on the validation images, `gan` predicted a single class in 1 of 2 replicates. Any gain" in verdict["sentence"]
    )


def test_another_arm_at_chance_is_a_doubt_only(judged):
    summary = judged(other=GUESS)
    assert summary["verdict"]["answer"] == "helps"
    assert list(summary["doubts"]) == ["no better than chance"]


def test_doubts_survive_json_and_are_told_with_their_remedy(judged):
    mistakes = np.where(np.arange(100) < 40, 1, LABELS)
    summary = json.loads(json.dumps(judged(gan=mistakes)))
    (told,) = doubts(summary)
    assert told.startswith("worse than a nearest neighbour: on the validation images, a nearest-neighbour classifier")
    assert "80.0%, more than `gan` (60.0%). Try: more train_classifier.steps" in told


def test_what_a_neighbour_knows_is_shown(judged):
    summary = judged()
    assert summary["neighbour"] == {"balanced_accuracy": 0.75, "val_balanced_accuracy": 0.8}
    assert known_without_training(summary).endswith(
        "has a balanced accuracy of 75.0% (80.0% on the validation images)."
    )
