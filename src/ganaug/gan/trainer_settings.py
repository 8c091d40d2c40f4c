"""Section `train_gan.trainer` of params.yaml: options that are passed to Lightning."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PositiveInt

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.gan.loggers import check_loggers

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]


@settings
class TrainerSettings:
    """Arguments of Lightning's Trainer.

    With several devices, each takes its share of every batch: `batch_size` stays the size of the whole batch.
    """

    accelerator: Literal["auto", "cpu", "gpu", "cuda", "mps"] = "auto"
    """Kind of device; "auto" uses a GPU if there is one."""
    devices: PositiveInt = 1
    """Number of devices."""
    strategy: Literal["auto", "ddp_find_unused_parameters_true"] = "auto"
    """How several devices work together."""
    precision: Literal[Precision, "auto"] = "32-true"
    """Number format of the arithmetic; "auto": the fastest on the machine where the stage choose_precision runs.
    "bf16-mixed" is twice as fast on some recent CPUs and GPUs but several times slower on others. Weights and their
    average stay in 32 bits: 8 bits of mantissa would lose the average's small updates. Without a GPU, "16-mixed" means
    "bf16-mixed": CPUs do not compute in float16."""
    loggers: Annotated[tuple[dict[str, Any], ...], BeforeValidator(check_loggers)] = ()
    """Loggers, besides MLflow, that receive every row of history.csv: a list of
    `{name: CSVLogger, save_dir: logs, …}`, each a class of pytorch_lightning.loggers, or the full name of another
    class, and its arguments."""

    def __post_init__(self) -> None:
        """Raise InputError for several devices without the strategy that can train a GAN on them."""
        if self.devices > 1 and self.strategy == "auto":
            raise InputError(
                "trainer.strategy: several devices need ddp_find_unused_parameters_true, because each backward pass "
                "reaches only one of the two networks"
            )
