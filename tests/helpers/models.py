"""Untrained networks instead of a project's trained networks, for tests of models in MLflow."""

import numpy as np
import torch

from ganaug.classifier.architectures.small_cnn import SmallCNN
from ganaug.classifier.store import save_classifier
from ganaug.core.paths import Paths
from ganaug.core.weights import ModelSpec
from ganaug.gan.networks import Shape
from ganaug.gan.networks.resnet import ResNet
from ganaug.gan.sampling import sample
from ganaug.gan.store import load_generator, save_generator

CLASSES = ("a", "b")


def untrained_models(paths: Paths) -> None:
    """Write a generator, and a classifier for each arm."""
    torch.manual_seed(0)
    network, plugin = ResNet(z_dim=4, channels=2), SmallCNN(channels=4)
    save_generator(paths.gan(0), network.generator(Shape(1, 8, 8), 2), ModelSpec(network, (1, 8, 8), CLASSES))
    for arm in ("real", "gan"):
        save_classifier(paths.arm(arm, 0), plugin.build((1, 8, 8), 2), ModelSpec(plugin, (1, 8, 8), CLASSES))


def generated(paths: Paths, labels: list[int], seeds: list[int]) -> np.ndarray:
    """Return the images (N, H, W, C) that the generator makes without MLflow."""
    generator, _ = load_generator(paths.gan(0))
    return np.concatenate(list(sample(generator, np.array(labels), np.array(seeds)))).transpose(0, 2, 3, 1)
