"""The groups that arms are divided into in params.yaml."""

from __future__ import annotations

from typing import Literal, get_args

Group = Literal["baseline", "informed", "augmented"]
GROUPS: tuple[Group, ...] = get_args(Group)
"""`baseline`: labelled real images only; waits for nothing. `informed`: further real images too, which an ensemble may
have to label. `augmented`: with the GAN."""
