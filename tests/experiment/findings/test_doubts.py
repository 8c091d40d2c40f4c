"""Findings about arms and synthetic sets that are shown beside the verdict."""

import json

import numpy as np
import pytest

from ganaug.experiment.findings.arms import Learned, Validation
from ganaug.experiment.findings.doubts import doubts, find_doubts

LABELS = np.repeat([0, 1], 50)
IDLE, GUESS = np.zeros(100, np.int64), np.arange(100) % 2
FLAT = [{"step": float(step), "val_balanced_accuracy": 0.9} for step in (100, 150)]
RESULTS = {"verdict": {"references": ["real"], "arms": ["gan"]}, "arms": {"gan": {"gan": ["images"]}}}
FIGURES = {"recall": {"synthetic": 0.1, "held_out": 0.9}}


@pytest.fixture
def found(scored):
    """Return a function that finds doubts about arms, name → predictions; the neighbour gets 80 of 100 images right."""

    def run(**arms):
        predictions = {"real": LABELS, "gan": LABELS} | arms
        learned = {name: Learned([scored(one, LABELS, 2)], [FLAT]) for name, one in predictions.items()}
        half = np.where(np.arange(100) < 20, 1, LABELS)
        validation = Validation(("cat", "dog"), LABELS, np.arange(100), [scored(half, LABELS, 2)])
        nothing = [{"classes": ["cat", "dog"], "candidates": [9, 9], "rejected": [0, 0], "rejected_as_copies": [0, 0]}]
        healths = [{"findings": [], "figures": {"diversity": 1.0}}]
        return find_doubts(RESULTS, FIGURES, learned, validation, nothing, healths)

    return run


def test_a_healthy_run_has_no_doubts(found):
    assert found() == {}
    assert doubts({"doubts": {}}) == []


@pytest.mark.parametrize("arms", [{"real": IDLE}, {"gan": GUESS}, {"gan": GUESS, "real": IDLE}])
def test_what_the_verdict_says_is_no_doubt_besides(found, arms):
    assert found(**arms) == {}


def test_another_arm_at_chance_is_a_doubt(found):
    assert list(found(other=GUESS)) == ["no better than chance"]


def test_doubts_survive_json_and_are_told_with_their_remedy(found):
    mistakes = np.where(np.arange(100) < 40, 1, LABELS)
    (told,) = doubts(json.loads(json.dumps({"doubts": found(gan=mistakes)})))
    assert told.startswith("worse than a nearest neighbour: on the validation images, a nearest-neighbour classifier")
    assert "80.0%, more than `gan` (60.0%). Try: more train_classifier.steps" in told
