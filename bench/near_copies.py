"""Do the two comparisons of classifier/near_copies.py agree? New digits and copies stand for generated images.

    python bench/near_copies.py [--replicates 5]

Prepares the default data, trains each replicate's ensemble, and prints shares of near-copies: the mean over replicates
[least, most]. Health checks during a GAN's training use `joint`, selection uses `cross-fitted`.
"""

import argparse
import runpy
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ganaug.classifier.ensemble import Ensemble
from ganaug.classifier.near_copies import CopyDetector
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages

ROOT = Path(__file__).parents[1]
Images = np.ndarray


def detectors(ensemble: Ensemble, train: Images, val: Images) -> dict[str, Callable[[Images], float]]:
    """Return the share of near-copies among images by each comparison."""
    real, held_out = ensemble.features(train), ensemble.features(val)
    unseen = [features[ensemble.unseen(member)] for member, features in enumerate(real)]
    joint = CopyDetector.fit([np.concatenate(real, axis=1)], [np.concatenate(held_out, axis=1)])
    cross_fitted = CopyDetector.fit(unseen, held_out)
    return {
        "joint": lambda images: float(joint.near_copies([ensemble.extractor(images)]).mean()),
        "cross-fitted": lambda images: float(cross_fitted.near_copies(ensemble.features(images)).mean()),
    }


def generated(train: Images, test: Images) -> dict[str, Images]:
    """Return images that a generator might have made: description → uint8 (N, C, H, W)."""
    noise = np.random.default_rng(0).normal(size=train.shape)
    half = np.concatenate([train, test[: len(train)]])
    return {
        "new images (test)": test,
        "copies": train,
        "copies with noise of 8 grey levels": np.clip(train + 8 * noise, 0, 255).astype(np.uint8),
        "copies with noise of 32 grey levels": np.clip(train + 32 * noise, 0, 255).astype(np.uint8),
        "copies, shifted by a pixel": np.roll(train, 1, axis=3),
        "half copies, half new": half,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=5)
    replicates = [str(number) for number in range(parser.parse_args().replicates)]
    shares: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        paths = Paths(Path(name))
        shutil.copy(ROOT / "params.yaml", paths.params)
        (paths.root / "data/raw").mkdir(parents=True)  # prepare.path, where the default data have no files
        runpy.run_path(str(ROOT / "pipeline/prepare.py"))["main"](paths)
        for replicate in replicates:
            runpy.run_path(str(ROOT / "pipeline/train_ensemble.py"))["main"](paths, replicate)
            train, val, test = (
                np.asarray(LabelledImages.load(path).images) for path in (paths.train(replicate), paths.val, paths.test)
            )
            measures = detectors(Ensemble.load(paths.ensemble(replicate)), train, val)
            for images_name, images in generated(train, test).items():
                row = shares.setdefault(images_name, {})
                for measure_name, measure in measures.items():
                    row.setdefault(measure_name, []).append(measure(images))
    print("| images | joint | cross-fitted |\n|---|---|---|")
    for images_name, row in shares.items():
        cells = (f"{np.mean(each):.1%} [{min(each):.1%}, {max(each):.1%}]" for each in row.values())
        print(f"| {images_name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
