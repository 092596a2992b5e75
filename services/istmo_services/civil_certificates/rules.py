"""The rules of civil certificates: values in, values or a refusal out; nothing is read or written here.

A rule that refuses returns a `Problem`; the caller raises it. Documents are plain JSON, as they are stored.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any

from istmo.errors import Problem

Json = Mapping[str, Any]

ADULT = 18
GUARDED = frozenset({"child", "ward"})
AUTOMATIC_FORMATS = frozenset({"extract", "multilingual-extract"})
MULTILINGUAL = ("es", "en")
LEGAL_INTEREST = "legal-interest"
SOCIAL_PROGRAMME = "social-programme"
FIRST_COPY = "first-copy"
CERTIFICATE, APOSTILLE = "CIV-CERT", "CIV-APOSTILLE"
VALID, SUPERSEDED, REVOKED, EXPIRED = "valid", "superseded", "revoked", "expired"
STATUSES = (VALID, SUPERSEDED, REVOKED, EXPIRED)
EVENT_DATES = {
    "birth": "birthDate",
    "marriage": "marriageDate",
    "divorce": "divorceDate",
    "death": "deathDate",
}
APOSTROPHES = dict.fromkeys(map(ord, "’ʼ‘`´ʻ"), "'") | {ord("-"): " "}


def rule(name: str) -> str:
    """Return the requirement id that a refusal names."""
    return f"civil_certificates/{name}"


def violated(name: str, pointer: str) -> Problem:
    """Return the refusal of a member that breaks a rule."""
    item = {"in": "body", "pointer": pointer, "code": name, "message": name.replace("-", " ")}
    return Problem("rule-violated", rule=rule(name), errors=[item])


def refused_value(pointer: str, code: str, message: str) -> Problem:
    """Return the refusal of a member whose value has the wrong form."""
    item = {"in": "body", "pointer": pointer, "code": code, "message": message}
    return Problem("validation-failed", errors=[item])


# ---------------------------------------------------------------------- who may ask


def entitled(request: Json, listed: Sequence[str], *, by_mandate: bool) -> Problem | None:
    """Only relationships that the profile lists may ask; `other` needs a mandate or evidence of a legal interest."""
    relationship = request["about"]["relationship"]
    if relationship not in listed:
        return Problem("not-entitled", rule=rule("entitled-relationships"))
    if relationship == "other" and not by_mandate and not has_evidence(request, LEGAL_INTEREST):
        return Problem("not-entitled", rule=rule("other-needs-mandate-or-evidence"))
    return None


def guarded(request: Json, today: date) -> Problem | None:
    """Only a parent or a guardian may ask for the record of a minor, not even the minor."""
    about = request["about"]
    born = about["person"].get("birthDate")
    if born is None or about["relationship"] in GUARDED or not is_minor(date.fromisoformat(born), today):
        return None
    name = "minor-not-by-itself" if about["relationship"] == "self" else "minors-by-guardian"
    return Problem("not-entitled", rule=rule(name))


def is_minor(born: date, today: date) -> bool:
    """Tell whether a person born then is under 18 years today; who is born on 29 February comes of age on 1 March."""
    return (today.year - born.year - ((today.month, today.day) < (born.month, born.day))) < ADULT


def has_evidence(request: Json, kind: str) -> bool:
    """Tell whether the request brings evidence of a kind."""
    return any(evidence["evidenceType"] == kind for evidence in request.get("evidence") or ())


# ---------------------------------------------------------------------- what may be asked


def event_dates(request: Json, today: date) -> Problem | None:
    """An event is never in the future and never before the birth of the person."""
    about = request["about"]
    if "eventDate" not in about:
        return None
    event = date.fromisoformat(about["eventDate"])
    if event > today:
        return violated("event-not-in-future", "/about/eventDate")
    born = about["person"].get("birthDate")
    if born is not None and event < date.fromisoformat(born):
        return violated("event-after-birth", "/about/eventDate")
    return None


def offered(request: Json, kinds: Iterable[Json], *, apostille_paper: bool, apostille_digital: bool) -> Problem | None:
    """Only what the published certificate type offers may be asked: format, delivery, apostille."""
    kind = next((one for one in kinds if one["code"] == request["certificateType"]), None)
    if kind is None:
        return violated("formats-as-published", "/certificateType")
    if request["format"] not in kind["formats"]:
        return violated("formats-as-published", "/format")
    if request["delivery"] not in kind["deliveries"]:
        return violated("formats-as-published", "/delivery")
    available = apostille_digital if request["delivery"] == "digital" else apostille_paper
    if request.get("apostille") and not available:
        return violated("apostille-only-where-offered", "/apostille")
    return None


def charges(request: Json, exemptions: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Return what is to be paid: fee code, quantity, and the exemption that holds; `exemptions` lists them by fee."""
    copies = request["copies"]
    lines = _charged(CERTIFICATE, copies, request, exemptions.get(CERTIFICATE, ()))
    if request.get("apostille"):
        lines += _charged(APOSTILLE, copies, request, exemptions.get(APOSTILLE, ()))
    return lines


def _charged(code: str, copies: int, request: Json, exemptions: Sequence[str]) -> list[dict[str, Any]]:
    if SOCIAL_PROGRAMME in exemptions and has_evidence(request, SOCIAL_PROGRAMME):
        return [{"code": code, "quantity": copies, "exemption": SOCIAL_PROGRAMME}]
    if FIRST_COPY not in exemptions:
        return [{"code": code, "quantity": copies}]
    first = {"code": code, "quantity": 1, "exemption": FIRST_COPY}
    return [first] if copies == 1 else [first, {"code": code, "quantity": copies - 1}]


def duplicate_key(request: Json, applicant: str) -> str:
    """Return what two identical requests of an applicant share: type, record, format and delivery."""
    same = {name: request[name] for name in ("certificateType", "about", "format", "delivery")}
    text = json.dumps([applicant, same], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()


def decided_by_system(request: Json) -> bool:
    """Tell whether the system decides: a digital extract, unless somebody has to judge evidence first."""
    judged = request["about"]["relationship"] == "other" or has_evidence(request, SOCIAL_PROGRAMME)
    return request["delivery"] == "digital" and request["format"] in AUTOMATIC_FORMATS and not judged


# ---------------------------------------------------------------------- the register


def full_name(name: Json) -> str:
    """Return a name as it is compared: composed, without case, one blank between words, one kind of apostrophe."""
    joined = " ".join([*name["givenNames"], *name["familyNames"]])
    return " ".join(unicodedata.normalize("NFC", joined).casefold().translate(APOSTROPHES).split())


def matches(entry: Json, request: Json) -> bool:
    """Tell whether an entry agrees with everything that the request says about the record."""
    about = request["about"]
    event, number = about.get("eventDate"), about.get("registrationNumber")
    agreed = [
        entry["certificateType"] == request["certificateType"],
        number is None or number.casefold() == entry["number"].casefold(),
        event is None or entry.get("eventDate") is None or event in _all(entry, "eventDate", "formerEventDates"),
        any(_is_person(person, about["person"]) for person in known_persons(entry)),
    ]
    return all(agreed)


def known_persons(entry: Json) -> list[Json]:
    """Return the persons of an entry, also as they were written before a correction."""
    return list(chain.from_iterable((person, *person.get("former", ())) for person in entry["persons"]))


def _all(entry: Json, now: str, before: str) -> list[str]:
    return [entry[now], *entry.get(before, ())]


def _is_person(person: Json, asked: Json) -> bool:
    known = {one["scheme"]: one["value"] for one in person.get("identifiers", ())}
    agreed = [
        full_name(person["name"]) == full_name(asked["name"]),
        asked.get("birthDate") in (None, person.get("birthDate")),
        all(known.get(one["scheme"], one["value"]) == one["value"] for one in asked.get("identifiers") or ()),
    ]
    return all(agreed)


def found(
    entries: Iterable[Json], request: Json, applicant: str, today: date, *, overturned: bool = False
) -> Json | None:
    """Return the one entry that may be certified, or none; the reasons are not told apart, and all are looked at.

    After a supervisor has overturned a rejection the claimed relationship is settled; the entry must still be
    unique and complete.
    """
    candidates = [entry for entry in entries if matches(entry, request)]
    sound = [
        entry
        for entry in candidates
        if entry["complete"]
        and (overturned or (borne_out(entry, request, applicant) and not _withheld(entry, request, today)))
    ]
    return sound[0] if len(candidates) == 1 and sound else None


def borne_out(entry: Json, request: Json, applicant: str) -> bool:
    """Tell whether the entry bears the claimed relationship out; `other` rests on a mandate or on evidence."""
    claimed = request["about"]["relationship"]
    listed = [(one["subject"], one["relationship"]) for one in entry["relations"]]
    return claimed == "other" or (applicant, claimed) in listed


def _withheld(entry: Json, request: Json, today: date) -> bool:
    """Tell whether the entry shows a minor, of whom the request did not say the date of birth."""
    born = [date.fromisoformat(person["birthDate"]) for person in entry["persons"] if person.get("birthDate")]
    return request["about"]["relationship"] not in GUARDED and any(is_minor(one, today) for one in born[:1])


# ---------------------------------------------------------------------- the certificate


def valid_until(issued: date, months: int | None) -> str | None:
    """Return the last day on which a certificate is valid; none when it is valid without limit."""
    if months is None:
        return None
    years, month = divmod(issued.month - 1 + months, 12)
    year = issued.year + years
    return date(year, month + 1, min(issued.day, monthrange(year, month + 1)[1])).isoformat()


def status(certificate: Json, today: date) -> str:
    """Return the status today: `superseded`, `revoked` and `expired` are final, `valid` ends with its last day."""
    until = certificate.get("validUntil")
    if certificate["status"] == VALID and until is not None and today > date.fromisoformat(until):
        return EXPIRED
    return str(certificate["status"])


def revocable(certificate: Json, today: date) -> Problem | None:
    """Only a valid certificate can be revoked: every other status is final."""
    if status(certificate, today) == VALID:
        return None
    return Problem("conflict", rule=rule("revoked-stays-revoked"))


def disclosed(certificate: Json, initials: str, today: date) -> dict[str, str]:
    """Return the least that proves a certificate."""
    return {
        "status": status(certificate, today),
        "type": certificate["type"],
        "issuedAt": certificate["issuedAt"],
        "issuer": certificate["issuer"],
        "initials": initials,
    }


def initials(name: Json) -> str:
    """Return the first letter of each given and family name, each with a full stop."""
    letters = []
    for word in (*name["givenNames"], *name["familyNames"]):
        letter = next(
            (char for char in unicodedata.normalize("NFC", word) if char.isalpha() and char.lower() != "ʼ"),
            "",
        )
        letters.append(f"{letter.upper()}." if letter else "")
    return " ".join(filter(None, letters))[:60].rstrip()


def languages(request: Json, default: str) -> tuple[str, ...]:
    """Return the languages of a certificate: both for a multilingual extract, else the one asked for if there is one.

    `default` is the language of the country.
    """
    if request["format"] == "multilingual-extract":
        return MULTILINGUAL
    wanted = str(request.get("language") or default).split("-")[0]
    return (wanted if wanted in MULTILINGUAL else default if default in MULTILINGUAL else MULTILINGUAL[0],)


def facts(entry: Json, order: Sequence[str]) -> dict[str, str]:
    """Return the facts of an entry in the order of the document."""
    place = {code: index for index, code in enumerate(order)}
    return dict(sorted(entry["facts"].items(), key=lambda fact: place.get(fact[0], len(place))))


def rendition(
    data: Json, language: str, title: str, label: Callable[[str], str], value: Callable[[str, str], str]
) -> dict[str, Any]:
    """Return the facts in one language: labels and coded values are translated, everything else reads the same."""
    items = [{"code": code, "label": label(code), "value": value(code, fact)} for code, fact in data.items()]
    return {"language": language, "title": title, "facts": items}


# ---------------------------------------------------------------------- changes of an entry


def fact_of(member: str, data: Json) -> str | Problem:
    """Return the fact that a correction points to; a member that is no fact of the certificate is refused."""
    code = member.removeprefix("/")
    return code if code in data else violated("correction-names-a-fact", "/member")


def proposed(value: str, kind: str, codes: Sequence[str]) -> Problem | None:
    """A date is proposed in ISO 8601, a coded value as its code."""
    if kind == "code" and value not in codes:
        return refused_value("/proposedValue", "enum", "the value is not in the code list")
    if kind == "date" and not is_date(value):
        return refused_value("/proposedValue", "format", "the value is not a date (YYYY-MM-DD)")
    return None


def is_date(value: str) -> bool:
    """Tell whether a text is a date as documents write it."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def undecided(correction: Json) -> Problem | None:
    """A correction is decided once."""
    if correction["status"] == "reported":
        return None
    return Problem("conflict", rule=rule("correction-decided-once"), currentStatus=correction["status"])


def corrected(entry: Json, code: str, value: str) -> dict[str, Any]:
    """Return the next version of an entry with one fact changed; it is still found by what it said before."""
    changed = {**entry, "version": entry["version"] + 1, "facts": {**entry["facts"], code: value}}
    changed["persons"] = _persons(entry, code, value)
    if code == EVENT_DATES.get(entry["certificateType"]) and entry.get("eventDate"):
        changed |= {"eventDate": value, "formerEventDates": _all(entry, "eventDate", "formerEventDates")}
    return changed


def _persons(entry: Json, code: str, value: str) -> list[dict[str, Any]]:
    """Return the persons of an entry after a fact that identifies one of them was changed."""
    persons = [dict(person) for person in entry["persons"]]
    index = 1 if code == "spouseTwoName" else 0
    if index >= len(persons):
        return persons
    person = persons[index]
    before = {name: person[name] for name in ("name", "birthDate", "identifiers") if name in person}
    if code in {"givenNames", "familyNames"}:
        person["name"] = {**person["name"], code: value.split()}
    elif code in {"spouseOneName", "spouseTwoName"}:
        person["name"] = {"givenNames": value.split(), "familyNames": []}
    elif code == "birthDate":
        person["birthDate"] = value
    else:
        return persons
    person["former"] = [*person.get("former", ()), before]
    return persons


def died(birth: Json, day: str) -> dict[str, Any]:
    """Return the next version of a birth entry that shows the death of its person."""
    return {**birth, "version": birth["version"] + 1, "facts": {**birth["facts"], "deathDate": day}}


def death_entry(birth: Json, day: str, number: str, registered: date) -> dict[str, Any]:
    """Return the death entry that follows from a birth entry and a notice of death."""
    kept = {code: birth["facts"][code] for code in ("givenNames", "familyNames", "birthDate") if code in birth["facts"]}
    return {
        "certificateType": "death",
        "number": number,
        "book": f"{registered.year}",
        "page": number.rpartition("-")[2].lstrip("0") or "0",
        "office": birth["office"],
        "registeredAt": registered.isoformat(),
        "version": 1,
        "complete": True,
        "eventDate": day,
        "persons": birth["persons"],
        "facts": {**kept, "deathDate": day},
        "relations": [one for one in birth["relations"] if one["relationship"] != "self"],
    }


def believable_death(birth: Json, day: str, today: date) -> bool:
    """Tell whether a notice of death can be entered: a date, not before the birth, not in the future, not yet known."""
    born = birth["facts"].get("birthDate")
    if not is_date(day) or "deathDate" in birth["facts"]:
        return False
    return date.fromisoformat(day) <= today and (born is None or born <= day)


def instant(stamp: str) -> datetime:
    """Return the instant that a document writes with `Z`."""
    return datetime.fromisoformat(stamp)
