"""Wrong forms: in one format only, unreadable, or asking for something else than the operation takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_services._tamper import App, Call, Reply

FORMS, PDF = "istmo.runtime.forms", "istmo.runtime.pdf"
SCHEMA_TYPE = "application/schema+json"
Json = dict[str, Any]


def _schemas(reference: Reference, change: Callable[[Json, str], object]) -> App:
    """Build the reference with other schemas of its forms; `change` gets the schema and the code of the form."""

    def changed(call: Call, reply: Reply) -> None:
        if call.is_for("getForm") and reply.status == 200 and reply.header("content-type") == SCHEMA_TYPE:
            document = reply.json
            change(document, call.parameters["code"])
            reply.put(document)

    return reference.answering(changed)


# Formats


@wrong("common/forms-in-both-formats", "A form that was added last has not been set for print.")
def form_without_paper(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("getForm") and call.parameters["code"] == "mandate" and "pdf" in (call.header("accept") or ""):
            reply.status = 404
            reply.set("content-type", "application/problem+json")
            number = reply.header("correlation-id")
            reply.put({"type": "urn:istmo:problem:not-found", "title": "Not found", "status": 404, "code": "not-found",
                       "correlationId": number})  # fmt: skip

    return reference.answering(change)


@wrong("common/forms-in-both-formats", "The form to print is an image without any text.")
def form_as_image(reference: Reference) -> App:
    def form(*_: Any, **__: Any) -> bytes:
        from io import BytesIO  # noqa: PLC0415 - as below

        from pypdf import PdfWriter  # noqa: PLC0415 - the gallery lists without loading it

        writer, out = PdfWriter(), BytesIO()
        writer.add_blank_page(width=595, height=842)
        writer.write(out)
        return out.getvalue()

    reference.replace(PDF, form=form)
    return reference.app()


@wrong("common/forms-in-both-formats", "The form to print is a page for browsers under the name of a PDF.")
def form_as_web_page(reference: Reference) -> App:
    reference.replace(PDF, form=lambda title, *_, **__: f"<!doctype html><title>{title}</title>".encode())
    return reference.app()


@wrong(
    "common/forms-in-both-formats",
    "The schema of a form refers to schemas that it does not bring along.",
    also=("common/form-schema-agrees-with-create",),
)
def form_schema_in_pieces(reference: Reference) -> App:
    return _schemas(reference, lambda document, _: document.pop("$defs", None))


# Agreement with the operation


@wrong("common/form-schema-agrees-with-create", "The form takes members that the operation refuses.")
def form_left_open(reference: Reference) -> App:
    return _schemas(reference, lambda document, _: document.pop("unevaluatedProperties", None))


@wrong(
    "common/form-schema-agrees-with-create", "The form asks for a telephone number that the operation does not know."
)
def form_asks_for_more(reference: Reference) -> App:
    def change(document: Json, code: str) -> None:
        if code == "request":
            document.setdefault("required", []).append("telephone")
            document.setdefault("properties", {})["telephone"] = {"type": "string"}

    return _schemas(reference, change)


@wrong("common/form-schema-agrees-with-create", "What the operation needs is optional in the form.")
def form_asks_for_less(reference: Reference) -> App:
    def change(document: Json, _: str) -> None:
        document["required"] = document.get("required", [])[:-1]

    return _schemas(reference, change)


@wrong("common/form-schema-agrees-with-create", "The form still has the limit of copies of an earlier version.")
def form_of_earlier_version(reference: Reference) -> App:
    def change(document: Json, code: str) -> None:
        if code == "request":
            document["allOf"] = [*document.get("allOf", ()), {"properties": {"copies": {"maximum": 1}}}]

    return _schemas(reference, change)
