"""Choose one arm's share of synthetic images, the same for all replicates."""

from ganaug.core.config import ParamsFile
from ganaug.core.files import read_json, write_json
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.experiment.arm_settings import Arm
from ganaug.experiment.shares import choose_share


def main(paths: Paths, name: str) -> None:
    params, share = ParamsFile.load(paths.params), paths.share(name)
    trials = [read_json(paths.trial(name, replicate)) for replicate in params.replicates]
    share.parent.mkdir(parents=True, exist_ok=True)
    write_json(share, choose_share(params.section(f"arms.augmented.{name}", Arm), trials))


if __name__ == "__main__":
    run(main)
