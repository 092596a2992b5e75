"""National overlays: every action of an OpenAPI Overlay 1.0, and a place for each that is none."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest

from istmo.errors import KitError
from istmo.spec import amend

Json = dict[str, Any]

DOCUMENT: Json = {
    "info": {"title": "People", "contact": {"name": "Registry"}},
    "tags": [{"name": "people"}, {"name": "houses"}],
    "paths": {"/people": {"get": {"tags": ["people"], "deprecated": False}}},
}


def made(*actions: Json) -> Json:
    return {"overlay": "1.0.0", "info": {"title": "x", "version": "1"}, "actions": list(actions)}


def update(target: str, told: Any) -> Json:
    return {"target": target, "update": told}


def test_an_overlay_without_actions_changes_nothing() -> None:
    found = amend(DOCUMENT, made())
    assert found == DOCUMENT
    assert found["paths"] is not DOCUMENT["paths"]


@pytest.mark.parametrize(
    ("action", "place", "expected"),
    [
        (update("$.info", {"version": "2"}), ("info", "version"), "2"),
        (update("$", {"info": {"contact": {"url": "x"}}}), ("info", "contact"), {"name": "Registry", "url": "x"}),
        (update("$.info", {"title": "Persons"}), ("info", "title"), "Persons"),
        (update("$.info", {"title": None}), ("info", "title"), None),
        (update("$.paths['/people'].get", {"tags": ["more"]}), ("paths", "/people", "get", "tags"), ["people", "more"]),
        (update("$.paths['/people'].get", {"deprecated": True}), ("paths", "/people", "get", "deprecated"), True),
        (update("$.tags", {"name": "roads"}), ("tags", 2), {"name": "roads"}),
        (update("$.tags[?(@.name=='houses')]", {"description": "d"}), ("tags", 1, "description"), "d"),
        (update("$.tags[0]", {"description": "d"}), ("tags", 0, "description"), "d"),
        ({"target": "$.tags[0]", "remove": True}, ("tags",), [{"name": "houses"}]),
        ({"target": "$.info.contact", "remove": True}, ("info",), {"title": "People"}),
        ({"target": "$.info", "remove": True, "update": {"title": "no"}}, ("tags", 0, "name"), "people"),
        ({"target": "$.info", "remove": False, "update": {"title": "yes"}}, ("info", "title"), "yes"),
        ({"target": "$.info", "remove": False}, ("info", "title"), "People"),
    ],
)
def test_an_action_does_what_the_overlay_specification_says(
    action: Json, place: tuple[Any, ...], expected: Any
) -> None:
    before = deepcopy(DOCUMENT)
    found: Any = amend(DOCUMENT, made(action))
    for token in place:
        found = found[token]
    assert found == expected
    assert before == DOCUMENT


def test_actions_are_done_in_their_order() -> None:
    found = amend(DOCUMENT, made(update("$.tags", {"name": "roads"}), {"target": "$.tags[2]", "remove": True}))
    assert found == DOCUMENT


def test_several_items_are_removed_at_their_own_places() -> None:
    document = {"tags": [{"kind": "a", "n": 1}, {"kind": "b", "n": 2}, {"kind": "a", "n": 3}]}
    found = amend(document, made({"target": "$.tags[?(@.kind=='a')]", "remove": True}))
    assert found == {"tags": [{"kind": "b", "n": 2}]}


def test_what_is_laid_in_twice_is_two_things() -> None:
    shared: Json = {"list": []}
    found = amend({"a": [], "b": {}}, made(update("$.a", shared), update("$.b", {"own": shared})))
    found["a"][0]["list"].append(1)
    assert found["b"]["own"] == {"list": []} == shared


@pytest.mark.parametrize(
    ("overlay", "code", "place"),
    [
        (None, "overlay-action", "overlay.yaml"),
        ({"overlay": "1.0.0"}, "overlay-action", "overlay.yaml"),
        ({"overlay": "2.0.0", "actions": []}, "overlay-action", "overlay.yaml"),
        ({"actions": []}, "overlay-action", "overlay.yaml"),
        (made("x"), "overlay-action", "#/actions/0"),  # type: ignore[arg-type] # the point: no object
        (made({"target": "$.info"}), "overlay-action", "#/actions/0"),
        (made({"target": 1, "update": {}}), "overlay-action", "#/actions/0"),
        (made({"target": "$.info", "remove": "yes"}), "overlay-action", "#/actions/0"),
        (made({"target": "$", "remove": True}), "overlay-action", "#/actions/0"),
        (made(update("$.info", {}), update("$.none", {})), "overlay-target", "#/actions/1"),
        (made(update("$..title", {})), "overlay-syntax", "#/actions/0"),
        (made(update("$.info.title", {})), "overlay-clash", "#/actions/0/update"),
        (made(update("$.info", [])), "overlay-clash", "#/actions/0/update"),
        (made(update("$.info", {"title": {}})), "overlay-clash", "/title"),
        (made(update("$.info", {"contact": {"name": ["x"]}})), "overlay-clash", "/contact/name"),
        (made(update("$.paths", {"/people": {"get": {"tags": {}}}})), "overlay-clash", "/~1people/get/tags"),
    ],
)
def test_a_broken_overlay_is_refused_with_its_place(overlay: Any, code: str, place: str) -> None:
    with pytest.raises(KitError, match=re.escape(place)) as refused:
        amend(DOCUMENT, overlay)
    assert refused.value.code == code
