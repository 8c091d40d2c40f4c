"""Networks of timm, the library of PyTorch image models (Wightman, 2019), without their heads."""

from __future__ import annotations

from typing import Any, ClassVar

from ganaug.classifier.library_networks import Expected, FromLibrary
from ganaug.core.errors import InputError, unknown
from ganaug.core.hub import HUB
from ganaug.core.weight_files import OWN


class FromTimm(FromLibrary):
    """A plug-in whose network contains a timm network. `weights: hub` are the weights that timm names for it."""

    library: ClassVar[str] = "timm"

    def weight_source(self) -> str:
        return f"{HUB}{_on_the_hub(self.model).hf_hub_id}" if self.weights == OWN else self.weights

    def pretrained(self) -> dict[str, str]:
        facts = super().pretrained()
        license_of = _on_the_hub(self.model).license if self.weights == OWN else None
        return facts | ({"license": license_of} if license_of else {})


def create(model: str) -> tuple[Any, Expected]:
    """Return timm's network of this name, images → features (N, F), with random weights, and the images it expects.

    Raises InputError if timm has no such network.
    """
    timm = _timm_with(model)
    network = timm.create_model(model, num_classes=0)
    config = timm.data.resolve_data_config(model=network)
    height, width = config["input_size"][1:]
    return network, Expected.of((height, width), config["mean"], config["std"])


def _timm_with(model: str) -> Any:
    """Return the library. Raises InputError if it has no network of this name."""
    import timm  # takes seconds

    name, _, tag = model.partition(".")
    if not timm.is_model(name):
        similar = timm.list_models(f"{name[:4]}*") or timm.list_modules()  # timm has more than a thousand networks
        raise InputError(f"model: {unknown('network of timm', model, similar)}")
    if tag and model not in (tagged := timm.list_pretrained(f"{name}.*")):
        raise InputError(f"model: {unknown('network of timm', model, tagged)}")
    return timm


def _on_the_hub(model: str) -> Any:
    """Return timm's metadata of a network's weights. Raises InputError if the hub has none."""
    metadata = _timm_with(model).get_pretrained_cfg(model)
    if metadata is None or not metadata.hf_hub_id:
        raise InputError(
            f"weights: timm lists no weights for {model} on the Hugging Face hub; give a path to your own file, or "
            f"choose a network of timm.list_pretrained()"
        )
    return metadata
