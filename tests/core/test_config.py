"""params.yaml → settings, and what a user is told when something in it is wrong."""

import dataclasses
from typing import Annotated

import pytest
from pydantic import PositiveInt

from ganaug.core.config import ParamsFile, plugin, settings
from ganaug.core.errors import InputError
from ganaug.data.sources import Dataset
from ganaug.data.sources.folder import Folder


@settings
class Sample:
    count: PositiveInt
    rate: float = 0.5


@settings
class WithSource:
    source: Annotated[Dataset, plugin("data.sources")]


def read(place, schema, path):
    return ParamsFile.load(path).section(place, schema)


def message(function, *arguments):
    """Return what the user is told."""
    with pytest.raises(InputError) as caught:
        function(*arguments)
    return str(caught.value)


def test_numbers_and_words_are_those_of_yaml_1_2(params_file):
    # YAML 1.1, which many readers speak, has "2e-4" as a word and `no` as False
    assert ParamsFile.load(params_file("rate: 2e-4\nanswer: no\n")).content == {"rate": 0.0002, "answer": "no"}


def test_missing_file_is_named_with_the_remedy(tmp_path):
    told = message(ParamsFile.load, tmp_path / "params.yaml")
    assert str(tmp_path / "params.yaml") in told
    assert "run from the project's top folder" in told


def test_broken_yaml_is_located(params_file):
    path = params_file("seed: 0\nprepare: [1\n")
    told = message(ParamsFile.load, path)
    assert f"{path}: cannot be read as YAML" in told
    assert "line 2" in told


def test_parameter_given_twice_is_named(params_file):
    told = message(ParamsFile.load, params_file("seed: 0\nseed: 1\n"))
    assert "duplicate key" in told
    assert "seed" in told


@pytest.mark.parametrize("text", ["", "- 1\n", "seed\n"])
def test_file_without_sections_says_what_is_expected(params_file, text):
    assert "expected sections such as 'prepare:'" in message(ParamsFile.load, params_file(text))


def test_section_becomes_settings_with_defaults(params_file):
    assert read("sample", Sample, params_file({"sample": {"count": 3}})) == Sample(count=3, rate=0.5)


def test_dots_descend(params_file):
    path = params_file({"arms": {"baseline": {"real": {"count": 3}}}})
    assert read("arms.baseline.real", Sample, path).count == 3


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Sample(count=3).count = 4


@pytest.mark.parametrize("section", ["smaple", "sample.count.deeper"])
def test_missing_section_is_named(params_file, section):
    path = params_file({"sample": {"count": 3}})
    assert message(read, section, Sample, path) == f"{path}: section '{section}' is missing"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("prepare: {labelled_per_class: {0: 5, a: 5}}", "prepare.labelled_per_class.0"),
        ("arms: {baseline: {2024: {}}}", "arms.baseline.2024"),
        ("list: [{1: 2}]", "list.0.1"),
    ],
)
def test_names_that_are_numbers_need_quotes(params_file, text, place):
    path, number = params_file(text + "\n"), place.rpartition(".")[2]
    assert message(ParamsFile.load, path) == f"{path}: {place}: a name that is a number needs quotes: '{number}'"


def test_misspelt_parameter_is_named_with_choices_and_a_guess(params_file):
    path = params_file({"sample": {"count": 3, "rat": 1}})
    told = message(read, "sample", Sample, path)
    assert told == f"{path}: sample: unknown parameter 'rat' (did you mean 'rate'?); choose from: count, rate"


def test_missing_parameter_is_named(params_file):
    path = params_file({"sample": {}})
    assert message(read, "sample", Sample, path) == f"{path}: sample: parameter 'count' is missing"


@pytest.mark.parametrize(
    ("given", "allowed"),
    [(0, "greater than 0"), ("many", "valid integer"), (1.5, "valid integer"), (None, "valid integer")],
)
def test_wrong_value_tells_place_what_is_allowed_and_what_was_given(params_file, given, allowed):
    path = params_file({"sample": {"count": given}})
    told = message(read, "sample", Sample, path)
    assert told.startswith(f"{path}: sample.count: ")
    assert allowed in told
    assert f"(given: {given!r})" in told


@pytest.mark.parametrize("number", [".nan", ".inf"])
def test_numbers_must_be_finite(params_file, number):
    assert "finite number" in message(read, "sample", Sample, params_file(f"sample: {{count: 1, rate: {number}}}"))


def test_everything_wrong_is_told_at_once_each_line_with_the_file(params_file):
    path = params_file({"sample": {"count": -1, "rate": "fast"}})
    lines = message(read, "sample", Sample, path).splitlines()
    assert [line.split(": ")[:2] for line in lines] == [[str(path), "sample.count"], [str(path), "sample.rate"]]


def test_section_that_is_no_mapping_is_named(params_file):
    assert "sample: Input should be a mapping" in message(read, "sample", Sample, params_file("sample: 3\n"))


def test_plugin_is_built_with_its_options(params_file):
    path = params_file({"data": {"source": {"name": "folder", "group": "(a)"}}})
    assert read("data", WithSource, path).source == Folder(group="(a)")


def test_built_plugin_is_taken_as_it_is():
    source = Folder(group="(a)")
    assert WithSource(source=source).source is source


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"name": "foldr"}, "data.source: unknown name in sources 'foldr' (did you mean 'folder'?); choose from: "),
        (
            {"name": "folder", "grup": "x"},
            "data.source: unknown parameter 'grup' (did you mean 'group'?); choose from: group",
        ),
        ({"name": "folder", "group": 3}, "data.source.group: Input should be a valid string (given: 3)"),
        ({"name": "torchvision"}, "data.source: parameter 'dataset' is missing"),
        ({"name": "torchvision", "dataset": "MNST"}, "data.source.dataset: Input should be 'MNIST', 'FashionMNIST'"),
        ("folder", "data.source: write {name: …} with one of: digits, folder"),
        ({"group": "(a)"}, "data.source: write {name: …} with one of: digits, folder"),
    ],
)
def test_wrong_plugin_is_located_with_the_remedy(params_file, spec, told):
    path = params_file({"data": {"source": spec}})
    assert message(read, "data", WithSource, path).startswith(f"{path}: {told}")


def test_seed_and_replicates_are_read(params_file):
    path = params_file({"seed": 7, "replicates": [2, 0]})
    params = ParamsFile.load(path)
    assert params.seed == 7
    assert params.replicates == (2, 0)


@pytest.mark.parametrize("replicates", [[], [0, 0], [0, -1]])
def test_replicates_must_be_distinct_numbers_from_0(params_file, replicates):
    path = params_file({"replicates": replicates})
    told = message(lambda: ParamsFile.load(path).replicates)
    assert told == f"{path}: replicates: give distinct integers from 0 on (given: {replicates})"


def test_replicate_that_is_no_number_is_located(params_file):
    params = ParamsFile.load(params_file("replicates: [0, a]"))
    assert "replicates.1: Input should be a valid integer" in message(lambda: params.replicates)


def test_negative_seed_is_refused(params_file):
    path = params_file({"seed": -1})
    told = message(lambda: ParamsFile.load(path).seed)
    assert told == f"{path}: seed: give an integer from 0 on (given: -1)"


def test_seed_that_is_no_whole_number_is_refused(params_file):
    params = ParamsFile.load(params_file("seed: 1.5"))
    assert "seed: Input should be a valid integer" in message(lambda: params.seed)


@pytest.mark.parametrize("value", ["true", "1.0", "'1'"])
def test_only_whole_numbers_are_whole_numbers(params_file, value):
    with pytest.raises(InputError, match="seed"):
        read("seed", int, params_file(f"seed: {value}\n"))
