"""Every parameter, plug-in and command is in the reference with a description, or these tests fail."""

import re
import sys
from typing import Annotated, Literal

import catalogue
import commands
import parameters
import pytest
from options import as_yaml, flowing, in_words, options
from pydantic import Field, PositiveInt

from ganaug.core.config import ParamsFile, plugin, settings
from ganaug.core.plugins import available
from ganaug.experiment.params import SECTIONS
from ganaug.gan.objectives import Objective
from ganaug.synthesis import policies as folder

KINDS = catalogue.kinds()
PARAMETERS = [one for _, _, found in parameters.sections() for one in found]


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda one: one.name)
def test_a_parameter_has_a_meaning(parameter):
    assert re.search(r"\w.*[.!?]$", parameter.meaning), f"{parameter.name}: give its field a docstring, in sentences"


def test_every_section_is_there():
    assert {one.name.partition(".")[0] for one in PARAMETERS} == set(SECTIONS)
    assert all(meaning for _, meaning, _ in parameters.sections())


def test_every_line_of_params_yaml_is_there():
    known = {one.name.replace("arms.<group>.<name>", "arms") for one in PARAMETERS}
    content = ParamsFile.load(parameters.PROJECT).content
    for section, values in content.items():
        named = values if isinstance(values, dict) and section != "arms" else []
        assert {f"{section}.{name}" for name in named} <= known


def test_every_kind_of_plugin_is_found():
    assert {kind.package for kind in KINDS} >= {
        *("data.sources", "data.describers", "classifier.architectures", "classifier.oversampling", "gan.networks"),
        *("gan.objectives", "synthesis.policies", "synthesis.metrics", "synthesis.attacks", "synthesis.directions"),
        *("synthesis.formats", "experiment.metrics"),
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.package)
def test_plugins_and_their_options_have_a_meaning(kind):
    found = list(catalogue.plugins(kind))
    assert [one.name for one in found] == available(kind.package)
    for one in found:
        assert one.meaning.endswith((".", "?")), f"{one.name}: give its class a docstring, in sentences"
        assert one.source.endswith((".", "?")), (
            f"{one.name}: begin its file with a docstring that says where it is from"
        )
        for option in one.options:
            assert option.meaning.endswith((".", ")")), f"{one.name}.{option.name}: give its field a docstring"
    for option in options(kind.protocol):
        assert option.meaning, f"{kind.protocol.__name__}.{option.name}: give its field a docstring"


@pytest.mark.parametrize("found", commands.commands(), ids=lambda found: found[1])
def test_a_command_and_its_options_have_a_meaning(found):
    _, name, command = found
    assert command.help
    for one in command.params:
        assert commands.described(one), f"ganaug {name}: {one.name}: give it a help"


def test_a_new_plugin_appears_by_itself(tmp_path):
    (tmp_path / "by_weight.py").write_text(
        '"""Selection by weight: Anybody, 2020."""\n'
        "from ganaug.core.config import settings\nfrom ganaug.synthesis.policies import Policy\n\n\n"
        '@settings\nclass ByWeight(Policy):\n    """Prefers heavy images."""\n\n'
        '    least: float = 0.5\n    """Grams."""\n\n'
        "    def preference(self, scores, randomness):\n        return scores.confidence\n"
    )
    places = folder.__path__  # plug-ins are looked up in this list, too
    places.append(str(tmp_path))
    try:
        page = catalogue.page()
    finally:
        places.pop()
        sys.modules.pop("ganaug.synthesis.policies.by_weight", None)
    assert "### `by_weight` { #synthesis.policies.by_weight }\n\n*Selection by weight: Anybody, 2020.*" in page
    assert "Prefers heavy images.\n\n* `least` (*number*, default `0.5`): Grams." in page


@settings
class Sample:
    """Settings of every type."""

    count: PositiveInt
    """A number.

    More of it."""
    share: Annotated[float, Field(ge=0, lt=1)] = 0.5
    kinds: tuple[Literal["a", "b"], ...] | None = None
    """Kinds; None: all <of> them."""
    objective: Annotated[Objective, plugin("gan.objectives")] | None = None


def test_types_defaults_and_meanings_in_words():
    count, share, kinds, objective = options(Sample)
    assert (count.kind, count.given, count.meaning) == ("integer above 0", "required", "A number. More of it.")
    assert (share.kind, share.given, share.meaning) == ("number at least 0 and below 1", "default `0.5`", "")
    assert (kinds.kind, kinds.given) == ("list: `a` or `b`; or `null`", "default `null`")
    assert kinds.meaning == "Kinds; null: all &lt;of> them."
    assert objective.kind == "[plug-in](plug-ins.md#gan.objectives) or `null`"
    assert in_words(int | Literal["all"]) == "integer or `all`"
    assert in_words(tuple[int, int]) == "list of 2: integer"
    assert as_yaml({"a": (1, 2.0, None), "b": 2e-4, "c": ""}) == "{a: [1, 2.0, null], b: 0.0002, c: ''}"
    assert flowing("One `None <b>`\n    None") == "One `None <b>` null"
