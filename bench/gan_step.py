"""How long does a GAN training step take, compared with a bare PyTorch loop over the same networks?

    python bench/gan_step.py

Both do the same arithmetic: networks, objective, DiffAugment, fused Adam, batches of 64. The project also averages both
networks, collects the history, shows progress and runs in Lightning. The two alternate. Prints the median of the
rounds' ratios [least, most].
"""

import statistics
import sys
import time
from contextlib import redirect_stdout
from copy import deepcopy

import numpy as np
import torch
from pytorch_lightning import Callback
from torch.nn.functional import one_hot

from ganaug.data.images import LabelledImages, to_float
from ganaug.gan.callbacks import ConsoleProgress, History
from ganaug.gan.diffaugment import diffaugment
from ganaug.gan.ema import EMA
from ganaug.gan.fit import fit
from ganaug.gan.module import LitGAN
from ganaug.gan.networks import Shape
from ganaug.gan.networks.resnet import ResNet
from ganaug.gan.objectives.hinge import Hinge
from ganaug.gan.settings import TrainGan

ROUNDS, WARM_UP = 5, 2
SIZES = [("default: 8×8, 32 channels", (1, 8, 8), 32, 60), ("32×32, 64 channels", (1, 32, 32), 64, 4)]


class Clock(Callback):
    """Seconds per step, without the first WARM_UP steps."""

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):  # type: ignore[no-untyped-def]
        if batch_idx + 1 == WARM_UP:
            self.start = time.perf_counter()
        if batch_idx + 1 == trainer.num_training_batches:
            self.seconds = (time.perf_counter() - self.start) / (batch_idx + 1 - WARM_UP)


def noise(shape: tuple[int, int, int]) -> LabelledImages:
    """Return 200 random images of `shape` in ten classes."""
    pixels = np.random.default_rng(0).integers(0, 256, (200, *shape), dtype=np.uint8)
    return LabelledImages(pixels, np.arange(200, dtype=np.int64) % 10, tuple("0123456789"))


def time_project(settings: TrainGan, train: LabelledImages) -> float:
    """Return the project's seconds per step."""
    gan = LitGAN(settings, train, 0)
    history = History(settings.log_every, settings.batch_size)
    averages = [
        EMA(gan, "generator", settings.batch_size, settings.ema_half_life),
        EMA(gan, "discriminator", settings.batch_size, settings.ema_half_life),
    ]
    clock = Clock()
    with redirect_stdout(sys.stderr):  # a table is printed around it
        fit(gan, [*averages, history, ConsoleProgress("step", history), clock], settings, None)
    return clock.seconds


def time_bare_loop(settings: TrainGan, train: LabelledImages, *, naive: bool = False) -> float:
    """Return the bare loop's seconds per step.

    naive: as in tutorials, with channels first, Adam parameter by parameter, and an average of the generator's weights
    that Python updates one by one.
    """
    shape, classes = Shape(*train.shape), len(train.classes)
    layout = torch.contiguous_format if naive else torch.channels_last
    g = settings.network.generator(shape, classes).to(memory_format=layout)
    d = settings.network.discriminator(shape, classes).to(memory_format=layout)
    how = {"foreach": False} if naive else {"fused": True}
    optimizer_g = torch.optim.Adam(g.parameters(), settings.learning_rate, betas=settings.betas, **how)
    optimizer_d = torch.optim.Adam(d.parameters(), settings.learning_rate, betas=settings.betas, **how)
    averaged = deepcopy(g)
    images, targets = torch.from_numpy(train.images), torch.from_numpy(train.labels)
    randomness = torch.Generator()

    def critic(batch: torch.Tensor) -> torch.Tensor:
        return d(diffaugment(batch, settings.diffaugment, randomness), condition).realness

    for step in range(settings.steps):
        if step == WARM_UP:
            start = time.perf_counter()
        chosen = torch.randint(len(images), (settings.batch_size,))
        real, labels = to_float(images[chosen]).contiguous(memory_format=layout), targets[chosen]
        condition = one_hot(labels, classes).float()
        with torch.no_grad():
            fake = g(torch.randn(len(labels), settings.network.z_dim), condition)
        loss = (1 - critic(real)).relu().mean() + (1 + critic(fake)).relu().mean()
        optimizer_d.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer_d.step()
        d.requires_grad_(False)
        loss = -critic(g(torch.randn(len(labels), settings.network.z_dim), condition)).mean()
        optimizer_g.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer_g.step()
        d.requires_grad_(True)
        if naive:
            with torch.no_grad():
                for average, weight in zip(averaged.parameters(), g.parameters(), strict=True):
                    average.copy_(0.999 * average + 0.001 * weight)
    return (time.perf_counter() - start) / (settings.steps - WARM_UP)


def main() -> None:
    for title, shape, channels, steps in SIZES:
        train = noise(shape)
        settings = TrainGan(
            network=ResNet(channels=channels), objective=Hinge(), steps=steps + WARM_UP, diffaugment=("affine",)
        )
        rounds = [(time_project(settings, train), time_bare_loop(settings, train)) for _ in range(ROUNDS)]
        ratios = sorted(project / bare for project, bare in rounds)
        project_ms, bare_ms = (statistics.median(column) * 1000 for column in zip(*rounds, strict=True))
        print(
            f"{title}: {project_ms:.1f} ms per step, bare loop {bare_ms:.1f} ms, "
            f"ratio {statistics.median(ratios):.3f} [{ratios[0]:.3f}, {ratios[-1]:.3f}]",
            flush=True,
        )


if __name__ == "__main__":
    main()
