"""Wrong limits between people: files, lists, cursors, members and payments that reach further than they should."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.wrong_services._tamper import App, Call, Forward, Reply

IDENTITY, DOCUMENTS = "istmo.runtime.identity", "istmo.runtime.documents"
MACHINE = "istmo.runtime.cases._machine:Case"
DECIDED = ("status", "fees", "outputs", "decision", "submittedAt", "dueBy")
Json = dict[str, Any]


@wrong("common/role-required", "An officer may make and change requests like a citizen.")
def officers_write_too(reference: Reference) -> App:
    original = reference.original(IDENTITY, "authorize")

    def authorize(operation: Any, who: Any) -> None:
        verbs = {scope.rpartition(":")[2] for scope in operation.scopes}
        if verbs == {"write"} and who.may("officer"):
            who = replace(who, scopes=who.scopes | set(operation.scopes))
        original(operation, who)

    reference.replace(IDENTITY, authorize=authorize)
    return reference.app()


@wrong("common/others-documents-refused", "Whoever knows the identifier of a file can hand it in.")
def files_of_others_attached(reference: Reference) -> App:
    async def own(work: Any, document_id: str) -> Any:
        from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

        try:
            return await work.get("documents", document_id, any_owner=True)
        except Problem:
            return None

    reference.replace(DOCUMENTS, _own=own)
    return reference.app()


@wrong("common/others-documents-refused", "Whoever knows the identifier of a file can hand it in as evidence.")
def files_of_others_as_evidence(reference: Reference) -> App:
    original = reference.original(DOCUMENTS, "attach")

    async def attach(work: Any, wanted: Iterable[tuple[str, str]], *, to: str) -> None:
        listed = [(document, pointer) for document, pointer in wanted if not pointer.startswith("/evidence/")]
        await original(work, listed, to=to)

    reference.replace(DOCUMENTS, attach=attach)
    return reference.app()


@wrong("common/others-documents-refused", "The refusal of a file names it.")
def refused_file_named(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        document = reply.json if call.is_for("createRequest", "replaceRequest") and reply.status == 422 else None
        if document is not None and any(one.get("pointer") == "/documents/0" for one in document.get("errors", ())):
            named = json.loads(call.body)["documents"][0]
            reply.put({**document, "detail": f"the document {named} belongs to somebody else"})

    return reference.answering(change)


@wrong("common/own-members-refused", "What the service decides is left out of a body without a word.")
def own_members_left_out(reference: Reference) -> App:
    def change(call: Call) -> None:
        if not call.is_for("createRequest", "replaceRequest"):
            return
        try:
            document = json.loads(call.body.decode())
        except (ValueError, RecursionError):
            return  # refused further in
        if isinstance(document, dict) and document.keys() & set(DECIDED):
            call.body = json.dumps({name: document[name] for name in document if name not in DECIDED}).encode()

    return reference.asking(change)


@wrong("common/lists-show-no-more", "A list shows what officers have noted.")
def list_shows_notes(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        document = reply.json if call.is_for("listRequests") and reply.status < 400 else None
        if document is not None:
            reply.put({**document, "items": [{**one, "riskScore": 7} for one in document["items"]]})

    return reference.answering(change)


@wrong("common/cursor-private", "A cursor holds whose list it goes on with.")
def cursor_holds_owner(reference: Reference) -> App:
    owners: dict[str, str] = {}

    async def tamper(call: Call, forward: Forward) -> Reply:
        if not call.is_for("listRequests"):
            return await forward(call)
        for cursor in parse_qs(call.query).get("cursor", ()):
            call.set("authorization", owners.get(cursor, call.header("authorization") or ""))
        reply = await forward(call)
        document = reply.json
        following = document.get("page", {}).get("nextCursor") if isinstance(document, dict) else None
        if following:
            owners[following] = call.header("authorization") or ""
        return reply

    return reference.tampered(tamper)


@wrong("common/payment-counts-once", "Every report of a payment is a step of the case.")
def every_payment_noted(reference: Reference) -> App:
    machine = reference.original("istmo.runtime.cases._machine", "Case")
    draft = reference.original("istmo.runtime.cases._draft", "CaseDraft")
    original = machine.take

    async def take(self: Any, work: Any, kind: str, data: Json) -> None:
        for record in await work.find(self.collection, reference=str(data.get("caseReference")), limit=1):
            case = draft(work, record)
            if case.status == "completed":
                last = case.doc["statusHistory"][-1]
                case.doc["statusHistory"] = [*case.doc["statusHistory"], {**last, "byRole": "system"}]
                await self._save(work, case)
        await original(self, work, kind, data)

    reference.replace(MACHINE, take=take)
    return reference.app()
