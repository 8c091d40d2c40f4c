"""LitGAN: sample, two updates, optimisers. Nothing else."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import torch
from pytorch_lightning import LightningModule
from pytorch_lightning.core.optimizer import LightningOptimizer
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.nn.functional import cross_entropy

from ganaug.core.seeding import derive, torch_generator
from ganaug.data.batches import Batches, MixedBatches, Part, index_batches
from ganaug.data.images import UNLABELLED, LabelledImages, to_float
from ganaug.gan.ada import AdaptiveProbability
from ganaug.gan.conditioning import conditions
from ganaug.gan.diffaugment import diffaugment
from ganaug.gan.networks import Shape
from ganaug.gan.objectives import Critic, Critique, Critiques
from ganaug.gan.penalties import Penalties
from ganaug.gan.settings import TrainGan


class Batch(NamedTuple):
    """The images of one update: floats (N, C, H, W) in [-1, 1], channels last; labels (N,), < 0: of no known class."""

    real: Tensor
    labels: Tensor
    wanted: Tensor
    """(N,): the classes of the fake images beside the real ones; none is missing."""
    taught: Tensor
    """(M, C, H, W): images that are not critiques, but teach classes; M may be 0."""
    taught_labels: Tensor


class StepContext(NamedTuple):
    """What holds during one step."""

    randomness: torch.Generator
    strength: float
    """How much classes count, 0 to 1."""
    penalised: float
    """What penalties are multiplied by."""


class LitGAN(LightningModule):
    """A class-conditional GAN under manual optimisation.

    All randomness of a step derives from the seed and the step's number: a run that is resumed from a checkpoint goes
    on bit by bit as if it had never stopped. Fake images have the classes of the real ones beside them, so that both
    come from the same distribution of classes; beside a real image without a label, both are judged without one.
    """

    def __init__(
        self, settings: TrainGan, train: LabelledImages, seed: int, more: LabelledImages | None = None
    ) -> None:
        """Build the networks for the images of `train`, with weights drawn from torch's global generator.

        more: images with pseudo-labels or none, from which a share of each batch is taken.
        """
        super().__init__()
        self.automatic_optimization = False
        self.settings, self.train_images, self.more_images, self.seed = settings, train, more, seed
        rest = round(settings.unlabelled_share * settings.batch_size)
        self.labelled = settings.batch_size - (0 if more is None else min(max(rest, 1), settings.batch_size - 1))
        """How many images of a batch, the first ones, are from `train`."""
        apart = more is not None and (more.labels < 0).all() and settings.network.has_class_head
        self.taught = self.labelled if apart else 0
        """How many images of a batch only teach classes. Where images without labels are judged as labelled ones are,
        a few labelled ones that come again and again would be memorised as what is real."""
        shape, self.classes = Shape(*train.shape), len(train.classes)
        layout = torch.channels_last
        self.generator = settings.network.generator(shape, self.classes).to(memory_format=layout)
        self.discriminator = settings.network.discriminator(shape, self.classes).to(memory_format=layout)
        self.penalties = Penalties(settings.objective)
        target = settings.ada_target
        self.ada = AdaptiveProbability(target, settings.ada_images) if target is not None else None

    def on_fit_start(self) -> None:
        """Copy the training images to the device: a small set is never worth a loader's work."""
        balanced, seed = self.settings.balanced, derive(self.seed, "batches")
        labelled = index_batches(self.train_images, self.labelled, seed, balanced=balanced)
        parts = [Part.on_device(self.train_images, labelled, self.labelled, self.device)]
        if self.more_images is not None:
            rest = self.settings.batch_size - self.labelled
            more = Batches(len(self.more_images), rest, derive(self.seed, "more"))
            parts.append(Part.on_device(self.more_images, more, rest, self.device))
        self.batches = MixedBatches(*parts)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Return one Adam for each network."""
        s = self.settings
        adam = partial(torch.optim.Adam, betas=s.betas, fused=True)
        return [
            adam(self.discriminator.parameters(), lr=s.discriminator_learning_rate),
            adam(self.generator.parameters(), lr=s.learning_rate),
        ], []

    def training_step(self, _: object, step: int) -> dict[str, Tensor]:
        """Do the discriminator's updates, then the generator's; return each's last terms, without gradient."""
        discriminator_optimizer, generator_optimizer = self.optimizers()  # type: ignore[attr-defined]
        torch.manual_seed(derive(self.seed, f"global/{step}"))  # for layers that draw by themselves, such as dropout
        now = StepContext(
            torch_generator(self.seed, f"step/{step}", self.device), self.class_strength(step), self.advance(step)
        )
        updates = self.settings.discriminator_steps
        reported: dict[str, Tensor] = {}
        for turn in range(step * updates, (step + 1) * updates):
            batch = self.batch(turn)
            terms = self.discriminator_terms(batch, turn, now)
            reported |= {f"d_{name}": term for name, term in self._update(discriminator_optimizer, terms).items()}
        self.discriminator.requires_grad_(False)
        terms = self.generator_terms(batch, now)
        reported |= {f"g_{name}": term for name, term in self._update(generator_optimizer, terms).items()}
        self.discriminator.requires_grad_(True)
        return reported

    def batch(self, turn: int) -> Batch:
        """Return the images of one update of the discriminator."""
        images, labels = self.batches[turn]
        images, wanted = to_float(images).contiguous(memory_format=torch.channels_last), self.known(labels)
        rest = slice(self.taught, None)
        return Batch(images[rest], labels[rest], wanted[rest], images[: self.taught], labels[: self.taught])

    def discriminator_terms(self, batch: Batch, turn: int, now: StepContext) -> dict[str, Tensor]:
        """Return what the discriminator minimises the sum of; adaptive augmentation learns how it critiques."""
        objective, weights = self.settings.objective, self.settings.class_weights
        with torch.no_grad():
            fake = self.sample(self.condition(batch.wanted, now), now.randomness)
        needs_input_gradients = objective.needs_input_gradients(turn)
        critiques = Critiques(
            self.critic(self.condition(batch.labels, now), now.randomness),
            batch.real.detach().requires_grad_(needs_input_gradients),
            fake.requires_grad_(needs_input_gradients),
        )
        uniform = partial(torch.rand, generator=now.randomness, device=self.device)
        penalties = {name: now.penalised * term for name, term in self.penalties(critiques, turn, uniform).items()}
        terms = objective.discriminator_terms(critiques) | penalties
        if self.taught:
            critic = self.critic(conditions(batch.taught_labels, self.classes), now.randomness)
            terms |= class_loss("real_class", critic(batch.taught), batch.taught_labels, weights.real, now.strength)
        else:
            terms |= class_loss("real_class", critiques.real, batch.labels, weights.real, now.strength)
        terms |= class_loss("fake_class", critiques.fake, batch.wanted, weights.fake, now.strength)
        if self.ada is not None:
            self.ada.update(critiques.real.realness)
        return terms

    def generator_terms(self, batch: Batch, now: StepContext) -> dict[str, Tensor]:
        """Return what the generator minimises the sum of, beside the real images of the discriminator's last update."""
        critic = self.critic(self.condition(batch.labels, now), now.randomness)
        critiques = Critiques(critic, batch.real, self.sample(self.condition(batch.wanted, now), now.randomness))
        weight = self.settings.class_weights.generator
        return self.settings.objective.generator_terms(critiques) | class_loss(
            "class", critiques.fake, batch.wanted, weight, now.strength
        )

    def condition(self, labels: Tensor, now: StepContext) -> Tensor:
        """Return a row (N, K) for each of `labels` (N,), as far as classes count by now."""
        return conditions(labels, self.classes, now.strength)

    def advance(self, step: int) -> float:
        """Set both optimisers as the schedule wants them at `step`, and return by what penalties are multiplied."""
        s, schedule = self.settings, self.settings.schedule
        towards_end = partial(_between, share=schedule.progress(step))
        first, second = s.betas
        betas = first, towards_end(second, second if schedule.second_beta is None else schedule.second_beta)
        rates = s.discriminator_learning_rate, s.learning_rate
        for optimizer, rate in zip(self.optimizers(), rates, strict=True):
            for group in optimizer.param_groups:
                group.update(lr=rate * towards_end(1.0, schedule.learning_rates), betas=betas)
        return towards_end(1.0, schedule.penalties)

    def known(self, labels: Tensor) -> Tensor:
        """Return `labels` (N,), those that are missing taken from the labelled images of the batch."""
        places = torch.arange(len(labels), device=labels.device) % self.labelled
        return torch.where(labels < 0, labels[places], labels)

    def class_strength(self, step: int) -> float:
        """Return how much classes count, 0 to 1: transitional conditioning (Shahbazi et al., 2022, section 4)."""
        start, end = self.settings.transition_start, self.settings.transition_end
        return min(1.0, max(0.0, (step - start) / (end - start))) if end > start else float(step >= start)

    def sample(self, condition: Tensor, randomness: torch.Generator) -> Tensor:
        """Return one fake image (N, C, H, W) for each row of `condition` (N, K)."""
        z = torch.randn(len(condition), self.settings.network.z_dim, generator=randomness, device=self.device)
        images: Tensor = self.generator(z, condition)
        return images

    def critic(self, condition: Tensor, randomness: torch.Generator) -> Critic:
        """Return the discriminator as a function of images alone, each augmented and judged with its class."""
        policies, probability = self.settings.diffaugment, None if self.ada is None else self.ada.probability
        return lambda images: self.discriminator(diffaugment(images, policies, randomness, probability), condition)

    def _update(self, optimizer: LightningOptimizer, terms: dict[str, Tensor]) -> dict[str, Tensor]:
        """Do one step down the sum of `terms`, and return them without gradient."""
        optimizer.zero_grad()
        self.manual_backward(torch.stack(list(terms.values())).sum())
        optimizer.step()
        return {name: term.detach() for name, term in terms.items()}


def _between(start: float, end: float, share: float) -> float:
    return start + share * (end - start)


def class_loss(name: str, critique: Critique, labels: Tensor, weight: float, strength: float) -> dict[str, Tensor]:
    """Return the cross-entropy of the classes that a discriminator tells, as a term; nothing if it tells none.

    labels: (N,); those < 0 have no part in it.
    """
    if critique.class_logits is None or not weight:
        return {}
    known = (labels >= 0).sum().clamp(min=1)
    loss = cross_entropy(critique.class_logits, labels, ignore_index=UNLABELLED, reduction="sum") / known
    return {name: strength * weight * loss}
