"""The sentences about a finished run."""

from ganaug.experiment.words.sentences import known_without_training, sentences


def test_pretrained_weights_are_named():
    told = {"model": "resnet18", "weights": "pip:my-weights/a.pth", "sha256": "12ab"}
    entries = [
        told | {"used_by": ["train_classifier.classifier"]},
        told | {"used_by": ["train_ensemble.classifier", "train_gan.network"], "weights": "b.pth"},
    ]
    verdict, left = {"headline": "Yes.", "sentence": "It helps."}, {"sentence": "Little was left."}
    *others, second, third = sentences({"verdict": verdict, "left_to_gain": left, "pretrained": entries})
    assert others == ["Yes.", "It helps.", "Little was left."]
    assert second == (
        "The classifiers of all arms started from the same pretrained weights: `pip:my-weights/a.pth` of `resnet18` "
        "(SHA-256 12ab)."
    )
    assert third.startswith("The ensembles and the GANs' discriminators started from the same pretrained weights: `b.p")


def test_what_a_neighbour_knows_is_told():
    neighbour = {"balanced_accuracy": 0.75, "val_balanced_accuracy": 0.8}
    assert known_without_training({"neighbour": neighbour}).endswith(
        "has a balanced accuracy of 75.0% (80.0% on the validation images)."
    )
