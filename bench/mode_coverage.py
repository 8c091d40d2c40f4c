"""Count the modes that each objective and network covers, on data with known modes.

    python bench/mode_coverage.py ring            # 8 Gaussians on a circle, the MLP with every objective
    python bench/mode_coverage.py grid            # 25 Gaussians on a grid, the same
    python bench/mode_coverage.py digits          # 1,000 modes: three of scikit-learn's digits as channels, 8×8
    python bench/mode_coverage.py mnist ROOT      # the same with MNIST at 32×32; ROOT: where torchvision keeps MNIST

All GANs are unconditional: they must find the modes by themselves. Points: a sample within three standard deviations of
a centre is good, and a mode with a good sample counts as found (Srivastava et al., VEEGAN, 2017). Digits: a classifier
predicts the three digits of 25,600 samples; modes are the distinct triples, and KL is the divergence of their
frequencies from uniform (Metz et al., Unrolled GAN, 2017). Options: --steps, --seeds N, --threads N, --only OBJECTIVE,
or for digits --only NETWORK[/OBJECTIVE].
"""

import argparse
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from choice import chosen
from torch import Tensor
from trained_generator import trained_generator

from ganaug.classifier.prediction import predict
from ganaug.classifier.training import fit as fit_classifier
from ganaug.core.plugins import build
from ganaug.core.seeding import torch_generator
from ganaug.data.images import LabelledImages, to_float
from ganaug.data.sources import Dataset
from ganaug.data.sources.digits import Digits
from ganaug.data.sources.torchvision import Torchvision
from ganaug.experiment.arms.batches import TrainingSets, arm_batches
from ganaug.experiment.arms.settings import Arm, TrainClassifier
from ganaug.gan.module import LitGAN
from ganaug.gan.networks import Generator
from ganaug.gan.real_batches import RealBatch
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.settings import TrainGan

Spec = dict[str, Any]
UNCONDITIONAL = {"generator_conditioning": "none", "discriminator_conditioning": "none"}
ADAM = {"learning_rate": 1e-3, "discriminator_learning_rate": 1e-3, "betas": (0.5, 0.9)}
POINTS: dict[str, tuple[Spec, Spec]] = {  # objective: its options and the training settings for it
    "minimax": ({}, ADAM),
    "non_saturating": ({}, ADAM),
    "least_squares": ({}, ADAM),
    "hinge": ({}, ADAM),
    "wasserstein_gp": ({"gradient_penalty": 1.0}, ADAM | {"discriminator_steps": 5}),
    "relativistic": ({"r1": 0.1, "r2": 0.1}, ADAM),
}
CLOSE: dict[str, Spec] = {  # options that differ on the grid, whose points are closer
    "wasserstein_gp": {"gradient_penalty": 0.1},  # Gulrajani et al.'s value for points
    "relativistic": {"r1": 0.01, "r2": 0.01},  # 0.1 blurs the points; with 0.001 two of three seeds failed
}
SLOW = {"learning_rate": 5e-4, "betas": (0.0, 0.99)}
DIGITS: list[tuple[Spec, Spec, Spec]] = [  # network, objective and the training settings for them
    (
        {"name": "dcgan", "channels": 128},
        {"name": "non_saturating"},
        {"learning_rate": 2e-4, "betas": (0.5, 0.999)},
    ),
    ({"name": "resnet", "channels": 64}, {"name": "hinge"}, SLOW),
    ({"name": "resnet", "channels": 64}, {"name": "relativistic"}, SLOW),
    (
        {"name": "stylegan2", "channels": 32},
        {"name": "non_saturating", "r1": 1.0, "penalty_every": 16},
        {"learning_rate": 2.5e-3, "betas": (0.0, 0.99)},
    ),
    ({"name": "stylegan2", "channels": 32}, {"name": "relativistic"}, SLOW | {"learning_rate": 5e-3}),
    ({"name": "r3gan", "channels": 48}, {"name": "relativistic"}, SLOW),
]


@dataclass(frozen=True)
class Source:
    """Endless training batches, as LitGAN requires them, of one class. draw: returns images in [-1, 1]."""

    draw: Callable[[torch.Generator], Tensor]

    def __getitem__(self, number: int) -> RealBatch:
        images = self.draw(torch_generator(0, f"batch/{number}", "cpu"))
        levels = (images + 1) * 127.5  # not rounded to whole grey levels: points lie closer together than these
        return RealBatch(levels, torch.zeros(len(images), dtype=torch.long))


class Unconditional(LitGAN):
    """LitGAN on an endless source."""

    def __init__(self, settings: TrainGan, source: Source, seed: int) -> None:
        shape = source[0][0].shape[1:]
        placeholder = LabelledImages(np.zeros((1, *shape), np.uint8), np.zeros(1, np.int64), ("any",))
        super().__init__(settings, placeholder, seed)
        self.source = source

    def on_fit_start(self) -> None:
        """Take the batches from the source."""
        self.batches = self.source


def train(settings: TrainGan, source: Source, seed: int) -> tuple[Generator, float]:
    """Return the averaged generator and the seconds per 1,000 steps."""
    torch.manual_seed(seed)
    generator, seconds = trained_generator(Unconditional(settings, source, seed))
    return generator, seconds / settings.steps * 1000


def gaussians(kind: str) -> tuple[Tensor, float]:
    """Return centres (modes, 2) and the standard deviation around them, all within [-1, 1]."""
    if kind == "ring":  # radius 2 and deviation 0.02, scaled by 0.4
        angles = torch.arange(8) * (2 * math.pi / 8)
        return 0.8 * torch.stack([angles.cos(), angles.sin()], 1), 0.008
    line = torch.linspace(-0.8, 0.8, 5)  # -4 to 4 and deviation 0.05, scaled by 0.2
    return torch.cartesian_prod(line, line), 0.01


def points(kind: str, arguments: argparse.Namespace) -> None:
    objectives = chosen(POINTS, arguments.only)
    centres, deviation = gaussians(kind)

    def draw(randomness: torch.Generator) -> Tensor:
        near = torch.randint(len(centres), (256,), generator=randomness)
        return (centres[near] + deviation * torch.randn(256, 2, generator=randomness))[..., None, None]

    print(f"| objective | modes of {len(centres)} | good samples % | s per 1,000 steps |\n|---|---|---|---|")
    for name, (options, training) in objectives.items():
        if kind == "grid":
            options = options | CLOSE.get(name, {})
        modes, good, seconds = [], [], []
        for seed in range(arguments.seeds):
            settings = TrainGan(
                network=build("gan.networks", {"name": "mlp", "z_dim": 16, "hidden": 128} | UNCONDITIONAL),
                objective=build("gan.objectives", {"name": name} | options),
                steps=arguments.steps or 10_000,
                batch_size=256,
                ema_half_life=50_000,
                **training,
            )
            generator, seconds_per_1000 = train(settings, Source(draw), seed)
            with torch.inference_mode():
                z = torch.randn(2500, 16, generator=torch_generator(seed, "points", "cpu"))
                samples = generator.eval()(z, torch.ones(2500, 1)).flatten(1)
            distance, nearest = torch.cdist(samples, centres).min(1)
            close = distance < 3 * deviation
            modes.append(len(set(nearest[close].tolist())))
            good.append(100 * close.float().mean().item())
            seconds.append(seconds_per_1000)
        print(f"| {name} | {spread(modes)} | {spread(good)} | {np.mean(seconds):.1f} |", flush=True)


def stacked(data: LabelledImages, arguments: argparse.Namespace) -> None:
    pairs = chosen({f"{each[0]['name']}/{each[1]['name']}": each for each in DIGITS}, arguments.only)
    images = torch.from_numpy(np.array(data.images))
    settings = TrainClassifier(
        classifier=build("classifier.architectures", {"name": "small_cnn"}), steps=1500, batch_size=64
    )
    order = np.random.default_rng(0).permutation(len(data))
    count = min(len(data) // 5, 2000)  # the classifier is evaluated on them 60 times
    held_out, rest = data.subset(order[:count]), data.subset(order[count:])
    model = fit_classifier(settings, arm_batches(Arm(), TrainingSets(rest), settings, 0), held_out, 0).model
    accuracy = (predict(model, held_out.images).argmax(1) == held_out.labels).mean()
    print(f"The classifier's accuracy on {len(held_out)} held-out images is {100 * accuracy:.1f} %.\n")

    def draw(randomness: torch.Generator) -> Tensor:
        drawn = torch.randint(len(images), (64, 3), generator=randomness)
        return to_float(images[drawn].squeeze(2))

    print("| network | objective | modes of 1,000 | KL | parameters G + D, millions | s per 1,000 steps |")
    print("|---|---|---|---|---|---|")
    for network, objective, training in pairs.values():
        for seed in range(arguments.seeds):
            gan_settings = TrainGan(
                network=build("gan.networks", network | UNCONDITIONAL),
                objective=build("gan.objectives", objective),
                steps=arguments.steps or 10_000,
                batch_size=64,
                discriminator_learning_rate=training["learning_rate"],
                ema_half_life=20_000,
                **training,
            )
            generator, seconds_per_1000 = train(gan_settings, Source(draw), seed)
            labels = np.zeros(25_600, np.int64)
            samples = np.concatenate(list(sample(generator, labels, image_seeds(seed, len(labels)))))
            digits = [predict(model, samples[:, [channel]]).argmax(1) for channel in range(3)]
            counts = np.bincount(100 * digits[0] + 10 * digits[1] + digits[2], minlength=1000)
            share = counts[counts > 0] / counts.sum()
            divergence = float((share * np.log(share * 1000)).sum())
            gan = Unconditional(gan_settings, Source(draw), seed)
            networks = gan.generator, gan.discriminator
            sizes = [sum(parameter.numel() for parameter in player.parameters()) / 1e6 for player in networks]
            print(
                f"| {network['name']} | {objective['name']} | {(counts > 0).sum()} | {divergence:.3f} | "
                f"{sizes[0]:.2f} + {sizes[1]:.2f} | {seconds_per_1000:.0f} |",
                flush=True,
            )


def read(source: Dataset, path: Path, margin: int = 0) -> LabelledImages:
    """Return a source's images without its own test set, padded with `margin` black pixels on each side."""
    raw = source.load(path)
    padding = [(0, 0), (0, 0), (margin, margin), (margin, margin)]
    data = LabelledImages(
        np.pad(np.moveaxis(np.stack([np.asarray(image) for image in raw.images]), 3, 1), padding),
        raw.labels,
        raw.classes,
    )
    return data if raw.splits is None else data.subset(np.flatnonzero(raw.splits != "test"))


def spread(values: Sequence[float]) -> str:
    """Return the mean, with minimum and maximum if there are several values."""
    mean = f"{np.mean(values):.4g}"
    return mean if len(values) == 1 else f"{mean} [{min(values):.4g}, {max(values):.4g}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=["ring", "grid", "digits", "mnist"])
    parser.add_argument("root", nargs="?", type=Path)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    warnings.filterwarnings("ignore")
    if arguments.data in ("ring", "grid"):
        points(arguments.data, arguments)
    elif arguments.data == "digits":
        stacked(read(Digits(), Path()), arguments)
    else:
        stacked(read(Torchvision(dataset="MNIST"), arguments.root, margin=2), arguments)


if __name__ == "__main__":
    main()
