"""When checkpoints are saved, in real training runs."""

import pytest
import torch
from pytorch_lightning import Trainer
from pytorch_lightning.plugins.precision import MixedPrecision
from tiny_gan import tiny_gan

from ganaug.gan.checkpoint import Checkpoint
from ganaug.gan.fit import Steps, fit


class Spy(Checkpoint):
    """Records the GAN steps after which it saves."""

    def on_save_checkpoint(self, trainer, pl_module, checkpoint):
        super().on_save_checkpoint(trainer, pl_module, checkpoint)
        self.saved = [*getattr(self, "saved", []), trainer.fit_loop.epoch_loop.batch_progress.current.ready]


@pytest.mark.parametrize("discriminator_steps", [1, 3])
@pytest.mark.parametrize("every", [1, 3, 7, 8])
def test_a_checkpoint_comes_every_few_gan_steps_in_one_file(two_colours, tmp_path, discriminator_steps, every):
    module = tiny_gan(two_colours, discriminator_steps=discriminator_steps)
    checkpoint = Spy(tmp_path, every, discriminator_steps, "digest")
    fit(module, [checkpoint], module.settings, None)
    assert getattr(checkpoint, "saved", []) == list(range(every, 8, every))
    assert [file.name for file in tmp_path.iterdir()] == ["last.ckpt"] * (every <= 7)


def test_updates_that_a_gradient_scaler_skips_do_not_delay_checkpoints(two_colours, tmp_path):
    module = tiny_gan(two_colours)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    checkpoint = Spy(tmp_path, 3, 1, "digest")
    scaler = torch.amp.GradScaler("cpu", init_scale=1e38)  # each overflow halves it: no update in 7 steps
    plugin = MixedPrecision("16-mixed", "cpu", scaler)
    Trainer(
        accelerator="cpu",
        max_epochs=1,
        plugins=[plugin],
        callbacks=[checkpoint],
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    ).fit(module, Steps(7))
    assert scaler.get_scale() < 1e38
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items() if "weight" in name)
    assert checkpoint.saved == [3, 6]


def test_weights_that_are_not_finite_are_not_saved(two_colours, tmp_path):
    module = tiny_gan(two_colours)
    with torch.no_grad():
        next(module.generator.parameters()).fill_(float("nan"))
    fit(module, [Checkpoint(tmp_path, 1, 1, "digest")], module.settings, None)
    assert not list(tmp_path.iterdir())
