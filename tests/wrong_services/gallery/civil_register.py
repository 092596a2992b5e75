"""Wrong civil registers, at the books: what is found, who decides, what is certified, what changes an entry."""

from __future__ import annotations

import base64
import json
import unicodedata
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

from ._civil import CERTIFICATES, CODES, HANDLERS, HOOKS, REGISTER, RULES, handled, hooked

if TYPE_CHECKING:
    from datetime import date

    from tests.wrong_services._tamper import App, Call, Reply

REGISTRAR = "a0000000-0000-4000-8000-000000000005"
Json = dict[str, Any]


async def _known(reference: Reference, work: Any, request: Json) -> int:  # noqa: ANN401 - the kernel's own type
    """How many entries of the asked type bear the asked name."""
    name = reference.original(RULES, "full_name")(request["about"]["person"]["name"])
    names = reference.original(REGISTER, "NAMES")
    return len(await work.find(names, limit=9, name=name, type=request["certificateType"]))


# What is found


@wrong("civil_certificates/no-record-rejected", "An unknown birth is registered from what the applicant says.")
def births_registered_on_request(reference: Reference) -> App:
    look_up, add = reference.original(REGISTER, "look_up"), reference.original(REGISTER, "_add")

    def entry(request: Json, applicant: str, day: str) -> Json:
        about = request["about"]
        person, relationship = about["person"], about["relationship"]
        facts = {"givenNames": " ".join(person["name"]["givenNames"]), "birthDate": person["birthDate"]}
        book = {"number": "N-1", "book": "1", "page": "1", "office": "-", "registeredAt": day, "version": 1}
        relations = [{"subject": applicant, "relationship": relationship}]
        known = {"eventDate": None, "persons": [person], "facts": facts, "relations": relations}
        return {**book, **known, "certificateType": "birth", "complete": True}

    async def registering(work: Any, request: Json, applicant: str, **more: bool) -> Any:  # noqa: ANN401 - see _known
        if request["certificateType"] == "birth" and not await _known(reference, work, request):
            return await add(work, entry(request, applicant, work.today.isoformat()))
        return await look_up(work, request, applicant, **more)

    reference.replace(REGISTER, look_up=registering)
    return reference.app()


@wrong("civil_certificates/no-record-rejected", "Entries are found by name; dates are not compared.")
def matched_by_name(reference: Reference) -> App:
    original = reference.original(RULES, "matches")

    def matches(entry: Json, request: Json) -> bool:
        about = {name: value for name, value in request["about"].items() if name != "eventDate"}
        about["person"] = {"name": about["person"]["name"]}
        return bool(original(entry, {**request, "about": about}))

    reference.replace(RULES, matches=matches)
    return reference.app()


@wrong(
    "civil_certificates/no-record-rejected",
    "A birth that the register does not know is refused at the counter.",
    # These hand in names that no register knows.
    also=(
        "common/text-round-trip",
        "common/invisible-characters-refused",
        "common/control-characters-refused",
        "civil_certificates/refusal-names-rule",
    ),
)
def unknown_births_refused(reference: Reference) -> App:
    original = reference.original(HOOKS, "draft")

    async def draft(work: Any, body: Json) -> Any:  # noqa: ANN401 - see _known
        from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

        if body["certificateType"] == "birth" and not await _known(reference, work, body):
            raise Problem("not-entitled")
        return await original(work, body)

    return hooked(reference, draft=draft)


@wrong("civil_certificates/unique-match-only", "Of several entries that match, the first is taken.")
def first_match_taken(reference: Reference) -> App:
    original = reference.original(RULES, "found")

    def found(entries: list[Json], *about: Any, **more: bool) -> Any:  # noqa: ANN401 - see _known
        each = (original([entry], *about, **more) for entry in entries)
        return next((entry for entry in each if entry is not None), None)

    reference.replace(RULES, found=found)
    return reference.app()


@wrong(
    "civil_certificates/claimed-relationship-borne-out",
    "The applicant's word for the relationship is enough.",
)
def relationship_as_claimed(reference: Reference) -> App:
    reference.replace(RULES, borne_out=lambda *_: True)
    return reference.app()


@wrong("civil_certificates/marriage-needs-both-spouses", "A marriage entry with one spouse is certified.")
def half_marriages_certified(reference: Reference) -> App:
    original = reference.original(RULES, "found")

    def found(entries: list[Json], *about: Any, **more: bool) -> Any:  # noqa: ANN401 - see _known
        return original([{**entry, "complete": True} for entry in entries], *about, **more)

    reference.replace(RULES, found=found)
    return reference.app()


@wrong(
    "civil_certificates/marriage-without-record",
    "Without a marriage entry the birth entry is certified instead.",
)
def marriage_from_birth_entry(reference: Reference) -> App:
    look_up = reference.original(REGISTER, "look_up")

    async def somewhere(work: Any, request: Json, applicant: str, **more: bool) -> Any:  # noqa: ANN401 - see _known
        if request["certificateType"] == "marriage" and not await _known(reference, work, request):
            request = {**request, "certificateType": "birth"}
        return await look_up(work, request, applicant, **more)

    reference.replace(REGISTER, look_up=somewhere)
    return reference.app()


@wrong(
    "civil_certificates/no-record-tells-nothing",
    "The rejection says that there was an entry, but not for you.",
)
def rejection_talks(reference: Reference) -> App:
    look_up, ground = reference.original(REGISTER, "look_up"), reference.original(CODES, "ground")
    seen = {"entries": 0}

    async def noting(work: Any, request: Json, applicant: str, **more: bool) -> Any:  # noqa: ANN401 - see _known
        seen["entries"] = await _known(reference, work, request)
        return await look_up(work, request, applicant, **more)

    def talking(code: str, language: str) -> Json:
        said = ground(code, language)
        return {**said, "text": "The entry is not yours."} if code == "no-record" and seen["entries"] else said

    reference.replace(REGISTER, look_up=noting)
    reference.replace(CODES, ground=talking)
    return reference.app()


@wrong(
    "civil_certificates/no-record-tells-nothing",
    "A rejection shows how many entries were considered, if any.",
)
def rejection_counts(reference: Reference) -> App:
    decide = reference.original(HOOKS, "_decide")

    async def counting(work: Any, case: Any, **more: bool) -> Any:  # noqa: ANN401 - see _known
        step = await decide(work, case, **more)
        count = await _known(reference, work, case.doc)
        if step is not None and step.action == "reject" and count:
            case.doc["national"] = {"considered": count}
        return step

    reference.replace(HOOKS, _decide=counting)
    return reference.app()


# Who decides


@wrong("civil_certificates/automatic-extract", "A multilingual extract waits for somebody to translate it.")
def multilingual_by_hand(reference: Reference) -> App:
    reference.replace(RULES, AUTOMATIC_FORMATS=frozenset({"extract"}))
    return reference.app()


@wrong(
    "civil_certificates/registrar-decides-rest",
    "A full copy is decided without a registrar.",
    # These walk a case that waits for its registrar.
    also=(
        "common/etag-follows-state",
        "common/status-history-grows",
        "common/stale-if-match",
        "common/idempotent-replay",
        "common/idempotent-under-concurrency",
    ),
)
def full_copy_without_registrar(reference: Reference) -> App:
    original = reference.original(RULES, "decided_by_system")

    def decided_by_system(request: Json) -> bool:
        return bool(request["format"] == "full-copy" and request["delivery"] == "post") or original(request)

    reference.replace(RULES, decided_by_system=decided_by_system)
    return reference.app()


@wrong("civil_certificates/registrar-decides-rest", "A certificate on paper is decided without a registrar.")
def paper_without_registrar(reference: Reference) -> App:
    original = reference.original(RULES, "decided_by_system")

    def decided_by_system(request: Json) -> bool:
        return bool(original({**request, "delivery": "digital"}))

    reference.replace(RULES, decided_by_system=decided_by_system)
    return reference.app()


@wrong("civil_certificates/registrar-sees-queue", "A registrar sees nothing until somebody assigns it.")
def empty_queue(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if call.is_for("listRequests") and reply.status == 200 and _subject(call) == REGISTRAR:
            document = reply.json
            document["items"] = []
            reply.put(document)

    return reference.answering(change)


@wrong("civil_certificates/registrar-sees-queue", "The queue cannot be narrowed by status.")
def queue_without_filter(reference: Reference) -> App:
    def change(call: Call) -> None:
        if call.is_for("listRequests") and _subject(call) == REGISTRAR:
            kept = [part for part in call.query.split("&") if not part.startswith("status=")]
            call.query = "&".join(kept)

    return reference.asking(change)


def _subject(call: Call) -> str:
    """Who calls, as the token says."""
    try:
        payload = (call.header("authorization") or "").split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])
    except (IndexError, ValueError, KeyError):
        return ""


# What a certificate is taken from


@wrong("civil_certificates/content-equals-entry", "Accents are lost on the way from the register.")
def accents_lost(reference: Reference) -> App:
    original = reference.original(RULES, "facts")

    def facts(entry: Json, order: list[str]) -> Json:
        return {code: _plain(value) for code, value in original(entry, order).items()}

    reference.replace(RULES, facts=facts)
    return reference.app()


@wrong("civil_certificates/content-equals-entry", "Names are certified in capital letters.")
def names_in_capitals(reference: Reference) -> App:
    original = reference.original(RULES, "facts")

    def facts(entry: Json, order: list[str]) -> Json:
        found = original(entry, order)
        return {code: value.upper() if code.endswith(("Name", "Names")) else value for code, value in found.items()}

    reference.replace(RULES, facts=facts)
    return reference.app()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() or "-"


# What changes an entry


@wrong("civil_certificates/correction-supersedes", "A corrected entry leaves its old certificates valid.")
def old_certificates_stay_valid(reference: Reference) -> App:
    async def supersede(_work: object, _entry_id: str) -> None:
        return None

    reference.replace(CERTIFICATES, supersede=supersede)
    return reference.app()


@wrong("civil_certificates/correction-in-new-certificate", "New certificates still say what was wrong.")
def corrections_not_entered(reference: Reference) -> App:
    original = reference.original(RULES, "corrected")

    def corrected(entry: Json, code: str, value: str) -> Json:
        return {**original(entry, code, value), "facts": entry["facts"]}

    reference.replace(RULES, corrected=corrected)
    return reference.app()


@wrong(
    "civil_certificates/correction-in-new-certificate",
    "A correction overwrites the entry without a new version.",
    also=("civil_certificates/entry-version-counts",),  # which is the same fault in numbers
)
def corrections_without_version(reference: Reference) -> App:
    original = reference.original(RULES, "corrected")

    def corrected(entry: Json, code: str, value: str) -> Json:
        return {**original(entry, code, value), "version": entry["version"]}

    reference.replace(RULES, corrected=corrected)
    return reference.app()


@wrong(
    "civil_certificates/correction-by-registrar-only",
    "What a citizen reports is entered at once.",
    also=("civil_certificates/entry-version-counts",),  # the registrar enters it once more
)
def reports_entered_at_once(reference: Reference) -> App:
    create = reference.original(HANDLERS, "create_correction")
    correct = reference.original(REGISTER, "correct")

    async def create_correction(work: Any, body: Json) -> Any:  # noqa: ANN401 - see _known
        answer = await create(work, body)
        certificate = await work.get("certificates", body["certificateId"])
        await correct(work, certificate.keys["entry"], body["member"].removeprefix("/"), body["proposedValue"])
        return answer

    return handled(reference, create_correction=create_correction)


@wrong("civil_certificates/correction-by-registrar-only", "A dismissed report is entered all the same.")
def dismissed_reports_entered(reference: Reference) -> App:
    apply = reference.original(HANDLERS, "apply_correction")

    async def dismiss_correction(work: Any, id: str, body: Json | None = None) -> Any:  # noqa: A002, ANN401 - the kernel's names
        record = await apply(work, id, body)
        return await work.save(record, {**record.doc, "status": "dismissed"}, keys={"status": "dismissed"})

    return handled(reference, dismiss_correction=dismiss_correction)


@wrong("civil_certificates/correction-decided-once", "A decided correction can be decided again.")
def corrections_decided_twice(reference: Reference) -> App:
    reference.replace(RULES, undecided=lambda _correction: None)
    return reference.app()


@wrong(
    "civil_certificates/correction-names-a-fact",
    "Anything can be reported as wrong, whether it is there or not.",
)
def corrections_of_anything(reference: Reference) -> App:
    reference.replace(RULES, fact_of=lambda member, _data: member.removeprefix("/"))
    return reference.app()


@wrong(
    "civil_certificates/death-reflected",
    "A notice of death does not reach the birth entry.",
    also=("civil_certificates/death-noted-once",),  # what is not noted is not known when it is told again
)
def death_not_noted(reference: Reference) -> App:
    reference.replace(RULES, died=lambda birth, _day: {**birth, "version": birth["version"] + 1})
    return reference.app()


@wrong(
    "civil_certificates/death-entry-exists",
    "The family has to prove anew who they are to the deceased.",
    also=("civil_certificates/death-noted-once",),  # which is seen in the same certificate
)
def family_forgotten(reference: Reference) -> App:
    original = reference.original(RULES, "death_entry")

    def death_entry(birth: Json, day: str, number: str, registered: date) -> Json:
        return {**original(birth, day, number, registered), "relations": []}

    reference.replace(RULES, death_entry=death_entry)
    return reference.app()
