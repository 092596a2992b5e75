"""Patterns that every engine reads alike and none spends its life on."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["UNPORTABLE", "unfit"]

# Shorthands of one engine, look-around, back-references.
UNPORTABLE: Final = re.compile(r"\\[dDwWsSbB]|\(\?[=!<]|\\[1-9]")
_LONGEST: Final = 500
_QUIET: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]"
)  # escaped signs and classes: what is in them repeats nothing
_ENDLESS: Final = re.compile(r"[*+]|\{[0-9]+,\}")
_INNERMOST: Final = re.compile(r"\((?:\?:)?([^()]*)\)(\{[0-9,]+\})?")
_VARIABLE: Final = re.compile(r"\?|\{[0-9]+,[0-9]+\}|\|")


def unfit(pattern: str) -> str | None:
    """Return why a pattern of a profile cannot be used, in one word; none when it can."""
    import jsonschema_rs  # noqa: PLC0415 - loads slowly, and most who read a profile judge no pattern

    if UNPORTABLE.search(pattern):
        return "portable"
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return "anchors"
    try:
        re.compile(pattern, re.ASCII)
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions())
    except (re.error, jsonschema_rs.ValidationError, ValueError, OverflowError, RecursionError):
        return "syntax"
    return "endless" if len(pattern) > _LONGEST or _endless(_QUIET.sub("x", pattern)) else None


def _endless(pattern: str) -> bool:
    """Tell whether something repeats without an end, or a group that may vary repeats: some engines try each way."""
    if _ENDLESS.search(pattern):
        return True
    while (group := _INNERMOST.search(pattern)) is not None:
        varies = _VARIABLE.search(group[1]) is not None
        if varies and group[2]:
            return True
        pattern = pattern[: group.start()] + ("x?" if varies else "x") + pattern[group.end() :]
    return False
