"""Ensembles trained for a few steps, for tests that need one."""

from ganaug.classifier.ensemble import Ensemble
from ganaug.classifier.ensemble_settings import TrainEnsemble
from ganaug.classifier.ensemble_training import train_ensemble
from ganaug.data.images import LabelledImages
from ganaug.gan.training import Evaluators, GanSets


def quick_ensemble(train: LabelledImages, val: LabelledImages, **changes: object) -> Ensemble:
    plain = {"classifier": {"name": "small_cnn", "channels": 4}, "members": 2, "steps": 2, "batch_size": 16}
    return train_ensemble(TrainEnsemble(**plain | changes), train, val, 0)


def quick_evaluators(sets: GanSets) -> Evaluators:
    ensemble = quick_ensemble(sets.train, sets.val)
    return Evaluators(ensemble.extractor, ensemble.probabilities(sets.unlabelled.images).mean(0))
