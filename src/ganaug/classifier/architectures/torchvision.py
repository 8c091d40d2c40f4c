"""Any classification network of torchvision, pretrained or not."""

import inspect
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar, Self, get_type_hints

from torch import nn

from ganaug.classifier.fine_tuning import FineTuned, Headless
from ganaug.classifier.library_networks import Expected
from ganaug.core.config import settings
from ganaug.core.errors import InputError, unknown
from ganaug.core.weight_files import NONE, OWN, Weights

CLASSES = 997
"""Number of outputs that networks are built with, only to find their head: a prime number that no other layer has."""
CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
"""Modules that only hold others."""


@settings
class Torchvision(FineTuned):
    """A torchvision network with a new linear head, in place of its last layer. Auxiliary heads are left out.

    Groups of layers are its blocks, such as the residual blocks of a ResNet; layers outside of blocks are groups too,
    each with the normalisation that follows it.
    """

    library: ClassVar[str] = "torchvision"
    model: str
    """Name of the network in torchvision, such as `resnet18`; `torchvision.models.list_models(torchvision.models)`
    lists them. The metadata of its `DEFAULT` weights in torchvision say which images it expects."""
    weights: Weights = NONE
    """Initial weights: `none`, random weights; a file (safetensors, or a PyTorch state dict, like torchvision's own);
    `pip:<package>/<file>`, a file of an installed package; or `hub:<owner>/<repository>@<revision>`, safetensors of the
    Hugging Face hub that have torchvision's names. Only the last may download."""

    @classmethod
    def small(cls) -> Self:
        return cls(model="shufflenet_v2_x0_5", input_size=32, backbone_learning_rate=1.0)

    def weight_source(self) -> str:
        if self.weights == OWN:
            raise InputError(
                f"weights: torchvision's weights are not on the Hugging Face hub; download {_metadata(self.model).url} "
                f"and give the file, or use timm, which has networks trained by torchvision, such as resnet18.tv_in1k"
            )
        return self.weights

    def headless(self) -> Headless:
        preset = _metadata(self.model).transforms()
        side = self.input_size or preset.crop_size[0]
        network = _build(self.model, side)
        return Headless(network, _behead(network), Expected.of((side, side), preset.mean, preset.std))

    def groups(self, network: Any) -> list[list[str]]:
        groups: list[list[str]] = []
        for prefix, block in _blocks(network, Counter(map(type, network.modules()))):
            parameters = {f"{prefix}.{name}": value for name, value in block.named_parameters()}
            if groups and all(value.ndim < 2 for value in parameters.values()):  # a normalisation, or nothing
                groups[-1] += parameters
            elif parameters:
                groups.append(list(parameters))
        return groups


def _metadata(model: str) -> Any:
    """Return torchvision's metadata of a network's weights. Raises InputError if it has no such network."""
    from torchvision import models

    names = models.list_models(module=models)
    if model not in names:
        raise InputError(f"model: {unknown('network of torchvision', model, names)}")
    return models.get_model_weights(model).DEFAULT


def _build(model: str, side: int) -> Any:
    """Return a network with random weights for images of side×side pixels, without auxiliary heads.

    Raises InputError if the network does not take such images.
    """
    from torchvision import models

    builder = models.get_model_builder(model)
    accepted = inspect.signature(get_type_hints(builder)["return"]).parameters
    # transform_input: such weights need another normalisation than their metadata say, and convert images themselves.
    # init_weights: without it, some networks warn that their initialisation will change.
    wanted: dict[str, Any] = {"aux_logits": False, "transform_input": True, "init_weights": True}
    wanted |= {"image_size": side, "input_size": (side, side)}
    try:
        return builder(num_classes=CLASSES, **{name: value for name, value in wanted.items() if name in accepted})
    except (AssertionError, ValueError) as error:
        raise InputError(
            f"input_size: {model} cannot take {side}×{side} pixels ({error}); set input_size to null, or to another "
            f"number"
        ) from None


def _behead(network: nn.Module) -> int:
    """Remove the layer with as many outputs as there are classes, and return its number of inputs.

    SqueezeNet's head is a convolution whose outputs are averaged; averaging its inputs gives the features.
    """
    ((name, head),) = (
        (name, layer)
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d) and _sizes(layer)[1] == CLASSES
    )
    network.set_submodule(name, nn.Identity())
    return _sizes(head)[0]


def _sizes(layer: nn.Linear | nn.Conv2d) -> tuple[int, int]:
    """Return the numbers of inputs and outputs."""
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    return layer.in_channels, layer.out_channels


def _blocks(module: nn.Module, times: Counter[type[nn.Module]], prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Yield the name and module of each block, from the input on.

    Containers are unfolded, and so are modules that occur once and hold containers, such as a transformer's encoder.
    times: how often each class of modules occurs in the network.
    """
    for name, child in module.named_children():
        holds_blocks = any(type(inner) in CONTAINERS for inner in child.children())
        if type(child) in CONTAINERS or (times[type(child)] == 1 and holds_blocks):
            yield from _blocks(child, times, f"{prefix}{name}.")
        else:
            yield prefix + name, child
