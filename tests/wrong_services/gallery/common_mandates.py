"""Wrong representation: people act for others without a mandate, or with one that does not permit it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_services._tamper import App

MACHINE, INTAKE = "istmo.runtime.cases._machine:Case", "istmo.runtime.cases._intake"
MANDATES, IDENTITY = "istmo.runtime.mandates", "istmo.runtime.identity"

Json = dict[str, Any]


# Without a mandate


@wrong("common/mandate-required", "Whose case it is to be is believed.")
def applicant_believed(reference: Reference) -> App:
    def applicant(work: Any, body: Json) -> Json:
        stated = body["applicant"]
        return {**stated, "id": work.caller.acting_for} if stated["id"] == "me" else dict(stated)

    reference.replace(INTAKE, applicant=applicant)
    return reference.app()


@wrong("common/mandate-required", "Who holds a mandate need not show it.")
def mandate_need_not_be_shown(reference: Reference) -> App:
    original = reference.original(MACHINE, "_facts")

    async def facts(self: Any, work: Any, body: Json, case_id: str) -> Json:
        principal = body["applicant"]["id"]
        for party in await work.find("mandate-parties", owner=work.caller.subject):
            held = await work.context.reader.get("mandates", party.doc["mandate"])
            if held is not None and held.owner == principal and held.doc["status"] == "active":
                work.caller = replace(work.caller, acting_for=principal)
        return dict(await original(self, work, body, case_id))

    reference.replace(MACHINE, _facts=facts)
    return reference.app()


@wrong("common/mandate-required", "Without a mandate people are not entitled, and are not told what is missing.")
def mandate_refused_as_entitlement(reference: Reference) -> App:
    original = reference.original(INTAKE, "applicant")

    def applicant(work: Any, body: Json) -> Json:
        from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

        try:
            return dict(original(work, body))
        except Problem:
            raise Problem("not-entitled") from None

    reference.replace(INTAKE, applicant=applicant)
    return reference.app()


# With a mandate that has ended


def _usable(reference: Reference, good: Callable[[Any, Json], bool]) -> App:
    """Build the reference with another idea of when the time of a mandate is over; whose and for what stays right."""

    def usable(work: Any, record: Any) -> bool:
        from istmo.runtime import instants  # noqa: PLC0415 - the gallery lists without loading the kernel

        doc = record.doc
        return bool(
            doc["representative"]["id"] == work.caller.subject
            and work.context.kebab in doc["services"]
            and instants.read(doc["validFrom"]) <= work.now
            and good(work, doc)
        )

    reference.replace(MANDATES, _usable=usable)
    return reference.app()


@wrong("common/mandate-expired", "The end of a mandate is shown and not heeded.")
def mandate_end_ignored(reference: Reference) -> App:
    return _usable(reference, lambda _, doc: doc["status"] == "active")


@wrong("common/mandate-expired", "A mandate lasts until the end of its last day.")
def mandate_ends_at_midnight(reference: Reference) -> App:
    def good(work: Any, doc: Json) -> bool:
        return bool(doc["status"] == "active" and doc.get("validUntil", work.stamp)[:10] >= work.stamp[:10])

    return _usable(reference, good)


def _not_expired(reference: Reference) -> Callable[[Any, Json], bool]:
    status = reference.original(MANDATES, "status")
    return lambda work, doc: status({**doc, "status": "active"}, work.now) == "active"


@wrong("common/mandate-revoked", "Who has the number of a mandate uses it until its end, withdrawn or not.")
def withdrawn_mandate_works(reference: Reference) -> App:
    return _usable(reference, _not_expired(reference))


@wrong("common/mandate-revoked", "A mandate that is withdrawn works until the end of the day.")
def withdrawn_at_midnight(reference: Reference) -> App:
    in_time = _not_expired(reference)

    def good(work: Any, doc: Json) -> bool:
        return in_time(work, doc) and doc.get("revokedAt", work.stamp)[:10] >= work.stamp[:10]

    return _usable(reference, good)


# With a mandate for something else


@wrong("common/mandate-out-of-scope", "A mandate passes on every right that the representative has.")
def mandate_for_every_right(reference: Reference) -> App:
    def represent(_: Any, who: Any, mandate: Json) -> Any:
        return replace(who, mandate=mandate, acting_for=str(mandate["principal"]))

    reference.replace(IDENTITY, represent=represent)
    return reference.app()


@wrong("common/mandate-out-of-scope", "A mandate to write is one in every service, whichever it names.")
def mandate_for_every_service(reference: Reference) -> App:
    original, in_force = reference.original(IDENTITY, "represent"), reference.original(MANDATES, "_usable")

    def represent(operation: Any, who: Any, mandate: Json) -> Any:
        here = [f"{who.service}:{scope.partition(':')[2]}" for scope in mandate["scopes"]]
        return original(operation, who, {**mandate, "scopes": here})

    def usable(work: Any, record: Any) -> bool:
        return bool(in_force(work, replace(record, doc={**record.doc, "services": [work.context.kebab]})))

    reference.replace(IDENTITY, represent=represent)
    reference.replace(MANDATES, _usable=usable)
    return reference.app()


@wrong("common/mandate-out-of-scope", "A mandate is for whoever knows its number.")
def mandate_of_the_bearer(reference: Reference) -> App:
    original = reference.original(MANDATES, "_usable")

    def usable(work: Any, record: Any) -> bool:
        held = {**record.doc, "representative": {"id": work.caller.subject}}
        return bool(original(work, replace(record, doc=held)))

    reference.replace(MANDATES, _usable=usable)
    return reference.app()
