"""How long does a GAN training step with gradient penalties take?

    python bench/penalty_step.py [--rounds N]

R1 and R2 differentiate the discriminator twice. Prints the ratios of the step's time to that with PyTorch's own
second derivative of grouped convolutions, and to that without penalties: medians of the rounds [least, most]. The three
alternate, on one core. Images have three channels, and batches have 64 images.
"""

import argparse
import statistics
from dataclasses import replace
from unittest.mock import patch

import torch
from gan_step import WARM_UP, noise, time_project
from networks import Native, ratio

from ganaug.gan import convolution
from ganaug.gan.networks import Network
from ganaug.gan.networks.r3gan import R3Gan
from ganaug.gan.networks.stylegan2 import StyleGan2
from ganaug.gan.objectives.relativistic import Relativistic
from ganaug.gan.settings import TrainGan

STEPS = 4
CASES: list[tuple[str, Network, int]] = [
    ("r3gan, 16 channels, 8×8", R3Gan(channels=16), 8),
    ("r3gan, 16 channels, 32×32", R3Gan(channels=16), 32),
    ("r3gan, 48 channels, 32×32", R3Gan(), 32),
    ("stylegan2, 16 channels, 32×32", StyleGan2(channels=16), 32),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    torch.set_num_threads(1)
    penalty_steps(parser.parse_args().rounds)


def penalty_steps(rounds: int) -> None:
    """Print the table."""
    print("| network | ms per step | ratio to PyTorch's second derivative | ratio to the step without penalties |")
    print("|---|---|---|---|")
    for title, network, side in CASES:
        train = noise((3, side, side))
        penalised = Relativistic(r1=1.0, r2=1.0)
        settings = TrainGan(network=network, objective=penalised, steps=STEPS + WARM_UP, diffaugment=("affine",))
        plain = replace(settings, objective=replace(penalised, r1=0.0, r2=0.0))
        seconds: list[list[float]] = []
        for _ in range(rounds):
            ours = time_project(settings, train)
            with patch.object(convolution, "_Convolution", Native):
                native = time_project(settings, train)
            seconds.append([ours, native, time_project(plain, train)])
        milliseconds = 1000 * statistics.median(times[0] for times in seconds)
        print(f"| {title} | {milliseconds:.0f} | {ratio(seconds, 1)} | {ratio(seconds, 2)} |", flush=True)


if __name__ == "__main__":
    main()
