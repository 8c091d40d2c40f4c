"""The configurations in docs/gan.md are valid."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ganaug.core.config import ParamsFile
from ganaug.experiment.params import check_params

ROOT = Path(__file__).parents[2]
PART = re.search(
    r"## Several options together\n(.*?)\n##", (ROOT / "docs/gan.md").read_text(encoding="utf-8"), re.DOTALL
)
BLOCKS = re.findall(r"```yaml\n(.*?)```", PART[1], re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_several_options_together_can_be_put_into_params_yaml(block, params_file, tmp_path):
    yaml = YAML(typ="safe")
    content, changes = yaml.load(ROOT / "params.yaml"), yaml.load(block)
    content["train_gan"] |= changes["train_gan"]
    content["arms"] |= changes.get("arms", {})
    (tmp_path / content["prepare"]["path"]).mkdir(parents=True)
    check_params(ParamsFile.load(params_file(content)))


def test_there_is_something_to_check():
    assert len(BLOCKS) == 4
