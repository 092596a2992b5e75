"""Wrong in one place only: a rule of one member of one operation, a status of one operation, a change that merges."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_services._tamper import App, Call, Forward, Reply

KERNEL = "istmo.runtime.kernel:Kernel"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LARGEST = 10 * 1024 * 1024
OPTIONAL = frozenset({"national", "purpose", "language", "documents", "evidence"})
Json = dict[str, Any]
Items = list[Json]


def _judging(reference: Reference, operation: str, change: Callable[[Json], Json | None]) -> App:
    """Build the reference with one operation that tells other violations of its bodies; none of one is forgiveness."""
    original = reference.original(KERNEL, "_schema")

    def schema(call: Any, value: Any) -> Items:
        items: Items = original(call, value)
        if call.bound.operation.id != operation:
            return items
        return [told for item in items if (told := change(item)) is not None]

    reference.replace(KERNEL, _schema=staticmethod(schema))
    return reference.app()


def _forgiving(reference: Reference, operation: str, code: str, pointer: str) -> App:
    """Build the reference with one operation that forgives one kind of violation in one place."""

    def change(item: Json) -> Json | None:
        return None if (item["code"], item["pointer"]) == (code, pointer) else item

    return _judging(reference, operation, change)


# Rules of bodies


@wrong("common/constraints-hold", "One action takes grounds of any length.")
def grounds_of_any_length(reference: Reference) -> App:
    return _forgiving(reference, "requestInformation", "too-long", "/grounds/0/text")


@wrong("common/constraints-hold", "One action takes a proof of any format.")
def proof_of_any_format(reference: Reference) -> App:
    return _forgiving(reference, "applyCorrection", "not-in-list", "/evidence/0/proof/format")


@wrong("common/constraints-hold", "One and the same type of event can be asked for twice.")
def types_named_twice(reference: Reference) -> App:
    return _forgiving(reference, "createSubscription", "repeated-item", "/types")


@wrong("common/constraints-hold", "One action needs no code for its grounds.")
def grounds_without_code(reference: Reference) -> App:
    return _forgiving(reference, "applyCorrection", "missing-property", "/grounds/0/code")


@wrong("common/constraints-hold", "A number is as good as a moment, in one member at one action.")
def moment_is_a_number(reference: Reference) -> App:
    return _forgiving(reference, "dismissCorrection", "wrong-type", "/evidence/0/validUntil")


@wrong("common/constraints-hold", "One operation names the list and not the item in it.")
def item_not_named(reference: Reference) -> App:
    def change(item: Json) -> Json:
        return {**item, "pointer": item["pointer"].replace("/grounds/0", "/grounds")}

    return _judging(reference, "rejectRequest", change)


@wrong("common/constraints-hold", "One operation names a member that the body does not have.")
def member_of_another_name(reference: Reference) -> App:
    def change(item: Json) -> Json:
        return {**item, "pointer": item["pointer"].replace("/proposedValue", "/value")}

    return _judging(reference, "createCorrection", change)


@wrong(
    "common/constraints-hold",
    "A file can have a title of any length.",
    also=("common/answers-match-the-contract",),
)
def title_of_any_length(reference: Reference) -> App:
    return _forgiving(reference, "uploadDocument", "too-long", "/title")


@wrong("common/constraints-hold", "A form can carry fields that nobody knows.")
def unknown_field_taken(reference: Reference) -> App:
    return _forgiving(reference, "uploadDocument", "unknown-property", "/istmoUnknown")


# Rules of parameters


@wrong("common/constraints-hold", "A status that no certificate has lists them all.")
def any_certificate_status(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.is_for("listCertificates"):
            known = {"valid", "superseded", "revoked", "expired"}
            pairs = parse_qsl(call.query, keep_blank_values=True)
            call.query = urlencode([(name, value) for name, value in pairs if name != "status" or value in known])

    return reference.asking(change)


@wrong("common/constraints-hold", "A condition that cannot be read is as good as none, where none is needed.")
def unreadable_condition_ignored(reference: Reference) -> App:
    def change(call: Call) -> None:
        tag = call.header("if-match")
        if call.is_for("revokeCertificate") and tag is not None and not (tag[:1] == tag[-1:] == '"'):
            call.drop("if-match")

    return reference.asking(change)


@wrong("common/repeated-parameter", "Of two statuses the last one counts; of two limits none.")
def last_status_counts(reference: Reference) -> App:
    def change(call: Call) -> None:
        pairs = parse_qsl(call.query, keep_blank_values=True)
        if call.is_for("listRequests") and [name for name, _ in pairs].count("status") > 1:
            call.query = urlencode(dict(pairs))

    return reference.asking(change)


# Statuses


def _answering(reference: Reference, operation: str, before: int, code: str) -> App:
    """Build the reference with one operation that refuses with another problem than the one that is due."""
    from istmo.errors import problem_types  # noqa: PLC0415 - the gallery lists without loading the kernel

    def change(call: Call, reply: Reply) -> None:
        meant = call.is_for(operation) and UUID.fullmatch(call.parameters.get("id", "")) is not None
        document = reply.json if meant and reply.status == before else None
        if document is not None:
            kind = problem_types()[code]
            reply.status = kind.status
            reply.put({**document, "type": kind.type, "status": kind.status, "code": code, "title": kind.title("en")})

    return reference.answering(change)


@wrong("common/unknown-resource", "Where there is nothing, the state is said not to allow it.")
def nothing_is_a_conflict(reference: Reference) -> App:
    return _answering(reference, "dismissCorrection", 404, "conflict")


@wrong("common/unknown-resource", "What was never there is deleted with success.")
def deleted_what_never_was(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        meant = call.is_for("deleteSubscription") and UUID.fullmatch(call.parameters.get("id", ""))
        if meant and reply.status == 404:
            reply.status, reply.body = 204, b""
            reply.drop("content-type")

    return reference.answering(change)


@wrong("common/discarded-draft-gone", "One action knows nothing of what was given up.")
def given_up_is_unknown_to_one_action(reference: Reference) -> App:
    return _answering(reference, "withdrawRequest", 410, "not-found")


@wrong("common/stale-if-match", "One action does not look at the version that it was bound to.")
def revoked_whatever_the_version(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.is_for("revokeCertificate") and call.header("if-match") == '"0"':
            call.drop("if-match")

    return reference.asking(change)


@wrong(
    "common/idempotent-replay",
    "One operation makes anew what it has made.",
    also=("common/idempotent-under-concurrency",),  # twins are replays of each other
)
def subscribed_twice(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.is_for("createSubscription") and len(call.header("idempotency-key") or "") > 36:
            call.set("idempotency-key", str(uuid.uuid4()))

    return reference.asking(change)


@wrong("common/body-size-bounded", "One operation reads on, however large its body is.")
def mandate_of_any_size(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.is_for("createMandate") and len(call.body) > LARGEST:
            call.body = b"{}"

    return reference.asking(change)


@wrong("common/impossible-accept", "Only what is read looks at what the caller accepts.")
def writes_accept_anything(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.method != "GET":
            call.drop("accept")

    return reference.asking(change)


@wrong("common/wrong-media-type", "A file comes in any media type, as long as it is not JSON.")
def files_in_any_media_type(reference: Reference) -> App:
    def change(call: Call) -> None:
        media = call.header("content-type") or ""
        if call.is_for("uploadDocument") and not media.startswith(("multipart/", "application/json")):
            call.set("content-type", "multipart/form-data; boundary=istmo")

    return reference.asking(change)


# Changes


def _merging(reference: Reference, merge: Callable[[Json, Json], Json]) -> App:
    """Build the reference with a change that puts what it gets over what was there before."""
    written: dict[str, Json] = {}

    async def tamper(call: Call, forward: Forward) -> Reply:
        name = call.parameters.get("id", "")
        try:
            body = json.loads(call.body) if call.is_for("createRequest", "replaceRequest") else None
        except (ValueError, RecursionError):
            body = None
        if isinstance(body, dict) and call.is_for("replaceRequest") and name in written:
            body = merge(written[name], body)
            call.body = json.dumps(body, ensure_ascii=False).encode()
        reply = await forward(call)
        if isinstance(body, dict) and reply.status in {200, 201}:
            written[str(reply.json["id"])] = body
        return reply

    return reference.tampered(tamper)


@wrong("common/change-replaces", "What a change leaves out stays as it was.")
def change_keeps_the_rest(reference: Reference) -> App:
    def merge(before: Json, body: Json) -> Json:
        return {**{name: value for name, value in before.items() if name in OPTIONAL}, **body}

    return _merging(reference, merge)


@wrong("common/change-replaces", "Inside an object, what a change leaves out stays as it was.")
def change_keeps_the_rest_inside(reference: Reference) -> App:
    def merge(before: Json, body: Json) -> Json:
        old, new = before.get("national"), body.get("national")
        return {**body, "national": {**old, **new}} if isinstance(old, dict) and isinstance(new, dict) else body

    return _merging(reference, merge)
