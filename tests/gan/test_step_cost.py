"""What a training step costs the device: few operations, and no waiting for its results."""

from typing import Any

import numpy as np
import pytest
from pytorch_lightning import Callback
from recording import Recorded

from ganaug.core.plugins import available, describe, find
from ganaug.data.images import LabelledImages
from ganaug.gan.callbacks import History
from ganaug.gan.diffaugment import AUGMENTATIONS
from ganaug.gan.ema import EMA
from ganaug.gan.fit import fit
from ganaug.gan.module import LitGAN
from ganaug.gan.networks.stylegan2 import StyleGan2
from ganaug.gan.settings import TrainGan

WAITS = {"_local_scalar_dense", "nonzero", "lift_fresh"}
"""Operations for which a GPU's queue must run empty: reading a number, a shape that depends on values, and
`torch.tensor` or `torch.from_numpy`, whose memory is then copied to the device."""

NETWORKS = available("gan.networks")


class RecordStep(Callback):
    """Records the operations of one step, with those of the callbacks before this one."""

    def __init__(self, step: int) -> None:
        self.step, self.operations = step, Recorded()

    def on_train_batch_start(self, trainer, module, batch, index):
        if index == self.step:
            self.operations.__enter__()

    def on_train_batch_end(self, trainer, module, outputs, batch, index):
        if index == self.step:
            self.operations.__exit__(None, None, None)


def operations(network: Any, side: int, **changes: Any) -> list[str]:
    """Return the operations of the third of four steps, averages and history included."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (12, 3, side, side), dtype=np.uint8)
    train = LabelledImages(images, np.arange(12, dtype=np.int64) % 2, ("a", "b"))
    settings = TrainGan(network=describe(network), steps=4, batch_size=4, log_every=100, **changes)
    gan = LitGAN(settings, train, 0)
    averages = [EMA(gan, name, 4, 100) for name in ("generator", "discriminator")]
    recorder = RecordStep(2)
    fit(gan, [*averages, History(settings.log_every, settings.batch_size), recorder], settings, None)
    return recorder.operations.names


@pytest.mark.parametrize("name", NETWORKS)
def test_no_step_waits_for_the_device(name):
    network = find("gan.networks", name).small()
    objective = {"name": "hinge", "lecam": 0.1} | ({} if network.normalises_batches else {"r1": 1.0})
    names = operations(
        network, 8, objective=objective, diffaugment=tuple(AUGMENTATIONS), ada_target=0.6, discriminator_steps=2
    )
    assert len(names) > 100
    assert not WAITS & set(names)


def test_a_step_of_narrower_widths_and_smaller_images_does_not_wait_either():
    network = StyleGan2(z_dim=5, channels=4, widths=(0.25, 0.5), halvings=1)
    assert not WAITS & set(operations(network, 8, objective={"name": "hinge"}))


# with torch 2.15, at 32×32, affine DiffAugment, no class loss
LIMITS = {
    "mlp": ({"name": "wasserstein_gp"}, 614),
    "dcgan": ({"name": "non_saturating"}, 418),
    "resnet": ({"name": "hinge"}, 1940),
    "stylegan2": ({"name": "non_saturating", "r1": 1.0, "penalty_every": 1}, 2361),
    "r3gan": ({"name": "relativistic", "r1": 1.0, "r2": 1.0}, 1916),
}
"""Operations per step, by network: those that reach the device's kernels, each a launch on a GPU."""


@pytest.mark.parametrize("name", LIMITS)
def test_a_step_takes_no_more_operations_than_it_did(name):
    objective, limit = LIMITS[name]
    found = len(operations(find("gan.networks", name).small(), 32, objective=objective, diffaugment=("affine",)))
    assert found <= 1.05 * limit  # other versions of PyTorch may differ a little
    assert found >= 0.8 * limit, f"lower the limit to {found}: it no longer guards anything"
