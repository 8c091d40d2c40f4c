"""Tags of MLflow's runs."""

from ganaug.experiment.pretrained_weights import CLASSIFIERS, ENSEMBLES, GANS
from ganaug.report.runs.tags import pretrained_tags

FIRST = {"model": "resnet18", "weights": "a.pth", "sha256": "12ab", "used_by": [CLASSIFIERS, GANS]}
SECOND = {"model": "resnet18", "weights": "b.pth", "sha256": "34cd", "used_by": [ENSEMBLES]}


def test_tags_are_the_checksums_of_all_weights_or_of_one_users():
    summary = {"pretrained": [FIRST, SECOND]}
    assert pretrained_tags(summary) == {"pretrained": "12ab, 34cd"}
    assert pretrained_tags(summary, ENSEMBLES) == {"pretrained": "34cd"}
    assert pretrained_tags({"pretrained": [SECOND]}, CLASSIFIERS) == pretrained_tags({}) == {}
