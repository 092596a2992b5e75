{% set it = facts(cookiecutter) -%}
"""The decision as a document that its owner keeps: who decided, on what, and how anybody can verify it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from istmo.runtime import describe, pdf

from . import kinds

if TYPE_CHECKING:
    from istmo.runtime import Work
    from istmo.runtime.cases import CaseDraft

WORDS = {
    "en": {
        "title": "Decision",
        "reference": "Reference",
        "kind": "Kind",
        "purpose": "Purpose",
        "decided": "Decided",
        "granted": "What was asked for is granted.",
    },
    "es": {
        "title": "Resolución",
        "reference": "Referencia",
        "kind": "Tipo",
        "purpose": "Finalidad",
        "decided": "Fecha de la decisión",
        "granted": "Se concede lo solicitado.",
    },
}


async def issue(work: Work, case: CaseDraft) -> dict[str, Any]:
    """Store the document of an approved case and return the output that names it."""
    language = case.language if case.language in WORDS else "en"
    words, doc = WORDS[language], case.doc
    facts = [
        (words["reference"], doc["reference"]),
        (words["kind"], kinds.text(doc["kind"], language)),
        (words["purpose"], doc["purpose"]),
        (words["decided"], doc["decision"]["decidedAt"]),
    ]
    paper = pdf.document(
        words["title"],
        [pdf.Section(words["title"], language, facts, [words["granted"]])],
        language=language,
        author=str(describe.authority(work, language)["name"]),
        number=doc["reference"],
        code=doc["receipt"]["code"],
        made_at=work.now,
    )
    stored = await work.store_file(paper, "application/pdf", "decision", case.owner, words["title"], issued=True)
    href = f"{work.context.base_path}/documents/{stored.id}/content"
    return {"type": "decision", "id": stored.id, "href": href, "title": words["title"]}
