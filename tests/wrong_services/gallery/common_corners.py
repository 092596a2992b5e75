"""Wrong services in the corners: roles, drafts that never end, quotes of nobody, tokens that say too little."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem
from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App, Call, Reply

MACHINE, CASE = "istmo.runtime.cases._machine", "istmo.runtime.cases._machine:Case"
DRAFT, FEES = "istmo.runtime.cases._draft:CaseDraft", "istmo.runtime.fees"
IDENTITY, MANDATES = "istmo.runtime.identity", "istmo.runtime.mandates"
UNAUTHORIZED = 401
YEARS = 400  # days
Json = dict[str, Any]


# Cases


@wrong("common/history-names-role", "What a representative does is written down as done by the owner.")
def representatives_not_told_apart(reference: Reference) -> App:
    reference.replace(MACHINE, _byline=lambda _work, role: role)
    return reference.app()


@wrong("common/history-names-role", "Whatever a citizen does is written down as done by the system.")
def history_of_the_system(reference: Reference) -> App:
    original = reference.original(MACHINE, "_byline")

    def byline(work: Any, role: str) -> str:  # noqa: ANN401 - the kernel's own type
        return "system" if role == "owner" and work.caller.mandate is None else str(original(work, role))

    reference.replace(MACHINE, _byline=byline)
    return reference.app()


@wrong("common/draft-expires", "Lists show a draft as it was when somebody last looked at it alone.")
def lists_without_a_clock(reference: Reference) -> App:
    async def sweep(self: Any, work: Any, owner: str | None = None) -> None:  # noqa: ANN401 - the kernel's own types
        del self, work, owner

    reference.replace(CASE, sweep=sweep)
    return reference.app()


@wrong("common/draft-expires", "A draft that nobody thought of for years is a draft again.")
def old_drafts_revive(reference: Reference) -> App:
    original = reference.original(DRAFT, "overdue")

    def overdue(self: Any) -> bool:  # noqa: ANN401 - the kernel's own type
        from istmo.runtime import instants  # noqa: PLC0415 - the gallery lists without loading the kernel

        since = self.work.now - instants.read(self.doc["updatedAt"])
        return bool(original.fget(self) and since.days < YEARS)

    reference.replace(DRAFT, overdue=property(overdue))
    return reference.app()


@wrong("common/conditions-shown", "Conditions are read by the officer, and by nobody after.")
def conditions_lost(reference: Reference) -> App:
    original = reference.original(DRAFT, "decide")

    def decide(self: Any, action: str, role: str, grounds: list[Json], conditions: object = ()) -> None:  # noqa: ANN401 - the kernel's own type
        del conditions
        original(self, action, role, grounds)

    reference.replace(DRAFT, decide=decide)
    return reference.app()


@wrong("common/etag-follows-state", "Who gives a draft up is told the tag that it began with.")
def first_tag_comes_back(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("discardRequest") and reply.status == 200:
            reply.headers = [(name, '"1"' if name.lower() == "etag" else value) for name, value in reply.headers]

    return reference.answering(change)


# Mandates


@wrong(
    "common/unknown-mandate-refused",
    "A mandate that nobody knows is passed over, and the call taken as one's own.",
)
def unknown_mandates_ignored(reference: Reference) -> App:
    original = reference.original(MANDATES, "resolve")

    async def resolve(work: Any, mandate_id: str) -> Json:  # noqa: ANN401 - the kernel's own type
        record = await work.context.reader.get("mandates", mandate_id.lower())
        if record is not None:
            return dict(await original(work, mandate_id))
        return {"id": mandate_id, "principal": work.caller.subject, "scopes": sorted(work.caller.scopes)}

    reference.replace(MANDATES, resolve=resolve)
    return reference.app()


@wrong("common/mandates-listed", "A mandate that has ended is in no list.")
def ended_mandates_unlisted(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("listMandates") and reply.status == 200:
            document = reply.json
            document["items"] = [one for one in document["items"] if one["status"] == "active"]
            reply.put(document)

    return reference.answering(change)


@wrong("common/mandates-listed", "Only who gives a mandate finds it in the list.")
def holders_see_no_mandate(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("listMandates") and reply.status == 200:
            document, mine = reply.json, _subject(call)
            document["items"] = [one for one in document["items"] if one["principal"]["id"] == mine]
            reply.put(document)

    return reference.answering(change)


def _subject(call: Call) -> str:
    """Who calls, by the token."""
    payload = (call.header("authorization") or "").split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])


# Quotes


@wrong("common/quote-base-fits", "A base that no formula asks for is passed over.")
def needless_base_ignored(reference: Reference) -> App:
    original = reference.original(FEES, "_faults")

    def faults(line: Json, fee: Any, currencies: object) -> list[Any]:  # noqa: ANN401 - the kernel's own types
        return [one for one in original(line, fee, currencies) if one != (("base",), "not-allowed-here")]

    reference.replace(FEES, _faults=faults)
    return reference.app()


@wrong("common/forged-quote-refused", "A quote that nobody finds is left out of account.")
def unknown_quote_ignored(reference: Reference) -> App:
    original = reference.original(FEES, "quoted")

    async def quoted(work: Any, quote_id: str) -> Any:  # noqa: ANN401 - the kernel's own types
        try:
            return await original(work, quote_id)
        except Problem as problem:
            if problem.code == "validation-failed":
                return None
            raise

    reference.replace(FEES, quoted=quoted)
    return reference.app()


# Texts


@wrong("common/language-of-answers", "Fees and types are listed in English, whoever asks.")
def lists_in_english(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.is_for("listFees", "listCertificateTypes", "listForms"):
            call.set("accept-language", "en")

    def header(call: Call, reply: Reply) -> None:
        if call.is_for("listFees", "listCertificateTypes", "listForms"):
            reply.headers = [
                (name, asked.get(call.path, value) if name.lower() == "content-language" else value)
                for name, value in reply.headers
            ]

    asked: dict[str, str] = {}

    async def tamper(call: Call, forward: Any) -> Reply:  # noqa: ANN401 - what answers
        wish = (call.header("accept-language") or "es")[:2]
        asked[call.path] = wish if wish in {"es", "en"} else "es"
        change(call)
        reply: Reply = await forward(call)
        header(call, reply)
        return reply

    return reference.tampered(tamper)


# Tokens


def _challenging(reference: Reference, words: str, *, presented: bool) -> App:
    """Build the reference with another challenge for calls with, or without, a token."""

    def change(call: Call, reply: Reply) -> None:
        if reply.status == UNAUTHORIZED and (call.header("authorization") is not None) is presented:
            reply.headers = [
                (name, words if name.lower() == "www-authenticate" else value) for name, value in reply.headers
            ]

    return reference.answering(change)


@wrong("common/token-challenge", "Who shows no token is told that it is invalid.")
def absent_token_invalid(reference: Reference) -> App:
    return _challenging(reference, 'Bearer realm="istmo", error="invalid_token"', presented=False)


@wrong("common/token-challenge", "Who shows a bad token is asked for one.")
def bad_token_not_told(reference: Reference) -> App:
    return _challenging(reference, 'Bearer realm="istmo"', presented=True)


@wrong("common/token-challenge", "The challenge tells what was wrong with the token.")
def challenge_tells_too_much(reference: Reference) -> App:
    words = 'Bearer realm="istmo", error="invalid_token", error_description="bad signature or too late"'
    return _challenging(reference, words, presented=True)


def _complete(reference: Reference, filled: Json) -> App:
    """Build the reference with what tokens lack filled in before anybody looks."""
    original = reference.original(IDENTITY, "_well_formed")

    def well_formed(claims: Json) -> bool:
        for name, value in filled.items():
            claims.setdefault(name, value)
        return bool(original(claims))

    reference.replace(IDENTITY, _well_formed=well_formed)
    return reference.app()


@wrong("common/token-complete", "A token without an end lasts for ever.")
def endless_tokens(reference: Reference) -> App:
    return _complete(reference, {"exp": 2**40})


@wrong(
    "common/token-complete",
    "A token of nobody is that of a guest.",
    also=("common/token-challenge",),  # it speaks of a token without a subject, which is taken here
)
def tokens_of_nobody(reference: Reference) -> App:
    return _complete(reference, {"sub": "guest"})


@wrong("common/token-complete", "By which client somebody comes is nobody's business.")
def tokens_without_client(reference: Reference) -> App:
    return _complete(reference, {"client_id": "unknown"})
