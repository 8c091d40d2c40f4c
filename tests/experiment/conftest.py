"""A complete params.yaml for the tests of experiment/."""

import pytest


@pytest.fixture
def params(tmp_path):
    """A complete and valid params.yaml."""
    (tmp_path / "raw").mkdir()
    return {
        "seed": 0,
        "replicates": [0, 1],
        "threads": 1,
        "prepare": {
            "source": {"name": "digits"},
            "path": str(tmp_path / "raw"),
            "test": 0.3,
            "val": 0.1,
            "labelled_per_class": 5,
        },
        "train_ensemble": {"classifier": {"name": "small_cnn"}, "steps": 10},
        "train_gan": {
            "network": {"name": "resnet"},
            "objective": {"name": "hinge"},
            "steps": 10,
            "trainer": {"precision": "32-true"},
        },
        "generate": {"per_class": 10, "policy": {"name": "none"}},
        "measure": {},
        "train_classifier": {"classifier": {"name": "small_cnn"}, "steps": 10},
        "arms": {
            "baseline": {"real": {}, "classical": {"transforms": [{"name": "RandomRotation", "degrees": 10}]}},
            "augmented": {"gan": {"synthetic": 0.5}},
        },
        "evaluate": {},
    }
