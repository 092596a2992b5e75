"""The kit's own documents keep their schemas, and what the layer says stands in both languages."""

from __future__ import annotations

import string
from pathlib import Path
from shutil import copytree

import pytest

from istmo import texts
from istmo.errors import KitError
from istmo.paths import data
from istmo.spec import check_documents
from istmo.spec._check import DOCUMENTS, check_document
from istmo.spec._refusal import TEXTS, plain, refusal


def test_every_document_of_the_standard_keeps_its_schema() -> None:
    assert [str(fault) for fault in check_documents()] == []


def test_a_document_without_a_schema_is_refused_and_not_passed_over() -> None:
    with pytest.raises(KitError, match=r"nothing\.schema\.json"):
        list(check_document("nothing", {}, "nothing.yaml"))


def test_every_kind_of_document_has_a_document() -> None:
    assert [kind for kind, pattern in DOCUMENTS.items() if not list(data("specs").glob(pattern))] == []


def test_a_broken_document_is_told_by_file_and_place(tmp_path: Path) -> None:
    copytree(data("specs") / "civil_certificates", tmp_path / "civil_certificates")
    copytree(data("specs") / "standard", tmp_path / "standard")
    path = tmp_path / "civil_certificates" / "service.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("stages: 5", "stages: nine"), encoding="utf-8")
    (fault,) = check_documents(tmp_path)
    assert (fault.file, fault.pointer, fault.schema) == (
        "civil_certificates/service.yaml",
        "/stages",
        "service",
    )


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("code", TEXTS)
def test_a_refusal_says_the_same_in_both_languages(code: str) -> None:
    message, hint, mensaje, pista = TEXTS[code]
    assert fields(message) == fields(mensaje)
    assert fields(hint) == fields(pista)
    assert message != mensaje


def test_a_refusal_speaks_the_chosen_language() -> None:
    try:
        texts.use("es")
        assert "no existe" in refusal("spec-not-found", file="x").message
        texts.use("en")
        assert "is not there" in refusal("spec-not-found", file="x").message
    finally:
        texts.use(None)


def test_hostile_words_are_harmless_in_a_message() -> None:
    assert plain("\x1b[31m<script>\n{0}") == "?[31m?script??{0}"
    assert len(plain("x" * 1000)) == 160
    assert "{evil}" in refusal("spec-ref-missing", place="#", target="{evil}").message
