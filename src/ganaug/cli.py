"""The `ganaug` command."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext, redirect_stdout
from itertools import count
from json import dumps
from pathlib import Path
from typing import Any

from ganaug.core.errors import InputError
from ganaug.core.paths import HERE, Paths


def main() -> None:
    """Run one sub-command; on an InputError, print only its message and exit with status 1."""
    parser = argparse.ArgumentParser(prog="ganaug", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    parsers = {}
    for function in (init, check, run, plan, summary, export, sample, translate, edit, publish):
        parsers[function.__name__] = commands.add_parser(function.__name__, help=function.__doc__)
        parsers[function.__name__].set_defaults(function=function)
    parsers["run"].add_argument(
        "--jobs", type=int, metavar="N", help="stages that run side by side; default: what cores and GPUs can serve"
    )
    parsers["run"].add_argument(
        "--until-decided", action="store_true", help="add replicates from one of evaluate.looks to the next"
    )
    parsers["run"].add_argument(
        "--hours", type=float, metavar="H", help="with --until-decided: start no look that would end later"
    )
    parsers["plan"].add_argument("--hours", type=float, required=True, metavar="H", help="the time that you have")
    parsers["init"].add_argument("--data", required=True, type=Path, metavar="PATH", help="what holds your images")
    parsers["check"].add_argument("--json", action="store_true", help="print what the data are as JSON")
    parsers["export"].add_argument("folder", type=Path, metavar="FOLDER", help="a new folder")
    parsers["sample"].add_argument(
        "--describe", metavar="TEXT", help="what the images show, for a GAN that was trained with descriptions"
    )
    parsers["sample"].add_argument("output", type=Path, metavar="OUTPUT", help="a new folder, or a new .npz file")
    parsers["edit"].add_argument("output", type=Path, metavar="OUTPUT", help="a new folder")
    parsers["edit"].add_argument(
        "--along", metavar="KIND:VALUE", help="sefa:0, attribute:slant, confidence:CLASS, …; default: SeFa's first five"
    )
    parsers["edit"].add_argument(
        "--strengths", nargs="+", type=float, default=[-2, -1, 0, 1, 2], metavar="S", help="in standard deviations"
    )
    for name, images in (("sample", 100), ("edit", 4)):  # the last three are the fields of Rendering
        add = parsers[name].add_argument
        add("--classes", nargs="+", metavar="CLASS", help="default: all classes")
        add("--count", type=int, default=images, metavar="N", help=f"images per class; default: {images}")
        add("--truncation", type=float, default=1.0, metavar="T", help="see generate.truncation; default: 1")
        add("--width", type=float, default=1.0, metavar="W", help="share of the channels, for speed; default: 1")
        add("--halvings", type=int, default=0, metavar="N", help="times that the size is halved; default: 0")
    parsers["translate"].add_argument("images", type=Path, metavar="IMAGES", help="a folder or an archive of images")
    parsers["translate"].add_argument("output", type=Path, metavar="OUTPUT", help="a new folder, or a new .npz file")
    parsers["translate"].add_argument("--to", required=True, metavar="CLASS", help="the class to translate to")
    for name in ("sample", "translate", "edit"):
        parsers[name].add_argument("--seed", type=int, default=0, metavar="N", help="of the noise; default: 0")
        parsers[name].add_argument(
            "--gan", metavar="GAN", help="a folder that train_gan wrote, or its place in MLflow, such as runs:/<id>/0"
        )
    options = vars(parser.parse_args())
    try:
        options.pop("function")(HERE, **options)
    except InputError as error:
        print(f"error: {error.shown}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\ninterrupted; what is done stays done", file=sys.stderr)
        sys.exit(130)


def init(paths: Paths, data: Path) -> None:
    """Look at your data and write a params.yaml that fits them"""
    from ganaug.core.config import ParamsFile
    from ganaug.experiment.proposal import propose

    text = propose(data, ParamsFile.load(paths.params))
    numbered = (paths.params.with_suffix(f".before{number or ''}.yaml") for number in count())
    kept = next(path for path in numbered if not path.exists())
    paths.params.replace(kept)
    paths.params.write_text(text, encoding="utf-8")
    print(f"{paths.params} now fits {data}; the previous file is {kept}. Read the new one, then: ganaug check")


def check(paths: Paths, json: bool) -> None:
    """Check params.yaml, read the data, and say what they are, without running anything"""
    from ganaug.core.config import ParamsFile
    from ganaug.data.description import in_words
    from ganaug.experiment import duration
    from ganaug.experiment.data_check import check_data
    from ganaug.experiment.params import check_params, slow_transforms

    with redirect_stdout(sys.stderr) if json else nullcontext():
        params = check_params(ParamsFile.load(paths.params))
        card, forecast = check_data(params)
        notes = slow_transforms(params, tuple(card["image_shape"]))
    if json:
        print(
            dumps(
                card | {"slow_transforms": notes, "estimate": forecast._asdict() | {"total": forecast.total}},
                indent=2,
                ensure_ascii=False,
            )
        )
        return
    print(*in_words(card), *(f"note: {note}" for note in notes), sep="\n")
    print(*duration.in_words(forecast), "params.yaml is valid and fits the data", sep="\n")


def run(paths: Paths, jobs: int | None, until_decided: bool, hours: float | None) -> None:
    """Run the pipeline as `dvc repro` does, but several stages side by side"""
    from ganaug.report.tracking import print_address
    from ganaug.runner.pipeline import run_pipeline
    from ganaug.runner.until_decided import run_until_decided

    if until_decided:
        run_until_decided(paths, jobs, hours)
    elif hours is not None:
        raise InputError("--hours needs --until-decided: without it, all of params.yaml is run")
    else:
        run_pipeline(paths, jobs)
    summary(paths)
    print_address(paths)


def plan(paths: Paths, hours: float) -> None:
    """Say how many replicates and seeds would find the smallest gain in the time that you have"""
    from ganaug.core.config import ParamsFile
    from ganaug.core.files import read_json
    from ganaug.experiment.evaluate_settings import Evaluate
    from ganaug.experiment.plan import Pilot, in_words
    from ganaug.experiment.quantity import Quantity
    from ganaug.experiment.results import read_summary
    from ganaug.runner.pipeline import slots_of

    params, summary = ParamsFile.load(paths.params), read_summary(paths.summary)
    pilot = Pilot.read(summary, read_json(paths.seconds), len(slots_of(params, None)))
    quantity = Quantity(**summary["metrics"][summary["metric"]])
    print(*in_words(pilot, hours, summary["confidence_level"], summary["smallest_gain"], quantity), sep="\n")
    if params.section("evaluate", Evaluate).looks is not None:
        print("this is for a single look: set evaluate.looks to null, or follow it with ganaug run --until-decided")


def summary(paths: Paths) -> None:
    """Show the results of the last run"""
    from ganaug.experiment.results import read_summary
    from ganaug.experiment.wording import as_text

    print(as_text(read_summary(paths.summary)))
    print(f"\nreport:  {paths.report}\nMLflow:  make ui, or: mlflow ui")


def export(paths: Paths, folder: Path) -> None:
    """Write the synthetic images of all replicates as files, by class"""
    from ganaug.core.config import ParamsFile
    from ganaug.core.files import read_json
    from ganaug.data.images import LabelledImages
    from ganaug.data.settings import Prepare
    from ganaug.data.values import Range
    from ganaug.synthesis.export import export as write

    params = ParamsFile.load(paths.params)
    source = params.section("prepare", Prepare).source
    limits = Range(*read_json(paths.data_card)["read"]["black_and_white"])
    for replicate in params.replicates:
        images = LabelledImages.load(paths.synthetic(replicate))
        write(images, source, limits, folder / str(replicate))
        print(f"{folder / str(replicate)}: {len(images)} synthetic images")


def sample(
    paths: Paths,
    output: Path,
    gan: str | None,
    classes: list[str] | None,
    count: int,
    seed: int,
    describe: str | None,
    **rendering: Any,
) -> None:
    """Make images with a finished GAN"""
    from ganaug.gan.networks import Rendering
    from ganaug.synthesis.use import sample_images

    made = sample_images(_gan(paths, gan), output, classes, count, seed, Rendering(**rendering), describe)
    print(f"{output}: {made} images")


def translate(paths: Paths, images: Path, output: Path, to: str, gan: str | None, seed: int) -> None:
    """Translate images of your own to a class, with a finished stargan, cyclegan or discogan"""
    from ganaug.core.config import ParamsFile
    from ganaug.core.files import read_json
    from ganaug.data.settings import Prepare
    from ganaug.data.values import Range
    from ganaug.synthesis.use import Reading, translate_images

    prepare, card = ParamsFile.load(paths.params).section("prepare", Prepare), read_json(paths.data_card)["read"]
    reading = Reading(prepare, Range(*card["black_and_white"]), card["value_type"])
    made = translate_images(_gan(paths, gan), images, output, to, reading, seed)
    print(f"{output}: {made} images translated to '{to}'")


def edit(
    paths: Paths,
    output: Path,
    gan: str | None,
    along: str | None,
    strengths: list[float],
    classes: list[str] | None,
    count: int,
    seed: int,
    **rendering: Any,
) -> None:
    """Change images of a finished stylegan2 along directions"""
    from ganaug.classifier.ensemble import Ensemble
    from ganaug.core.config import ParamsFile
    from ganaug.gan.networks import Rendering
    from ganaug.synthesis.edit import Edit, edit_images

    def ensemble() -> Ensemble:
        return Ensemble.load(paths.ensemble(ParamsFile.load(paths.params).replicates[0]))

    asked = Edit(along, strengths, classes, count, seed, Rendering(**rendering))
    made = edit_images(_gan(paths, gan), ensemble, output, asked)
    print(f"{output}: {made} images")


def _gan(paths: Paths, given: str | None) -> Path:
    """Return the folder of a GAN: the given one, downloaded from MLflow if it is there; else the first replicate's."""
    if given is None:
        from ganaug.core.config import ParamsFile

        return paths.gan(ParamsFile.load(paths.params).replicates[0])
    if ":/" in given:
        from ganaug.report.tracking import download

        return download(given, paths)
    return Path(given)


def publish(paths: Paths) -> None:
    """Send the results of the last run to MLflow, unless they are there already"""
    from ganaug.core.config import ParamsFile
    from ganaug.experiment.evaluate_settings import read_experiment
    from ganaug.report.publish import publish as send

    params = ParamsFile.load(paths.params)
    if not send(read_experiment(params), params, paths):
        sys.exit(1)
