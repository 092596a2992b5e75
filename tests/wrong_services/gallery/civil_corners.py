"""Wrong civil registers in the corners: languages, order, evidence, exemptions, calendars, notices that cannot be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

from ._civil import CERTIFICATES, HOOKS, RULES, hooked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.wrong_services._tamper import App, Call, Reply

FEES = "istmo.runtime.fees"
SOCIAL, FIRST = "social-programme", "first-copy"
EXTRACT = "multilingual-extract"
FORBIDDEN = 403
Json = dict[str, Any]


# What a certificate says


@wrong("civil_certificates/certificate-language", "Every certificate is in the language of the country.")
def certificates_in_one_language(reference: Reference) -> App:
    original = reference.original(RULES, "languages")

    def languages(request: Json, default: str) -> tuple[str, ...]:
        return tuple(original({**request, "language": default}, default))

    reference.replace(RULES, languages=languages)
    return reference.app()


@wrong("civil_certificates/certificate-language", "Whatever is not Spanish is taken for English.")
def strangers_get_english(reference: Reference) -> App:
    original = reference.original(RULES, "languages")

    def languages(request: Json, default: str) -> tuple[str, ...]:
        asked = request.get("language", default)
        return tuple(original({**request, "language": "es" if asked.startswith("es") else "en"}, default))

    reference.replace(RULES, languages=languages)
    return reference.app()


@wrong("civil_certificates/certificate-language", "A certificate that says to be in English has a Spanish text.")
def english_in_name_only(reference: Reference) -> App:
    original = reference.original(CERTIFICATES, "_rendition")

    def rendition(kind: str, data: Json, language: str) -> Json:
        return {**original(kind, data, "es"), "language": language}

    reference.replace(CERTIFICATES, _rendition=rendition)
    return reference.app()


@wrong("civil_certificates/facts-in-order", "The facts come as the book has them.")
def facts_as_in_the_book(reference: Reference) -> App:
    reference.replace(RULES, facts=lambda entry, _order: dict(entry["facts"]))
    return reference.app()


@wrong("civil_certificates/validity-in-months", "A month has thirty days.")
def months_of_thirty_days(reference: Reference) -> App:
    def valid_until(issued: date, months: int | None) -> str | None:
        return None if months is None else (issued + timedelta(days=30 * months)).isoformat()

    reference.replace(RULES, valid_until=valid_until)
    return reference.app()


@wrong("civil_certificates/validity-in-months", "What would end on a day that there is not ends in the next month.")
def ends_in_the_next_month(reference: Reference) -> App:
    def valid_until(issued: date, months: int | None) -> str | None:
        if months is None:
            return None
        years, month = divmod(issued.month - 1 + months, 12)
        return (date(issued.year + years, month + 1, 1) + timedelta(days=issued.day - 1)).isoformat()

    reference.replace(RULES, valid_until=valid_until)
    return reference.app()


# What changes an entry


@wrong("civil_certificates/corrected-entry-found", "Who still says what the entry said before is not known any more.")
def former_names_forgotten(reference: Reference) -> App:
    original = reference.original(RULES, "known_persons")

    def known_persons(entry: Json) -> list[Json]:
        now = [{name: value for name, value in one.items() if name != "former"} for one in entry["persons"]]
        return list(original({**entry, "persons": now}))

    reference.replace(RULES, known_persons=known_persons)
    return reference.app()


@wrong("civil_certificates/corrected-entry-found", "The day of the event stays, whatever was corrected.")
def event_day_never_corrected(reference: Reference) -> App:
    original = reference.original(RULES, "corrected")

    def corrected(entry: Json, code: str, value: str) -> Json:
        return {**original(entry, code, value), "eventDate": entry["eventDate"]}

    reference.replace(RULES, corrected=corrected)
    return reference.app()


@wrong("civil_certificates/entry-version-counts", "A correction counts twice: for who asked and for who entered it.")
def corrections_count_twice(reference: Reference) -> App:
    original = reference.original(RULES, "corrected")

    def corrected(entry: Json, code: str, value: str) -> Json:
        return {**original(entry, code, value), "version": entry["version"] + 2}

    reference.replace(RULES, corrected=corrected)
    return reference.app()


@wrong("civil_certificates/entry-version-counts", "A death is noted in the margin, without a new version.")
def deaths_do_not_count(reference: Reference) -> App:
    original = reference.original(RULES, "died")
    reference.replace(RULES, died=lambda birth, day: {**original(birth, day), "version": birth["version"]})
    return reference.app()


@wrong("civil_certificates/unbelievable-death-ignored", "People can be dead before they die.")
def deaths_in_the_future(reference: Reference) -> App:
    original = reference.original(RULES, "believable_death")
    reference.replace(RULES, believable_death=lambda birth, day, _today: original(birth, day, date.max))
    return reference.app()


@wrong("civil_certificates/unbelievable-death-ignored", "People can be dead before they are born.")
def deaths_before_the_birth(reference: Reference) -> App:
    original = reference.original(RULES, "believable_death")

    def believable(birth: Json, day: str, today: date) -> bool:
        facts = {name: value for name, value in birth["facts"].items() if name != "birthDate"}
        return bool(original({**birth, "facts": facts}, day, today))

    reference.replace(RULES, believable_death=believable)
    return reference.app()


@wrong("civil_certificates/unbelievable-death-ignored", "What is no date is entered as it came.")
def deaths_on_no_day(reference: Reference) -> App:
    original, is_date = reference.original(RULES, "believable_death"), reference.original(RULES, "is_date")

    def believable(birth: Json, day: str, today: date) -> bool:
        return bool(original(birth, day, today)) if is_date(day) else "deathDate" not in birth["facts"]

    reference.replace(RULES, believable_death=believable)
    return reference.app()


@wrong("civil_certificates/death-noted-once", "The last notice of a death counts.")
def last_notice_counts(reference: Reference) -> App:
    original = reference.original(RULES, "believable_death")

    def believable(birth: Json, day: str, today: date) -> bool:
        facts = {name: value for name, value in birth["facts"].items() if name != "deathDate"}
        return bool(original({**birth, "facts": facts}, day, today))

    reference.replace(RULES, believable_death=believable)
    return reference.app()


# Who decides, and what it costs


@wrong("civil_certificates/evidence-judged-by-officer", "The system believes whatever is called evidence.")
def evidence_believed(reference: Reference) -> App:
    def decided_by_system(request: Json) -> bool:
        return bool(request["delivery"] == "digital" and request["format"] in {"extract", EXTRACT})

    reference.replace(RULES, decided_by_system=decided_by_system)
    return reference.app()


@wrong(
    "civil_certificates/social-programme-exempt",
    "Whoever hands in any evidence pays nothing.",
    also=("civil_certificates/fee-hold-blocks-issue",),  # it speaks of a request with evidence that has to be paid
)
def any_evidence_exempts(reference: Reference) -> App:
    original = reference.original(RULES, "has_evidence")

    def has_evidence(request: Json, kind: str) -> bool:
        return bool(request.get("evidence")) if kind == SOCIAL else bool(original(request, kind))

    reference.replace(RULES, has_evidence=has_evidence)
    return reference.app()


@wrong(
    "civil_certificates/social-programme-exempt",
    "Who is in a social programme pays like everybody else.",
    also=("civil_certificates/nothing-due-nothing-held",),  # it speaks of what comes to nothing, and nothing does
)
def programmes_not_known(reference: Reference) -> App:
    original = reference.original(RULES, "_charged")

    def charged(code: str, copies: int, request: Json, exemptions: Sequence[str]) -> object:
        return original(code, copies, request, [one for one in exemptions if one != SOCIAL])

    reference.replace(RULES, _charged=charged)
    return reference.app()


@wrong("civil_certificates/social-programme-exempt", "Who is in a social programme gets the apostille free as well.")
def programme_pays_apostille(reference: Reference) -> App:
    original = reference.original(FEES, "bill")

    async def bill(work: Any, case: Any, lines: list[Json], **more: Any) -> object:  # noqa: ANN401 - the kernel's own
        free = any("exemption" in line and line["exemption"] == SOCIAL for line in lines)
        return await original(work, case, lines[:1] if free else lines, **more)

    reference.replace(FEES, bill=bill)
    return reference.app()


@wrong("civil_certificates/first-copy-exempt", "Every copy is charged, the first one too.")
def first_copy_charged(reference: Reference) -> App:
    original = reference.original(RULES, "_charged")

    def charged(code: str, copies: int, request: Json, exemptions: Sequence[str]) -> object:
        return original(code, copies, request, [one for one in exemptions if one != FIRST])

    reference.replace(RULES, _charged=charged)
    return reference.app()


@wrong("civil_certificates/first-copy-exempt", "The first copy is free, and counted among the others all the same.")
def first_copy_counted_twice(reference: Reference) -> App:
    original = reference.original(RULES, "_charged")

    def charged(code: str, copies: int, request: Json, exemptions: Sequence[str]) -> object:
        lines = original(code, copies, request, exemptions)
        return [lines[0], {**lines[1], "quantity": copies}] if len(lines) > 1 else lines

    reference.replace(RULES, _charged=charged)
    return reference.app()


@wrong("civil_certificates/nothing-due-nothing-held", "Even nothing has to be paid before anything goes on.")
def nothing_has_to_be_paid(reference: Reference) -> App:
    original = reference.original(HOOKS, "submitted")

    async def submitted(work: Any, case: Any) -> None:  # noqa: ANN401 - the kernel's own types are not imported here
        await original(work, case)
        case.hold("fee-unpaid", ["issue"])

    return hooked(reference, submitted=submitted)


@wrong("civil_certificates/refusal-names-rule", "A minor is told the rule for parents.")
def one_rule_for_minors(reference: Reference) -> App:
    original = reference.original(RULES, "guarded")

    def guarded(request: Json, today: date) -> object:
        from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

        refused = original(request, today)
        return refused and Problem("not-entitled", rule="civil_certificates/minors-by-guardian")

    reference.replace(RULES, guarded=guarded)
    return reference.app()


@wrong("civil_certificates/refusal-names-rule", "Who is not entitled is not told why.")
def refused_without_a_rule(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        document = reply.json if reply.status == FORBIDDEN else None
        if document is not None and document.get("code") == "not-entitled":
            document.pop("ruleId", None)
            reply.put(document)

    return reference.answering(change)
