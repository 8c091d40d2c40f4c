"""LitGAN: sample, two updates, optimisers. Nothing else."""

from __future__ import annotations

from functools import partial

import torch
from pytorch_lightning import LightningModule
from pytorch_lightning.core.optimizer import LightningOptimizer
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor

from ganaug.batches import ImageBatches
from ganaug.diffaugment import diffaugment
from ganaug.images import LabelledImages
from ganaug.networks import Shape
from ganaug.objectives import Critic
from ganaug.sections.train_gan import TrainGan
from ganaug.seeding import derive, torch_generator


class LitGAN(LightningModule):
    """A class-conditional GAN under manual optimisation.

    All randomness of a step derives from the seed and the step's number: a run that is resumed from a checkpoint goes
    on bit by bit as if it had never stopped. Fake images have the labels of the real ones beside them, so that both
    come from the same distribution of classes.
    """

    def __init__(self, settings: TrainGan, train: LabelledImages, seed: int) -> None:
        """Build the networks for the images of `train`, with weights drawn from torch's global generator."""
        super().__init__()
        self.automatic_optimization = False
        self.settings, self.train_images, self.seed = settings, train, seed
        shape, classes = Shape(*train.shape), len(train.classes)
        layout = torch.channels_last
        self.generator = settings.network.generator(shape, classes).to(memory_format=layout)
        self.discriminator = settings.network.discriminator(shape, classes).to(memory_format=layout)

    def on_fit_start(self) -> None:
        """Copy the training images to the device: a small set is never worth a loader's work."""
        size = self.settings.batch_size
        self.batches = ImageBatches(self.train_images, size, derive(self.seed, "batches"), self.device)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Return one Adam for each network."""
        s = self.settings
        adam = partial(torch.optim.Adam, betas=s.betas, fused=True)
        return [
            adam(self.discriminator.parameters(), lr=s.discriminator_learning_rate),
            adam(self.generator.parameters(), lr=s.learning_rate),
        ], []

    def training_step(self, _: object, step: int) -> dict[str, Tensor]:
        """Do the discriminator's updates, then the generator's; return their terms, without gradient."""
        discriminator_optimizer, generator_optimizer = self.optimizers()  # type: ignore[attr-defined]
        torch.manual_seed(derive(self.seed, f"global/{step}"))  # for layers that draw by themselves, such as dropout
        randomness = torch_generator(self.seed, f"step/{step}", self.device)
        updates = self.settings.discriminator_steps

        for update in range(updates):
            real, labels = self.batches[step * updates + update]
            real = real.contiguous(memory_format=torch.channels_last)
            with torch.no_grad():
                fake = self.sample(labels, randomness)
            critic = self.critic(labels, randomness)
            terms = self.settings.objective.discriminator_terms(critic, real, fake)
            self._update(discriminator_optimizer, terms)

        self.discriminator.requires_grad_(False)
        fake = self.sample(labels, randomness)
        generator_terms = self.settings.objective.generator_terms(self.critic(labels, randomness), real, fake)
        self._update(generator_optimizer, generator_terms)
        self.discriminator.requires_grad_(True)

        named = {f"d_{name}": term for name, term in terms.items()}
        named |= {f"g_{name}": term for name, term in generator_terms.items()}
        return {name: term.detach() for name, term in named.items()}

    def sample(self, labels: Tensor, randomness: torch.Generator) -> Tensor:
        """Return one fake image (N, C, H, W) for each of `labels` (N,)."""
        z = torch.randn(len(labels), self.settings.network.z_dim, generator=randomness, device=self.device)
        images: Tensor = self.generator(z, labels)
        return images

    def critic(self, labels: Tensor, randomness: torch.Generator) -> Critic:
        """Return the discriminator as a function of images alone, each augmented and judged by its label."""
        return lambda images: self.discriminator(diffaugment(images, self.settings.diffaugment, randomness), labels)

    def _update(self, optimizer: LightningOptimizer, terms: dict[str, Tensor]) -> None:
        optimizer.zero_grad()
        self.manual_backward(torch.stack(list(terms.values())).sum())
        optimizer.step()
