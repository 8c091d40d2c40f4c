"""List the code that each stage runs: DVC reruns a stage if this code changes, but not if other code does."""

from ganaug.core.config import ParamsFile
from ganaug.core.files import recreate_directory, write_json
from ganaug.core.paths import Paths
from ganaug.core.stage import run
from ganaug.experiment.stages import code_lists, stage_names


def main(paths: Paths) -> None:
    params = ParamsFile.load(paths.params)
    lists = code_lists(params, paths.scripts)
    recreate_directory(paths.code("").parent)
    for stage, text in lists.items():
        paths.code(stage).write_text(text, encoding="utf-8")
    write_json(paths.stages, stage_names(params))


if __name__ == "__main__":
    run(main, record=False)
