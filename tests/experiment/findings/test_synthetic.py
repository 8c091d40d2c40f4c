"""Findings about synthetic sets."""

import pytest

from ganaug.experiment.findings.synthetic import synthetic_findings


def found(*, recall=(0.8, 0.9), diversity=0.8, rejected=((0, 0),), copies=(0, 0), health=()):
    """Return the findings by name.

    recall: of synthetic images and of new real images. diversity: of every GAN. rejected: number of ten candidates of
    "cat" and of "dog" that were rejected, for each replicate. copies: number of these that were near-copies. health:
    names of the findings about each GAN's training.
    """
    same = {"classes": ["cat", "dog"], "candidates": [10, 10], "rejected_as_copies": list(copies)}
    selections = [same | {"rejected": list(one)} for one in rejected]
    problems = [{"name": name, "seen": "", "remedy": ""} for name in health]
    healths = [{"findings": problems, "figures": {"diversity": diversity}}]
    figures = {"recall": {"synthetic": recall[0], "held_out": recall[1]}} if recall else {}
    return {finding.name: finding for finding in synthetic_findings(figures, selections, healths)}


def test_a_healthy_set_has_no_finding():
    assert found() == {}


LACKS = "synthetic images lack variety"


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"recall": (0.33, 0.94)}, [LACKS]),
        ({"recall": (0.44, 0.9)}, [LACKS]),
        ({"recall": (0.45, 0.9)}, []),
        ({"recall": (0.1, 0.9), "diversity": 0.9}, []),  # many synthetic images lie close together in varied classes
        ({"recall": (None, 0.9)}, []),
        ({"recall": (0.1, None)}, []),  # too few validation images
        ({"recall": None}, []),  # measure.metrics does not list recall
        ({"recall": (0.1, 0.9), "health": ["discriminator memorises"]}, [LACKS]),
        ({"recall": (0.1, 0.9), "health": ["generator collapsed"]}, []),  # already implies a lack of variety
        ({"recall": (0.1, 0.9), "health": ["generator undertrained"]}, []),
    ],
)
def test_a_lack_of_variety_shows_in_recall_and_in_distances(given, names):
    assert list(found(**given)) == names


def test_evidence_of_a_lack_of_variety():
    finding = found(recall=(0.33, 0.94), diversity=0.76)[LACKS]
    assert finding.seen.startswith("recall is 0.33 where new real images have 0.94")
    assert "76% as far apart" in finding.seen
    assert finding.remedy.startswith("`generate.truncation` above 1, ")


def test_classes_most_of_whose_candidates_are_rejected_are_named():
    assert found(rejected=[(5, 0), (5, 10)]) == {}  # exactly half of all replicates' candidates
    finding = found(rejected=[(6, 0), (5, 4)])["most candidates rejected"]
    assert "policy rejected most candidates of 'cat' (55%): " in finding.seen


def test_a_gan_that_copies_is_not_told_to_train_for_longer():
    findings = found(rejected=[(9, 10)], copies=(8, 3))
    assert list(findings) == ["most candidates rejected", "most candidates are near-copies"]
    assert "of 'dog' (70%): " in findings["most candidates rejected"].seen  # of cats, 1 of 10
    assert "of 'cat' (80%): the GAN repeats" in findings["most candidates are near-copies"].seen
    assert "fewer train_gan.steps" in findings["most candidates are near-copies"].remedy


def test_a_class_without_candidates_is_no_finding():
    selections = [{"classes": ["cat"], "candidates": [0], "rejected": [0], "rejected_as_copies": [0]}]
    assert synthetic_findings({}, selections, [{"findings": [], "figures": {"diversity": 1.0}}]) == []
