"""Choose the precision of GAN training: the one in params.yaml, or the fastest here."""

from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.gan.settings import TrainerSettings


def main(paths: Paths) -> None:
    settings = ParamsFile.load(paths.params).section("train_gan.trainer", TrainerSettings)
    chosen = settings.precision
    if chosen == "auto":
        from ganaug.gan.precision import choose, measure

        milliseconds = measure(settings)
        chosen = choose(milliseconds)
        times = ", ".join(f"{name} {value:.1f} ms" for name, value in milliseconds.items())
        print(f"note: precision {chosen}; one convolution takes {times}")
    paths.precision.parent.mkdir(exist_ok=True)
    paths.precision.write_text(f"{chosen}\n", encoding="utf-8")


if __name__ == "__main__":
    run(main, record=False)
