"""LitGAN: the training step of both networks, and their optimisers."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple, cast

import torch
from pydantic import TypeAdapter
from pytorch_lightning import LightningModule
from pytorch_lightning.core.optimizer import LightningOptimizer
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor

from ganaug.core.seeding import derive, torch_generator
from ganaug.core.weights import frozen
from ganaug.data.images import LabelledImages
from ganaug.gan.ada import AdaptiveProbability
from ganaug.gan.batch import Batch, Division
from ganaug.gan.class_loss import class_loss, together
from ganaug.gan.conditioning import conditions
from ganaug.gan.diffaugment import diffaugment
from ganaug.gan.draws import per_image
from ganaug.gan.fake_history import FakeHistory
from ganaug.gan.networks import Shape, Source
from ganaug.gan.objectives import Critic, Critique, Critiques
from ganaug.gan.penalties import Penalties
from ganaug.gan.real_batches import TrainingImages
from ganaug.gan.settings import TrainGan


class Fakes(NamedTuple):
    """Fake images (N, C, H, W), with the generator's other inputs."""

    z: Tensor
    condition: Tensor
    images: Tensor


class StepContext(NamedTuple):
    """Values that are constant during a step."""

    randomness: torch.Generator
    """In the same state on all devices, for draws with `per_image`."""
    class_strength: float
    """Strength of class conditioning, 0 to 1."""
    penalty_factor: float
    """Multiplies every penalty."""


class LitGAN(LightningModule):
    """A class-conditional GAN under manual optimisation.

    All randomness of a step derives from the seed and the step's number, so a run that resumes from a checkpoint
    continues bit for bit as if it had never stopped. Fake images have the labels of the real images in the same batch,
    so both come from the same class distribution; if a real image is unlabelled, the discriminator sees neither it nor
    its fake counterpart with a label.
    """

    def __init__(
        self,
        settings: TrainGan,
        train: LabelledImages,
        seed: int,
        extra: LabelledImages | None = None,
        other_domain: LabelledImages | None = None,
    ) -> None:
        """Build the networks for the images of `train`, with weights from torch's global generator.

        extra: unlabelled or pseudo-labelled images. other_domain: images of further classes, all labelled. Each makes
        up a fixed share of each batch.
        """
        super().__init__()
        self.automatic_optimization = False
        self.settings, self.seed, self.images = settings, seed, TrainingImages(train, extra, other_domain)
        self.save_hyperparameters(TypeAdapter(TrainGan).dump_python(settings, mode="json"))
        labelled, unlabelled = self.images.labelled_per_batch(settings), extra is not None and (extra.labels < 0).all()
        self.division = Division(
            settings.network,
            labelled,
            class_only=labelled if unlabelled and settings.network.has_class_head else 0,
            other_domain=other_domain is not None,
        )
        self.rank, self.devices = 0, 1
        shape, self.classes = Shape(*train.shape), len((other_domain or train).classes)
        self.condition_size = self.classes + len(train.attribute_names)
        layout = torch.channels_last
        self.generator = settings.network.generator(shape, self.condition_size).to(memory_format=layout)
        self.discriminator = settings.network.discriminator(shape, self.condition_size).to(memory_format=layout)
        settings.network.load_pretrained(self.discriminator)
        self.penalties = Penalties(settings.objective)
        history = settings.network.history
        self.history = FakeHistory(history, shape, self.classes) if history else None
        target = settings.ada_target
        self.ada = AdaptiveProbability(target, settings.ada_images) if target is not None else None

    def on_fit_start(self) -> None:
        """Copy the training images to the device."""
        self.rank, self.devices = self.global_rank, self.trainer.world_size
        translates = self.generator.translates
        self.batches = self.images.batches(self.settings, self.seed, self.device, translates=translates)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Return Adam for the discriminator and for the generator."""
        s = self.settings
        adam = partial(torch.optim.Adam, betas=s.betas, fused=True)
        return [
            adam(self.discriminator.parameters(), lr=s.discriminator_learning_rate),
            adam(self.generator.parameters(), lr=s.learning_rate),
        ], []

    def training_step(self, _: object, step: int) -> dict[str, Tensor]:
        """Update the discriminator, then the generator; return the last loss terms of each, detached."""
        discriminator_optimizer, generator_optimizer = self.optimizers()  # type: ignore[attr-defined]
        context = self.begin_step(step)
        updates = self.settings.discriminator_steps
        reported: dict[str, Tensor] = {}
        for update in range(step * updates, (step + 1) * updates):
            batch = self.batch(update)
            terms = self.discriminator_terms(batch, update, context)
            reported |= {f"d_{name}": term for name, term in self._update(discriminator_optimizer, terms).items()}
        with frozen(self.discriminator):
            terms = self.generator_terms(batch, context)
            reported |= {f"g_{name}": term for name, term in self._update(generator_optimizer, terms).items()}
        return reported

    def begin_step(self, step: int) -> StepContext:
        """Seed all randomness of `step`, and apply the schedules."""
        torch.manual_seed(derive(self.seed, f"global/{step}"))  # for layers that draw random numbers themselves
        randomness = torch_generator(self.seed, f"step/{step}", self.device)
        return StepContext(randomness, self.class_strength(step), self.apply_schedule(step))

    def batch(self, update: int) -> Batch:
        """Return this device's share of the images of one discriminator update."""
        return self.division.share(self.batches[update], self.rank, self.devices)

    def discriminator_terms(self, batch: Batch, update: int, context: StepContext) -> dict[str, Tensor]:
        """Return the terms of the discriminator's loss, and update adaptive augmentation."""
        objective, weights, strength = self.settings.objective, self.settings.class_weights, context.class_strength
        uniform = partial(per_image, torch.rand, generator=context.randomness, device=self.device)
        with torch.no_grad():
            fake = self.sample(batch, context).images
        if self.history is not None:
            fake = self._remembered(self.history, fake, batch.fake_labels, context)
        needs_input_gradients = objective.needs_input_gradients(update)
        critiques = Critiques(
            self.critic(self.condition(batch.labels, context, batch.attributes), context.randomness),
            batch.real.detach().requires_grad_(needs_input_gradients),
            fake.requires_grad_(needs_input_gradients),
            None if self.history is not None else batch.sources,
        )
        penalties = self.penalties(critiques, update, uniform)
        terms = self._with_mismatched(objective.discriminator_terms(critiques), critiques, batch, context)
        terms |= {name: context.penalty_factor * term for name, term in penalties.items()}
        if self.division.class_only:
            critic = self.critic(conditions(batch.class_labels, self.condition_size), context.randomness)
            critique, labels = critic(batch.class_images), batch.class_labels
            if self.images.other_domain is not None:  # the class-only images have none of its classes
                critique, labels = together(critique, critiques.real), torch.cat([labels, batch.labels])
        else:
            critique, labels = critiques.real, batch.labels
        terms |= self._class_loss("real_class", critique, labels, weights.real, strength)
        terms |= self._class_loss("fake_class", critiques.fake, batch.fake_labels, weights.fake, strength)
        if self.ada is not None:
            realness = critiques.real.realness.detach()
            self.ada.update(realness if self.devices == 1 else torch.cat(list(self.all_gather(realness))), update)
        return terms

    def _with_mismatched(
        self, terms: dict[str, Tensor], critiques: Critiques, batch: Batch, context: StepContext
    ) -> dict[str, Tensor]:
        """Return `terms` with those of mismatched pairs: real images with another image's condition count as fake.

        Reed et al., Generative adversarial text to image synthesis, 2016, section 4.2.
        """
        if batch.other_labels is None:
            return terms
        network = self.settings.network
        own = self.condition(batch.fake_labels, context, batch.attributes)
        other = self.condition(batch.other_labels, context, batch.other_attributes)
        share = network.mismatched * (other != own).any()  # an image's own condition is not wrong
        wrong = self.critic(other, context.randomness)(batch.real)
        pair = Critiques.of(network.conditional(critiques.real), network.conditional(wrong), batch.real)
        added = self.settings.objective.discriminator_terms(pair)
        return {name: (1 - share) * term for name, term in terms.items()} | {
            f"mismatched_{name}": share * term for name, term in added.items()
        }

    def generator_terms(self, batch: Batch, context: StepContext) -> dict[str, Tensor]:
        """Return the terms of the generator's loss, for the real images of the last discriminator update."""
        critic = self.critic(self.condition(batch.labels, context, batch.attributes), context.randomness)
        fakes = self.sample(batch, context)
        critiques = Critiques(critic, batch.real, fakes.images, batch.sources)
        weight = self.settings.class_weights.generator
        objective = self.settings.objective
        terms = objective.generator_terms(critiques) | objective.feature_terms(critiques)
        terms |= self._class_loss("class", critiques.fake, batch.fake_labels, weight, context.class_strength)
        source = None
        if batch.sources is not None and batch.source_labels is not None:
            source = Source(batch.sources, self.condition(batch.source_labels, context))
        own = self.generator.own_terms(fakes.z, fakes.condition, source, fakes.images)
        if own.keys() & terms.keys():
            raise ValueError(f"the generator's own terms {list(own)} must not share names with {list(terms)}")
        return terms | own

    def condition(self, labels: Tensor, context: StepContext, attributes: Tensor | None = None) -> Tensor:
        """Return the condition (N, condition_size) for `labels` (N,), at this step's strength.

        attributes: (N, D); None: all 0.
        """
        return conditions(labels, self.condition_size, context.class_strength, attributes)

    def apply_schedule(self, step: int) -> float:
        """Set both optimisers' hyper-parameters for `step`, and return the factor for the penalties."""
        s, schedule = self.settings, self.settings.schedule
        interpolate = partial(_interpolate, share=schedule.progress(step))
        first, second = s.betas
        betas = first, interpolate(second, second if schedule.second_beta is None else schedule.second_beta)
        rates = s.discriminator_learning_rate, s.learning_rate
        for optimizer, rate in zip(self.optimizers(), rates, strict=True):
            for group in optimizer.param_groups:
                group.update(lr=rate * interpolate(1.0, schedule.learning_rates), betas=betas)
        return interpolate(1.0, schedule.penalties)

    def class_strength(self, step: int) -> float:
        """Return the strength of class conditioning, 0 to 1: Shahbazi et al., 2022, section 4."""
        start, end = self.settings.transition_start, self.settings.transition_end
        return min(1.0, max(0.0, (step - start) / (end - start))) if end > start else float(step >= start)

    def sample(self, batch: Batch, context: StepContext) -> Fakes:
        """Return one fake image for each of `batch.fake_labels`."""
        size = len(batch.fake_labels), self.settings.network.z_dim
        z = per_image(torch.randn, *size, generator=context.randomness, device=self.device)
        condition = self.condition(batch.fake_labels, context, batch.attributes)
        return Fakes(z, condition, self.generator(z, condition, batch.sources))

    def critic(self, condition: Tensor, randomness: torch.Generator) -> Critic:
        """Return the discriminator as a function of images only: it augments them and adds the condition."""
        augmentations, probability = self.settings.diffaugment, None if self.ada is None else self.ada.probability
        channels = self.images.train.shape[0]
        return lambda images: self.discriminator(
            diffaugment(images, augmentations, randomness, probability, channels), condition
        )

    def _remembered(self, history: FakeHistory, fakes: Tensor, labels: Tensor, context: StepContext) -> Tensor:
        """Return the images that the discriminator sees instead of this device's `fakes`.

        All devices keep the same history.
        """
        if self.devices > 1:  # of n devices, each has every n-th image
            gathered = (cast(Tensor, self.all_gather(part)) for part in (fakes, labels))
            fakes, labels = (part.transpose(0, 1).flatten(0, 1) for part in gathered)
        uniform = partial(torch.rand, generator=context.randomness, device=self.device)
        seen: Tensor = history(fakes, labels, uniform)
        return seen[self.rank :: self.devices]

    def _class_loss(
        self, name: str, critique: Critique, labels: Tensor, weight: float, strength: float
    ) -> dict[str, Tensor]:
        """Return `class_loss`, averaged over the labelled images on all devices."""
        labelled = None
        if self.devices > 1 and critique.class_logits is not None:
            labelled = self.trainer.strategy.reduce((labels >= 0).sum().float(), reduce_op="mean")
            labelled = labelled.clamp(min=1 / self.devices)
        return class_loss(name, critique, labels, weight, strength, labelled)

    def _update(self, optimizer: LightningOptimizer, terms: dict[str, Tensor]) -> dict[str, Tensor]:
        """Take one optimiser step on the sum of `terms`, and return them detached."""
        optimizer.zero_grad()
        self.manual_backward(torch.stack(list(terms.values())).sum())
        optimizer.step()
        if self.devices > 1:
            self._average_buffers()
        return {name: term.detach() for name, term in terms.items()}

    @torch.no_grad()
    def _average_buffers(self) -> None:
        """Average running statistics and LeCam's anchors over all devices, so that all have the same state."""
        buffers = [buffer for buffer in self.buffers() if buffer.is_floating_point()]
        if buffers:
            flat = torch.cat([buffer.flatten() for buffer in buffers])
            means = self.trainer.strategy.reduce(flat, reduce_op="mean").split([buffer.numel() for buffer in buffers])
            for buffer, mean in zip(buffers, means, strict=True):
                buffer.copy_(mean.view_as(buffer))


def _interpolate(start: float, end: float, share: float) -> float:
    return start + share * (end - start)
