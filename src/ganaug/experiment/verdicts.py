"""The possible answers about the GAN and about a single arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Decision = Literal["helps", "no effect", "harms", "undecided"]
"""What the interval of a gain says."""
Answer = Literal[Decision, "not used", "nothing learned"]
"""The six verdicts. `not used`: the best augmented arm chose to do without synthetic images, so the GAN itself gains 0.
`nothing learned`: a compared arm has learned nothing, so any gain would be noise."""
ArmAnswer = Literal[Answer, "better", "worse", "no difference"]
"""The answer about one arm: about the GAN if the arm uses it, otherwise how the arm compares with the reference."""

WITHOUT_GAN: Mapping[Decision, ArmAnswer] = {
    "helps": "better",
    "harms": "worse",
    "no effect": "no difference",
    "undecided": "undecided",
}
"""Decision → answer about an arm without the GAN, where `helps` and `harms` would be about the GAN."""
