"""Trains a GAN without stages, for benches that only need its generator."""

import time
from typing import cast

from ganaug.gan.ema import EMA
from ganaug.gan.fit import fit
from ganaug.gan.module import LitGAN
from ganaug.gan.networks import Generator


def trained_generator(gan: LitGAN) -> tuple[Generator, float]:
    """Train `gan`, and return its averaged generator and the seconds that this took."""
    ema = EMA(gan, "generator", gan.settings.batch_size, gan.settings.ema_half_life)
    start = time.perf_counter()
    fit(gan, [ema], gan.settings, None)
    return cast(Generator, ema.network), time.perf_counter() - start
