"""A document is the same JSON however it is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from istmo_conformance.composing import encoded

GIANT = 'a "text"\u2028\\é' * 300_000


@pytest.mark.parametrize(
    "document",
    [
        {"a": 1, 'é"': {"x": [None, True]}, "national": GIANT, "z": None, "text": "short", "e": {}},
        {"national": GIANT},
        {"inside": {"national": GIANT}},
        {},
        [GIANT],
        GIANT,
        None,
    ],
    ids=["member", "only-member", "inside", "empty", "list", "text", "null"],
)
def test_a_known_text_changes_nothing(document: Any) -> None:
    assert encoded(document, {GIANT: encoded(GIANT)}) == json.dumps(document, ensure_ascii=False).encode()
    assert encoded(document) == json.dumps(document, ensure_ascii=False).encode()


def test_halves_of_characters_travel() -> None:
    assert encoded({"a": "\ud800"}) == b'{"a": "\xed\xa0\x80"}'
    assert encoded({"\ud800": "b"}, {"b": b'"b"'}) == b'{"\xed\xa0\x80": "b"}'
