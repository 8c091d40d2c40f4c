"""Any network of timm, the library of PyTorch image models (Wightman, 2019), pretrained or not."""

from typing import Any, Self

from ganaug.classifier.fine_tuning import FineTuned, Headless
from ganaug.classifier.timm_networks import FromTimm, create
from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.core.extras import require
from ganaug.core.weight_files import NONE, Weights


@settings
class Timm(FromTimm, FineTuned):
    """A timm network with a new linear head. Its layers are grouped as timm groups them."""

    model: str
    """Name of the network in timm, such as `tf_efficientnet_lite0`; `timm.list_models()` lists them."""
    weights: Weights = NONE
    """Initial weights: `none`, random weights; a file (safetensors, or a PyTorch state dict); `pip:<package>/<file>`, a
    file of an installed package; `hub`, the weights that timm names for this network on the Hugging Face hub; or
    `hub:<owner>/<repository>@<revision>`. Only the last two may download, and only safetensors."""

    def __post_init__(self) -> None:
        """Raise InputError if timm is not installed, or if `train` is unknown or freezes random layers."""
        require("timm", "pretrained")
        super().__post_init__()

    @classmethod
    def small(cls) -> Self:
        return cls(model="test_efficientnet", input_size=32, backbone_learning_rate=1.0)

    def headless(self) -> Headless:
        network, expected = create(self.model)
        height, width = expected.size
        size = (self.input_size or height, self.input_size or width)
        if network.pretrained_cfg.get("fixed_input_size") and size != expected.size:
            raise InputError(f"input_size: {self.model} takes {height}×{width} pixels only; set input_size to null")
        return Headless(network, network.head_hidden_size, expected._replace(size=size))

    def groups(self, network: Any) -> list[list[str]]:
        from timm.models import group_parameters

        matcher = getattr(network, "group_matcher", None)
        return list(group_parameters(network, matcher(coarse=True)).values()) if matcher else []
