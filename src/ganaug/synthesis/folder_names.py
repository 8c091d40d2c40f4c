"""Names of classes as names of folders."""

from __future__ import annotations

import re

UNSAFE = re.compile(r'[%/\\:*?"<>|\x00-\x1f\x7f]|^\.|[. ]$')
"""What a folder must not have in its name on one system or another."""


def folder_name(name: str) -> str:
    """Return a class name as the name of a folder on any system: other characters become % and two digits."""
    return UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", name)
