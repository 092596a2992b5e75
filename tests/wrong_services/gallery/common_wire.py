"""Wrong wires: headers, problems, the shape of answers, addresses, verbs, media types."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App, Call, Reply

KERNEL, PARSE, TRACE = "istmo.runtime.kernel", "istmo.runtime.parse", "istmo.runtime.trace"
REFUSED = 400


def _problem(code: str, **members: object) -> Exception:
    from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

    return Problem(code, **members)  # type: ignore[arg-type] # passed on as they came


# Correlation and version


@wrong("common/correlation-id", "The correlation id that the caller sent is replaced by one's own.")
def correlation_not_taken_over(reference: Reference) -> App:
    original = reference.original(TRACE, "begin")

    def begin(scope: Any) -> Any:
        about = original(scope)
        about.correlation_id = str(uuid.uuid4())
        return about

    reference.replace(TRACE, begin=begin)
    return reference.app()


@wrong("common/correlation-id", "Only refusals carry a correlation id.")
def correlation_on_refusals_only(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        if reply.status < REFUSED:
            reply.drop("correlation-id")

    return reference.answering(change)


@wrong("common/correlation-id", "Whatever stands in the header comes back.")
def correlation_repeats_anything(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        sent = call.header("correlation-id")
        if sent is not None and reply.status < REFUSED:
            reply.set("correlation-id", sent)

    return reference.answering(change)


@wrong("common/correlation-id", "Who sends no correlation id gets the same as everybody.")
def correlation_of_everybody(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.header("correlation-id") is None and reply.status < REFUSED:
            reply.set("correlation-id", "00000000-0000-4000-8000-000000000000")

    return reference.answering(change)


@wrong("common/api-version", "Refusals do not name the version.")
def version_missing_on_refusals(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        if reply.status >= REFUSED:
            reply.drop("api-version")

    return reference.answering(change)


@wrong("common/api-version", "The header names the version of the software, not that of the contract.")
def version_of_software(reference: Reference) -> App:
    return reference.answering(lambda _, reply: reply.set("api-version", "7.4.1"))


@wrong("common/api-version", "The header names the first part of the version only.")
def version_cut(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        found = reply.header("api-version")
        if found is not None:
            reply.set("api-version", found.partition(".")[0])

    return reference.answering(change)


# Problems


def _problems(reference: Reference, status: int, change: Any) -> App:
    """Build the reference with other problems of one status."""

    def changed(call: Call, reply: Reply) -> None:
        document = reply.json if reply.status == status else None
        if isinstance(document, dict) and not call.path.startswith("/_sandbox"):
            change(call, reply, document)

    return reference.answering(changed)


@wrong("common/problem-details", "An unknown address is refused in the words of the framework.")
def refused_as_the_framework_does(reference: Reference) -> App:
    def change(call: Call, reply: Reply, _: Any) -> None:
        if call.operation is None:
            reply.set("content-type", "application/json")
            reply.put({"detail": "Not Found"})

    return _problems(reference, 404, change)


@wrong("common/problem-details", "The status in the problem is a text.")
def problem_status_as_text(reference: Reference) -> App:
    def change(_: Call, reply: Reply, document: Any) -> None:
        reply.put({**document, "status": str(document["status"])})

    return _problems(reference, 405, change)


@wrong("common/problem-details", "The status in the problem is not that of the answer.")
def problem_status_another(reference: Reference) -> App:
    def change(_: Call, reply: Reply, document: Any) -> None:
        reply.put({**document, "status": 400})

    return _problems(reference, 406, change)


@wrong("common/problem-details", "A problem has a code of the agency's own.")
def problem_code_unheard_of(reference: Reference) -> App:
    def change(_: Call, reply: Reply, document: Any) -> None:
        code = "wrong-verb"
        reply.put({**document, "code": code, "type": f"urn:istmo:problem:{code}"})

    return _problems(reference, 405, change)


@wrong("common/problem-details", "Problems are sent as plain JSON.")
def problem_as_plain_json(reference: Reference) -> App:
    def change(_: Call, reply: Reply, __: Any) -> None:
        reply.set("content-type", "application/json")

    return _problems(reference, 405, change)


# Answers and the contract


@wrong(
    "common/answers-match-the-contract",
    "Health is told in a word that the contract does not know.",
    also=("common/health-tells-little",),  # which asks for the same words
)
def health_in_other_words(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("getHealth") and reply.status < REFUSED:
            reply.put({"status": "UP"})

    return reference.answering(change)


@wrong("common/answers-match-the-contract", "Health is told as plain text.")
def health_as_text(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("getHealth") and reply.status < REFUSED:
            reply.set("content-type", "text/plain")

    return reference.answering(change)


@wrong("common/answers-match-the-contract", "Cases in a list lack members that the contract promises.")
def listed_cases_cut(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        document = reply.json if call.is_for("listRequests") and reply.status < REFUSED else None
        if document is not None:
            for item in document["items"]:
                item.pop("updatedAt")
            reply.put(document)

    return reference.answering(change)


@wrong(
    "common/answers-match-the-contract",
    "The answer to a new case does not say where it is.",
    also=("common/identifiers-not-in-addresses",),  # an address that is not given cannot be looked at
)
def new_case_without_place(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("createRequest"):
            reply.drop("location")

    return reference.answering(change)


# Addresses and verbs


@wrong("common/unknown-path", "A slash at the end is forgiven.")
def slash_forgiven(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.operation is None and call.path.count("/") > 3:
            call.path = call.path.rstrip("/")

    return reference.asking(change)


@wrong("common/unknown-path", "Capital letters in an address are forgiven.")
def capitals_forgiven(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.operation is None:
            call.path = call.path.lower()

    return reference.asking(change)


@wrong("common/unknown-path", "What follows a known address is cut off.")
def rest_of_path_cut(reference: Reference) -> App:
    def change(call: Call) -> None:
        for known in ("/stages", "/fees", "/health"):
            head, found, _ = call.path.partition(f"{known}/")
            if found and call.operation is None:
                call.path = head + known

    return reference.asking(change)


@wrong(
    "common/unknown-path",
    "An identifier of the wrong form is a fault of the request.",
    also=("common/constraints-hold",),
)
def odd_identifier_refused_as_fault(reference: Reference) -> App:
    original = reference.original(KERNEL, "_fits")

    def fits(parameter: Any, text: str) -> bool:
        if not original(parameter, text):
            raise _problem("validation-failed", errors=[{"in": "path", "name": "id", "code": "wrong-format"}])
        return True

    reference.replace(KERNEL, _fits=fits)
    return reference.app()


def _no_method(reference: Reference, refusal: Any) -> App:
    reference.replace(f"{KERNEL}:Kernel", _no_method=staticmethod(refusal))
    return reference.app()


@wrong("common/wrong-method", "A wrong verb is answered as if there were no such address.")
def wrong_verb_not_found(reference: Reference) -> App:
    return _no_method(reference, lambda _: _problem("not-found"))


@wrong("common/wrong-method", "The refusal of a verb does not say which ones there are.")
def verbs_not_named(reference: Reference) -> App:
    return _no_method(reference, lambda _: _problem("method-not-allowed"))


@wrong("common/wrong-method", "The refusal of a verb names all verbs there are anywhere.")
def all_verbs_named(reference: Reference) -> App:
    verbs = "DELETE, GET, HEAD, PATCH, POST, PUT"
    return _no_method(reference, lambda _: _problem("method-not-allowed", headers={"Allow": verbs}))


@wrong("common/wrong-method", "The refusal of a verb names one of several.")
def one_verb_named(reference: Reference) -> App:
    def refusal(place: Any) -> Exception:
        return _problem("method-not-allowed", headers={"Allow": place.allow.partition(",")[0]})

    return _no_method(reference, refusal)


# Media types


@wrong("common/wrong-media-type", "Nobody looks at the media type of a body.")
def every_body_is_json(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.operation is not None and "application/json" in call.operation.request and call.body:
            call.set("content-type", "application/json")

    return reference.asking(change)


@wrong("common/wrong-media-type", "What a web page sends as a form is read as JSON.")
def forms_read_as_json(reference: Reference) -> App:
    def change(call: Call) -> None:
        if (call.header("content-type") or "").startswith("application/x-www-form-urlencoded"):
            call.set("content-type", "application/json")

    return reference.asking(change)


@wrong("common/wrong-media-type", "A wrong media type is refused as a wrong body.")
def media_type_refused_as_body(reference: Reference) -> App:
    from istmo.errors import Problem  # noqa: PLC0415 - see above

    original = reference.original(f"{KERNEL}:Kernel", "_body")

    async def body(self: Any, call: Any) -> Any:
        try:
            return await original(self, call)
        except Problem as problem:
            if problem.code == "unsupported-media-type":
                raise _problem("malformed-json") from None
            raise

    reference.replace(f"{KERNEL}:Kernel", _body=body)
    return reference.app()


@wrong("common/impossible-accept", "Whoever accepts nothing of ours gets what there is.")
def accept_ignored(reference: Reference) -> App:
    original = reference.original(PARSE, "accepts")
    reference.replace(PARSE, accepts=lambda header, offered: original(header, offered) or offered[0])
    return reference.app()


@wrong("common/impossible-accept", "What is weighed with nothing is accepted all the same.")
def quality_ignored(reference: Reference) -> App:
    original = reference.original(PARSE, "accepts")

    def accepts(header: str, offered: list[str]) -> Any:
        return original(header.replace("q=0,", "q=0.001,"), offered)

    reference.replace(PARSE, accepts=accepts)
    return reference.app()
