"""Reading params.yaml into settings, and the error messages for invalid content."""

import dataclasses
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import PositiveInt

from ganaug.classifier.architectures import Classifier
from ganaug.core.config import ParamsFile, ProjectPath, plugin, settings
from ganaug.core.errors import InputError
from ganaug.data.sources import Dataset
from ganaug.data.sources.folder import Folder


@settings
class Sample:
    count: PositiveInt
    rate: float = 0.5


@settings
class WithClassifier:
    classifier: Annotated[Classifier, plugin("classifier.architectures")]


@settings
class WithSource:
    source: Annotated[Dataset, plugin("data.sources")]


def read(place, schema, path):
    return ParamsFile.load(path).section(place, schema)


def message(function, *arguments):
    """Return the error message."""
    with pytest.raises(InputError) as caught:
        function(*arguments)
    return str(caught.value)


@settings
class WithPath:
    path: ProjectPath


def test_paths_start_from_the_folder_of_params_yaml(params_file, tmp_path):
    file = params_file({"a": {"path": "raw/mine"}, "b": {"path": "/elsewhere"}, "c": [{"path": "x"}]})
    assert read("a", WithPath, file).path == tmp_path / "raw/mine"
    assert read("b", WithPath, file).path == Path("/elsewhere")
    assert read("c", tuple[WithPath, ...], file)[0].path == tmp_path / "x"
    here = ParamsFile(Path("params.yaml"), ParamsFile.load(file).content)
    assert here.section("a", WithPath).path == Path("raw/mine")
    assert WithPath(path="raw/mine").path == Path("raw/mine")  # not from params.yaml


def test_so_do_those_of_a_plugin(params_file, tmp_path):
    spec = {"name": "torchvision", "model": "resnet18", "weights": "mine.pth"}
    file = params_file({"classifier": {"classifier": spec}, "other": {"classifier": spec | {"weights": "none"}}})
    assert read("classifier", WithClassifier, file).classifier.weights == str(tmp_path / "mine.pth")
    assert read("other", WithClassifier, file).classifier.weights == "none"


def test_yaml_1_2_rules_apply(params_file):
    # YAML 1.1, which many parsers use, reads "2e-4" as a string and `no` as False
    assert ParamsFile.load(params_file("rate: 2e-4\nanswer: no\n")).content == {"rate": 0.0002, "answer": "no"}


def test_missing_file_is_reported_with_the_remedy(tmp_path):
    error = message(ParamsFile.load, tmp_path / "params.yaml")
    assert str(tmp_path / "params.yaml") in error
    assert "run from the project's top folder" in error


def test_invalid_yaml_is_reported_with_its_line(params_file):
    path = params_file("seed: 0\nprepare: [1\n")
    error = message(ParamsFile.load, path)
    assert f"{path}: cannot be read as YAML" in error
    assert "line 2" in error


def test_duplicate_parameter_is_reported(params_file):
    error = message(ParamsFile.load, params_file("seed: 0\nseed: 1\n"))
    assert "duplicate key" in error
    assert "seed" in error


@pytest.mark.parametrize("text", ["", "- 1\n", "seed\n"])
def test_file_without_sections_is_rejected(params_file, text):
    assert "expected sections such as 'prepare:'" in message(ParamsFile.load, params_file(text))


def test_section_is_read_with_defaults(params_file):
    assert read("sample", Sample, params_file({"sample": {"count": 3}})) == Sample(count=3, rate=0.5)


def test_dots_select_nested_sections(params_file):
    path = params_file({"arms": {"baseline": {"real": {"count": 3}}}})
    assert read("arms.baseline.real", Sample, path).count == 3


def test_settings_are_immutable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Sample(count=3).count = 4


@pytest.mark.parametrize("section", ["smaple", "sample.count.deeper"])
def test_missing_section_is_reported(params_file, section):
    path = params_file({"sample": {"count": 3}})
    assert message(read, section, Sample, path) == f"{path}: '{section}' is missing; add it"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("prepare: {labelled_per_class: {0: 5, a: 5}}", "prepare.labelled_per_class.0"),
        ("arms: {baseline: {2024: {}}}", "arms.baseline.2024"),
        ("list: [{1: 2}]", "list.0.1"),
    ],
)
def test_numeric_keys_need_quotes(params_file, text, place):
    path, number = params_file(text + "\n"), place.rpartition(".")[2]
    assert message(ParamsFile.load, path) == f"{path}: {place}: a name that is a number needs quotes: '{number}'"


def test_misspelt_parameter_is_reported_with_a_suggestion_and_choices(params_file):
    path = params_file({"sample": {"count": 3, "rat": 1}})
    error = message(read, "sample", Sample, path)
    assert error == f"{path}: sample: unknown parameter 'rat' (did you mean 'rate'?); choose from: count, rate"


def test_missing_parameter_is_reported(params_file):
    path = params_file({"sample": {}})
    assert message(read, "sample", Sample, path) == f"{path}: sample: parameter 'count' is missing"


@pytest.mark.parametrize(
    ("given", "allowed"),
    [(0, "greater than 0"), ("many", "must be an integer"), (1.5, "must be an integer"), (None, "must be an integer")],
)
def test_invalid_value_is_reported_with_its_place_and_what_is_allowed(params_file, given, allowed):
    path = params_file({"sample": {"count": given}})
    error = message(read, "sample", Sample, path)
    assert error.startswith(f"{path}: sample.count: ")
    assert allowed in error
    assert f"(given: {given!r})" in error


@pytest.mark.parametrize("number", [".nan", ".inf"])
def test_numbers_must_be_finite(params_file, number):
    assert "finite number" in message(read, "sample", Sample, params_file(f"sample: {{count: 1, rate: {number}}}"))


def test_all_errors_are_reported_at_once_one_per_line(params_file):
    path = params_file({"sample": {"count": -1, "rate": "fast"}})
    lines = message(read, "sample", Sample, path).splitlines()
    assert [line.split(": ")[:2] for line in lines] == [[str(path), "sample.count"], [str(path), "sample.rate"]]


def test_section_that_is_not_a_mapping_is_reported(params_file):
    assert "sample: must be a mapping" in message(read, "sample", Sample, params_file("sample: 3\n"))


def test_plugin_is_built_with_its_options(params_file):
    path = params_file({"data": {"source": {"name": "folder", "group": "(a)"}}})
    assert read("data", WithSource, path).source == Folder(group="(a)")


def test_plugin_instance_is_accepted_unchanged():
    source = Folder(group="(a)")
    assert WithSource(source=source).source is source


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ({"name": "foldr"}, "data.source: unknown name in sources 'foldr' (did you mean 'folder'?); choose from: "),
        (
            {"name": "folder", "grup": "x"},
            "data.source: unknown parameter 'grup' (did you mean 'group'?); choose from: exclude, ",
        ),
        ({"name": "folder", "group": 3}, "data.source.group: must be a string (given: 3)"),
        ({"name": "torchvision"}, "data.source: parameter 'dataset' is missing"),
        ({"name": "torchvision", "dataset": 5}, "data.source.dataset: must be a string (given: 5)"),
        ("folder", "data.source: write {name: …} with one of: digits, folder"),
        ({"group": "(a)"}, "data.source: write {name: …} with one of: digits, folder"),
    ],
)
def test_invalid_plugin_is_reported_with_its_place_and_the_remedy(params_file, spec, error):
    path = params_file({"data": {"source": spec}})
    assert message(read, "data", WithSource, path).startswith(f"{path}: {error}")


def test_seed_and_replicates_are_read(params_file):
    path = params_file({"seed": 7, "replicates": [2, 0]})
    params = ParamsFile.load(path)
    assert params.seed == 7
    assert params.replicates == (2, 0)


@pytest.mark.parametrize("replicates", [[], [0, 0], [0, -1]])
def test_replicates_must_be_distinct_non_negative_integers(params_file, replicates):
    path = params_file({"replicates": replicates})
    error = message(lambda: ParamsFile.load(path).replicates)
    assert error == f"{path}: replicates: give distinct integers, 0 or above (given: {replicates})"


def test_non_integer_replicate_is_reported_with_its_place(params_file):
    params = ParamsFile.load(params_file("replicates: [0, a]"))
    assert "replicates.1: must be an integer" in message(lambda: params.replicates)


def test_negative_seed_is_rejected(params_file):
    path = params_file({"seed": -1})
    error = message(lambda: ParamsFile.load(path).seed)
    assert error == f"{path}: seed: give an integer, 0 or above (given: -1)"


def test_a_stage_has_at_least_one_thread(params_file):
    assert ParamsFile.load(params_file({"threads": 4})).threads == 4
    path = params_file({"threads": 0})
    error = message(lambda: ParamsFile.load(path).threads)
    assert error == f"{path}: threads: give an integer, 1 or above (given: 0)"


def test_non_integer_seed_is_rejected(params_file):
    params = ParamsFile.load(params_file("seed: 1.5"))
    assert "seed: must be an integer" in message(lambda: params.seed)


@pytest.mark.parametrize("value", ["true", "1.0", "'1'"])
def test_integers_are_not_coerced_from_other_types(params_file, value):
    with pytest.raises(InputError, match="seed"):
        read("seed", int, params_file(f"seed: {value}\n"))
