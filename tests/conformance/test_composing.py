"""A document is the same JSON however it is written, and a value is what it is now."""

from __future__ import annotations

import json
from datetime import UTC
from types import SimpleNamespace
from typing import Any

import pytest

from istmo_conformance.composing import Giant, encoded
from istmo_conformance.exchanges import Resource
from istmo_conformance.world import World

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


def test_a_giant_is_remembered_and_what_a_service_says_is_not() -> None:
    world = World(SimpleNamespace(zone=UTC), "scenario")  # type: ignore[arg-type] # all of a run that a value needs
    words = "a text of 1100000 characters"
    for said in ("a", "b"):
        world.it = Resource("/things", "1", {"note": said * 1_100_000}, None, "ana")
        assert world.value('its "note"') == said * 1_100_000

    assert world.value(words) is world.value(words)
    assert list(world.giants) == [words]
    assert world.giants[words] == Giant.of("x" * 1_100_000)
