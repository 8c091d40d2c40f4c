"""Choose the precision of GAN training: the one in params.yaml, or the fastest on this machine."""

from ganaug.core.config import ParamsFile
from ganaug.core.messages import note
from ganaug.core.paths import Paths
from ganaug.core.stage import run


def main(paths: Paths) -> None:
    params = ParamsFile.load(paths.params)
    chosen = params.value("train_gan.trainer.precision")  # valid: `check` came before
    if chosen == "auto":
        from ganaug.gan.precision import choose, measure  # torch takes seconds to import
        from ganaug.gan.trainer_settings import TrainerSettings

        milliseconds = measure(params.section("train_gan.trainer", TrainerSettings))
        chosen = choose(milliseconds)
        times = ", ".join(f"{name} {value:.1f} ms" for name, value in milliseconds.items())
        note(f"precision {chosen}; one convolution takes {times}")
    paths.precision.parent.mkdir(exist_ok=True)
    paths.precision.write_text(f"{chosen}\n", encoding="utf-8")


if __name__ == "__main__":
    run(main, record=False)
