"""The civil register: entries in versions, found by the names of their persons."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from istmo.spec import personas

from . import certificates, rules

if TYPE_CHECKING:
    from istmo.runtime import Record, Work

ENTRIES = "entries"
NAMES = "entry-names"  # one record for each name by which an entry is found
UPSTREAM = "civil-register"
NOBODY = ""  # the register belongs to no applicant
MOST = 50  # entries of one name that a look-up considers; more is never a unique match
SERIES = {"death": "F"}


async def look_up(work: Work, request: rules.Json, applicant: str, *, overturned: bool = False) -> Record | None:
    """Return the one entry that may be certified for the applicant, or none."""
    work.upstream(UPSTREAM)
    name = rules.full_name(request["about"]["person"]["name"])
    names = await work.find(NAMES, limit=MOST, name=name, type=request["certificateType"])
    ids = dict.fromkeys(found.keys["entry"] for found in names)
    entries = {entry_id: await work.get(ENTRIES, entry_id, any_owner=True) for entry_id in ids}
    docs = [entry.doc for entry in entries.values()]
    match = rules.found(docs, request, applicant, work.today, overturned=overturned)
    return None if match is None else entries[match["id"]]


async def entry(work: Work, entry_id: str) -> Record:
    """Return an entry in its present version."""
    work.upstream(UPSTREAM)
    return await work.get(ENTRIES, entry_id, any_owner=True)


async def correct(work: Work, entry_id: str, code: str, value: str) -> Record:
    """Change one fact of an entry: it gets a new version, and certificates of the old one are superseded."""
    record = await entry(work, entry_id)
    return await _next_version(work, record, rules.corrected(record.doc, code, value))


async def take_death(work: Work, subject: str, day: str) -> Record | None:
    """Enter a notice of death; return the death entry, or none when the notice cannot be entered or is known."""
    work.upstream(UPSTREAM)
    births = await work.find(ENTRIES, type="birth", subject=subject, limit=1)
    if not births or not rules.believable_death(births[0].doc, day, work.today):
        return None
    birth = births[0]
    number = await work.next_number(f"{ENTRIES}-death-{work.today.year}")
    text = f"{SERIES['death']}-{work.today.year}-N{number:05d}"
    death = await _add(work, rules.death_entry(birth.doc, day, text, work.today))
    await _next_version(work, birth, rules.died(birth.doc, day))
    return death


async def seed(work: Work, document: Mapping[str, Any]) -> None:
    """Store the entries that every sandbox holds after a reset."""
    subjects = {person.persona: person.subject for person in personas().values()}
    for row in document.get("entries", ()):
        persons = [_person(work, person, subjects) for person in row["persons"]]
        relations = [
            {"subject": subjects[one["persona"]], "relationship": one["relationship"]} for one in row["relations"]
        ]
        kept = {name: value for name, value in row.items() if name != "id"}
        await _add(work, {**kept, "persons": persons, "relations": relations})


def _person(work: Work, row: Mapping[str, Any], subjects: Mapping[str, str]) -> dict[str, Any]:
    """Return a person of a seeded entry; a persona brings the subject and the identifiers of the country."""
    person = {name: row[name] for name in ("name", "birthDate") if name in row}
    persona = row.get("persona")
    if persona is None:
        return person
    known = work.profile.persona_identifiers(persona)
    identifiers = [
        {"scheme": one["scheme"], "value": work.profile.identifier(one["scheme"], one["value"]).value} for one in known
    ]
    return {**person, "subject": subjects[persona], "identifiers": identifiers}


async def _add(work: Work, doc: dict[str, Any]) -> Record:
    keys = {"type": doc["certificateType"], "subject": doc["persons"][0].get("subject", NOBODY)}
    doc = {**doc, "id": str(uuid.uuid4())}
    record = await work.add(ENTRIES, doc, owner=NOBODY, id=doc["id"], keys=keys)
    await _index(work, record, set())
    return record


async def _next_version(work: Work, record: Record, doc: dict[str, Any]) -> Record:
    known = {rules.full_name(person["name"]) for person in rules.known_persons(record.doc)}
    changed = await work.save(record, doc)
    await _index(work, changed, known)
    await certificates.supersede(work, record.id)
    return changed


async def _index(work: Work, record: Record, known: set[str]) -> None:
    """Let an entry be found by its names, also by those from before a correction."""
    names = {rules.full_name(person["name"]) for person in rules.known_persons(record.doc)}
    for name in sorted(names - known):
        keys = {"name": name, "type": record.doc["certificateType"], "entry": record.id}
        await work.add(NAMES, {}, owner=NOBODY, keys=keys)
