"""The canonical form of JSON (RFC 8785), for digests and signatures: quick where the standard encoder writes it too.

The encoder of the standard library writes the canonical form when members are sorted, unless a number is no small
integer or a text lies beyond the basic plane, where RFC 8785 sorts by other units. What looks like one of these is
left to the reference implementation; to suspect too much is slow and never wrong.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

_ENCODE: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
).encode
# A number follows one of these three signs, also inside a text, where it does no harm.
_NUMBER: Final = re.compile(r"[:,\[]-?(?:[0-9]+[.eE]|[0-9]{16})")
_BEYOND: Final = re.compile("[\U00010000-\U0010ffff]")


def dumps(document: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Return the canonical form of a document."""
    if isinstance(document, dict | list):
        try:
            text = _ENCODE(document)
            if not _NUMBER.search(text) and (text.isascii() or not _BEYOND.search(text)):
                return text.encode()
        except (TypeError, ValueError, RecursionError):
            pass  # no JSON: let the reference implementation say so
    import rfc8785  # noqa: PLC0415 - the suite loads modules that load this one without the extra

    return rfc8785.dumps(document)
