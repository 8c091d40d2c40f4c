"""Classify validation and test images by the nearest training image of each replicate, in raw pixels."""

from ganaug.classifier.nearest_neighbour import nearest_neighbour
from ganaug.classifier.scores import balanced_accuracy
from ganaug.core.config import ParamsFile
from ganaug.core.messages import note
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.predictions import Predictions


def main(paths: Paths) -> None:
    params = ParamsFile.load(paths.params)
    val, test = LabelledImages.load(paths.val), LabelledImages.load(paths.test)
    figures = []
    for replicate in params.replicates:
        train = LabelledImages.load(paths.train(replicate))
        on_val, on_test = (nearest_neighbour(train, images.images) for images in (val, test))
        Predictions(on_val[None], on_test[None]).save(paths.neighbour(replicate))
        figures.append(balanced_accuracy(on_val.argmax(1), val.labels))
    mean = sum(figures) / len(figures)
    note(
        f"a nearest-neighbour classifier on raw pixels has a balanced accuracy of {100 * mean:.1f}% on the "
        f"validation images; a trained classifier that scores less has not learned enough"
    )


if __name__ == "__main__":
    run(main, record=False)
