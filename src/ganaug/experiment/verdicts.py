"""The answers that there can be, about the GAN and about a single arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Decision = Literal["helps", "no effect", "harms", "undecided"]
"""What the interval of a gain says."""
Answer = Literal[Decision, "not used", "nothing learned"]
"""The six verdicts. `not used`: the best arm with the GAN chose to do without synthetic images, so that the GAN itself
gains 0. `nothing learned`: an arm that is compared has learned nothing, so that a gain would compare noise."""
ArmAnswer = Literal[Answer, "better", "worse", "no difference"]
"""What is said about one arm: the answer on the GAN if it has one, else how it compares with the reference."""

WITHOUT_GAN: Mapping[Decision, ArmAnswer] = {
    "helps": "better",
    "harms": "worse",
    "no effect": "no difference",
    "undecided": "undecided",
}
"""The words for an arm without the GAN: `helps` and `harms` are words for the GAN."""
