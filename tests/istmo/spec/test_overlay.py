"""Translations touch texts only, and lag behind visibly."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from istmo.errors import KitError
from istmo.paths import data
from istmo.spec import load_yaml, overlay
from istmo.spec._bundle import read_source

from .conftest import Write

OVERLAYS = sorted(data("specs").glob("*/openapi.es.overlay.yaml"))


def made(*actions: dict[str, Any]) -> dict[str, Any]:
    return {"overlay": "1.0.0", "extends": "openapi.json", "actions": list(actions)}


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.parent.name)
def test_every_translation_of_the_standard_is_complete_and_fresh(path: Path) -> None:
    document = read_source(path.with_name("openapi.yaml"), data("specs"))
    found = overlay.flaws(document, load_yaml(path, trusted=True), path.name)
    assert not found, (
        f"{found[:5]}; then run: python -m istmo.spec.overlay digest {path.relative_to(data('specs').parent)}"
    )


def test_texts_are_replaced_where_the_target_points(document: dict[str, Any]) -> None:
    spanish = made(
        {"target": "$.info", "update": {"title": "Personas"}},
        {"target": "$.paths['/people'].post", "update": {"summary": "Anotar a una persona"}},
        {
            "target": "$.paths[\"/people\"].post.requestBody.content['application/json'].examples.ana",
            "update": {"summary": "Ana (es)"},
        },
    )
    found = overlay.apply(document, spanish)
    assert found["info"]["title"] == "Personas"
    assert found["paths"]["/people"]["post"]["summary"] == "Anotar a una persona"
    assert document["info"]["title"] == "People"


def test_lists_are_reached_by_index_and_by_name(document: dict[str, Any]) -> None:
    document["tags"] = [{"name": "people", "description": "All."}]
    for target in ("$.tags[0]", "$.tags[?(@.name=='people')]", "$.tags[?@.name == 'people']"):
        found = overlay.apply(document, made({"target": target, "update": {"description": "Todas."}}))
        assert found["tags"][0]["description"] == "Todas."


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ({"target": "$.paths['/none'].get", "update": {"summary": "x"}}, "overlay-target"),
        ({"target": "$.info", "update": {"summary": "x"}}, "overlay-target"),
        ({"target": "$.info", "update": {"version": "9.0.0"}}, "overlay-syntax"),
        ({"target": "$.info", "update": {"title": 1}}, "overlay-syntax"),
        ({"target": "$..title", "update": {"title": "x"}}, "overlay-syntax"),
        ({"target": "info", "update": {"title": "x"}}, "overlay-syntax"),
        ({"target": "$.info", "remove": True}, "overlay-syntax"),
    ],
)
def test_an_overlay_that_does_more_than_translate_is_refused(action: Any, code: str, document: dict[str, Any]) -> None:
    with pytest.raises(KitError) as refused:
        overlay.apply(document, made(action))
    assert refused.value.code == code


def test_a_changed_text_makes_its_translation_stale(document: dict[str, Any]) -> None:
    digest = overlay.digest({"description": "All of them.", "title": "People"})
    action = {
        "target": "$.info",
        "update": {"title": "Personas", "description": "Todas."},
        overlay.DIGEST: digest,
    }
    kinds = {flaw.kind for flaw in overlay.flaws(document, made(action))}
    assert kinds == {"untranslated"}
    document["info"]["title"] = "Persons"
    assert overlay.Flaw("stale", "$.info") in overlay.flaws(document, made(action))


def test_texts_without_translation_and_translations_without_text_are_told(document: dict[str, Any]) -> None:
    found = overlay.flaws(document, made({"target": "$.tags", "update": {"description": "x"}}))
    assert overlay.Flaw("superfluous", "$.tags") in found
    assert overlay.Flaw("untranslated", "/info/title") in found
    assert overlay.Flaw("untranslated", "/paths/~1people/post/summary") in found
    assert not [flaw for flaw in found if "/value" in flaw.place]


def test_the_digest_is_that_of_the_canonical_english_texts() -> None:
    assert overlay.digest({"title": "ñ", "summary": "x"}) == sha256('{"summary":"x","title":"ñ"}'.encode()).hexdigest()


def test_the_command_fills_the_digests_and_keeps_the_layout(
    document: dict[str, Any], write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        'overlay: "1.0.0"',
        "extends: openapi.json",
        "# a comment that stays",
        "actions:",
        "  - target: $.info",
        "    update: {title: Personas, description: Todas.}",
        "  - target: >-",
        "      $.info",
        "    update:",
        "      title: Personas",
        "    # why",
        "",
    ]
    folder = write(specs__people__openapi_json=document, specs__people__es_yaml="\n".join(lines)) / "specs" / "people"
    assert overlay.main(["check", str(folder / "es.yaml")]) == 1
    assert overlay.main(["digest", str(folder / "es.yaml")]) == 0
    assert overlay.main(["digest", str(folder / "es.yaml")]) == 0
    text = (folder / "es.yaml").read_text(encoding="utf-8")
    assert text.count(overlay.DIGEST) == 2
    assert text.index("      $.info\n    x-istmo-digest") > 0
    assert "# a comment that stays" in text
    capsys.readouterr()
    overlay.main(["check", str(folder / "es.yaml")])
    assert "stale" not in capsys.readouterr().out


def test_a_wrong_use_of_the_command_is_told_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert overlay.main([]) == 2
    assert overlay.main(["check", "/no/such/file.yaml"]) == 2
    assert "spec-not-found" in capsys.readouterr().err
