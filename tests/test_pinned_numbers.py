"""Short training runs give the stored results: code may move numbers only on purpose.

tests/helpers/pinned_numbers.py says how to store them anew.
"""

import json

import pinned_numbers
import pytest
from pinned_numbers import assert_close

EXPECTED = json.loads(pinned_numbers.STORED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", pinned_numbers.GANS)
def test_a_gan_gives_the_stored_figures(name, tmp_path):
    assert_close(pinned_numbers.gan(pinned_numbers.GANS[name], tmp_path), EXPECTED[f"gan: {name}"])


@pytest.mark.parametrize("name", pinned_numbers.ARMS)
def test_an_arm_gives_the_stored_figures(name):
    assert_close(pinned_numbers.arm(pinned_numbers.ARMS[name]), EXPECTED[f"arm: {name}"])
