"""An untrained GAN and images for it, for tests of the code that uses a trained one."""

import json
from pathlib import Path

import numpy as np
import torch
from quick_ensemble import quick_ensemble

from ganaug.core.weights import ModelSpec
from ganaug.data.images import LabelledImages
from ganaug.gan.networks import Shape
from ganaug.gan.networks.resnet import ResNet
from ganaug.gan.store import save_discriminator, save_generator
from ganaug.synthesis.generate import Inputs

CLASSES = ("a", "b", "c")


def real(count: int, seed: int) -> LabelledImages:
    """Return images of three classes, each bright in its own channel."""
    labels = np.arange(count, dtype=np.int64) % 3
    images = np.random.default_rng(seed).integers(0, 120, (count, 3, 9, 8), dtype=np.uint8)
    images[np.arange(count), labels] += 120
    return LabelledImages(images, labels, CLASSES, {"name": "made_up", "checksum": "abc"})


def untrained_gan(folder: Path) -> Inputs:
    """Write a GAN with a record of training to `folder`, and return it with an ensemble and real images."""
    torch.manual_seed(0)
    network = ResNet(z_dim=4, channels=2)
    save_generator(folder, network.generator(Shape(3, 9, 8), 3), ModelSpec(network, (3, 9, 8), CLASSES))
    save_discriminator(folder, network.discriminator(Shape(3, 9, 8), 3))
    settings = {
        "network": {"name": "resnet", "z_dim": 4, "attention": None},
        "objective": {"name": "hinge", "r1": 0.5},
        "steps": 1234,
        "batch_size": 16,
        "keep": "best",
        "unlabelled": "ignore",
    }
    training = {"settings": settings, "seed": 77, "ganaug": "9.8.7"}
    (folder / "training.json").write_text(json.dumps(training))
    finding = {"name": "generator copies", "seen": "it copies", "remedy": "fewer steps"}
    (folder / "health.json").write_text(json.dumps({"findings": [finding], "step_used": 617}))
    train, val = real(24, 0), real(30, 1)
    return Inputs(folder, quick_ensemble(train, val, steps=30), train, val)
