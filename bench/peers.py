"""How long does a training step take, compared with that of other projects, on their networks?

    pip install --no-deps torch-mimicry
    python bench/peers.py [--rounds N] [--threads N]

* mimicry (github.com/kwotsin/mimicry, 0.1.16): its SNGAN for 32×32, a quarter of its channels, and its own training
  steps, as its trainer calls them.
* PyTorch-GAN (github.com/eriklindernoren/PyTorch-GAN): its DCGAN for 32×32, networks and step rebuilt here.

Both sides train the same networks on batches of 64, one step of the discriminator for one of the generator, with the
peer's loss and learning rates. The project also averages both networks, collects the history, shows progress and runs
in Lightning. The sides take turns; a ratio is the median of the rounds [least, most].
"""

import argparse
import statistics
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from timeit import timeit
from types import ModuleType
from typing import Any, ClassVar

import torch
from gan_step import WARM_UP, noise, time_project
from networks import ratio
from torch import Tensor, nn

from ganaug.core.config import settings
from ganaug.data.images import to_float
from ganaug.gan.networks import Generator, Network, Shape
from ganaug.gan.objectives import Critique, Objective
from ganaug.gan.objectives.hinge import Hinge
from ganaug.gan.objectives.non_saturating import NonSaturating
from ganaug.gan.settings import TrainGan

BATCH, STEPS = 64, 6
Step = Callable[[Tensor], object]
"""A peer's training step on real images (N, C, H, W) in [-1, 1]."""


class FromNoise(Generator):
    """A peer's generator, which knows no classes."""

    def __init__(self, layers: nn.Module, z_dim: int, classes: int) -> None:
        super().__init__(z_dim, classes)
        self.layers = layers

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        images: Tensor = self.layers(z)
        return images


class Judge(nn.Module):
    """A peer's discriminator, as the project's objectives take it."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        realness = self.layers(images).flatten()
        return Critique(realness, realness[:, None])


class Peer(Network):
    """Another project's networks."""

    generator_conditioning: ClassVar[str] = "none"  # type: ignore[misc]
    discriminator_conditioning: ClassVar[str] = "none"  # type: ignore[misc]
    objective: ClassVar[Objective]
    learning_rate: ClassVar[float] = 2e-4
    betas: ClassVar[tuple[float, float]]

    def layers(self) -> tuple[Any, Any]:
        """Return generator and discriminator, as the peer builds them."""
        raise NotImplementedError

    def step(self) -> Step:
        """Return the peer's own training step on new networks."""
        raise NotImplementedError

    def generator(self, shape: Shape, classes: int) -> Generator:
        return FromNoise(self.layers()[0], self.z_dim, classes)

    def discriminator(self, shape: Shape, classes: int) -> nn.Module:
        return Judge(self.layers()[1])

    def adam(self, network: nn.Module) -> torch.optim.Adam:
        return torch.optim.Adam(network.parameters(), self.learning_rate, betas=self.betas)


@settings
class Mimicry(Peer):
    """SNGAN: residual blocks with the peer's own spectral norm, hinge loss."""

    z_dim: int = 128
    channels: int = 64
    objective: ClassVar[Objective] = Hinge()
    betas: ClassVar[tuple[float, float]] = (0.0, 0.9)

    def layers(self) -> tuple[Any, Any]:
        # not used here, and needs an old torch, TensorFlow and TensorBoard
        for name in ("datasets", "metrics", "training"):
            sys.modules.setdefault(f"torch_mimicry.{name}", ModuleType(name))
        sngan = import_module("torch_mimicry.nets.sngan")
        return sngan.SNGANGenerator32(ngf=self.channels), sngan.SNGANDiscriminator32(ndf=self.channels // 2)

    def step(self) -> Step:
        g, d = self.layers()
        optimizer_g, optimizer_d, log = self.adam(g), self.adam(d), Log()

        def step(real: Tensor) -> None:
            batch = real, None
            d.train_step(real_batch=batch, netG=g, optD=optimizer_d, log_data=log, device="cpu")
            g.train_step(real_batch=batch, netD=d, optG=optimizer_g, log_data=log, device="cpu")

        return step


class Log:
    """The log that mimicry's steps write to."""

    def add_metric(self, name: str, value: object, group: str) -> None:
        self.last = name, value, group


@settings
class PyTorchGan(Peer):
    """DCGAN as in PyTorch-GAN: enlargement and 3×3 convolutions, dropout, binary cross-entropy."""

    z_dim: int = 100
    objective: ClassVar[Objective] = NonSaturating()
    betas: ClassVar[tuple[float, float]] = (0.5, 0.999)
    normalises_batches: ClassVar[bool] = True

    def layers(self) -> tuple[nn.Module, nn.Module]:
        def enlarged(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
            return (
                nn.Upsample(scale_factor=2),
                nn.Conv2d(inputs, outputs, 3, padding=1),
                nn.BatchNorm2d(outputs, 0.8),
                nn.LeakyReLU(0.2),
            )

        def halved(inputs: int, outputs: int, *, norm: bool = True) -> tuple[nn.Module, ...]:
            layers = (nn.Conv2d(inputs, outputs, 3, 2, 1), nn.LeakyReLU(0.2), nn.Dropout2d(0.25))
            return (*layers, nn.BatchNorm2d(outputs, 0.8)) if norm else layers

        base = (nn.Linear(self.z_dim, 128 * 8 * 8), nn.Unflatten(1, (128, 8, 8)), nn.BatchNorm2d(128))
        image = (nn.Conv2d(64, 3, 3, padding=1), nn.Tanh())
        down = (*halved(3, 16, norm=False), *halved(16, 32), *halved(32, 64), *halved(64, 128))
        return (
            nn.Sequential(*base, *enlarged(128, 128), *enlarged(128, 64), *image),
            nn.Sequential(*down, nn.Flatten(), nn.Linear(128 * 2 * 2, 1)),
        )

    def step(self) -> Step:
        g, d = self.layers()
        d = nn.Sequential(d, nn.Sigmoid())
        optimizer_g, optimizer_d, loss = self.adam(g), self.adam(d), nn.BCELoss()

        def step(real: Tensor) -> None:
            ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
            optimizer_g.zero_grad()
            fake = g(torch.randn(len(real), self.z_dim))
            loss(d(fake), ones).backward()
            optimizer_g.step()
            optimizer_d.zero_grad()
            ((loss(d(real), ones) + loss(d(fake.detach()), zeros)) / 2).backward()
            optimizer_d.step()

        return step


PEERS: dict[str, type[Any]] = {"mimicry, SNGAN": Mimicry, "PyTorch-GAN, DCGAN": PyTorchGan}


def peers(rounds: int) -> None:
    """Print a row for each peer: images per second of its own step and of the project's, on its networks."""
    print("| networks | images per s, peer | images per s, ganaug | ratio of times |\n|---|---|---|---|")
    train = noise((3, 32, 32))
    real = to_float(torch.from_numpy(train.images[:BATCH]))
    for name, make in PEERS.items():
        peer = make()
        try:
            step = peer.step()
        except ModuleNotFoundError as error:
            print(f"{name}: {error}, skipped", file=sys.stderr)
            continue
        configuration = TrainGan(
            network=peer,
            objective=peer.objective,
            steps=WARM_UP + STEPS,
            learning_rate=peer.learning_rate,
            discriminator_learning_rate=peer.learning_rate,
            betas=peer.betas,
        )
        seconds = [[time_project(configuration, train), _time(step, real)] for _ in range(rounds)]
        ours, theirs = (BATCH / statistics.median(column) for column in zip(*seconds, strict=True))
        print(f"| {name} | {theirs:.0f} | {ours:.0f} | {ratio(seconds, 1)} |", flush=True)


def _time(step: Step, real: Tensor) -> float:
    """Return the seconds of a step, after WARM_UP others."""
    for _ in range(WARM_UP):
        step(real)
    return timeit(partial(step, real), number=STEPS) / STEPS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    peers(arguments.rounds)


if __name__ == "__main__":
    main()
