"""What a service says about itself: its description, its stages, the schema of the national additions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from istmo.spec import Requirement, catalogue, requirements

from .fees import legal, local
from .work import Answer

if TYPE_CHECKING:
    from .store import Json
    from .work import Work

DRAFT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_TYPE = "application/schema+json"
LINKS = (
    ("getOpenApi", "service-desc"),
    ("getHealth", "status"),
    ("getStages", "stages"),
    ("listFees", "fees"),
    ("listForms", "forms"),
    ("getNationalSchema", "national-schema"),
)
TEXTS = {
    "free": {"en": "Free of charge", "es": "Gratuito"},
    "days": {"en": "At most {days} working days", "es": "Como máximo {days} días hábiles"},
    "at once": {"en": "At once", "es": "De inmediato"},
    "national": {"en": "National additions", "es": "Adiciones nacionales"},
    "online": {"en": "Online", "es": "En línea"},
}
EVIDENCE = {
    1: {
        "en": "What the service is, costs and rests on can be read.",
        "es": "Se puede leer qué es el servicio, cuánto cuesta y en qué se basa.",
    },
    2: {
        "en": "Forms can be fetched and fees calculated.",
        "es": "Se pueden obtener formularios y calcular tasas.",
    },
    3: {
        "en": "Requests are handed in online against a receipt.",
        "es": "Se presenta en línea contra un recibo.",
    },
    4: {
        "en": "Decided, paid and delivered online; the output can be verified.",
        "es": "Se decide, paga y entrega en línea; el resultado se puede verificar.",
    },
    5: {
        "en": "The service begins by itself or is not needed any more.",
        "es": "El servicio empieza por sí solo o deja de ser necesario.",
    },
}


async def get_service_description(work: Work) -> Json:
    """Describe the service in the language asked for, from the standard and the country's profile."""
    language, room, values = work.language, _room(work), work.profile.service(work.context.slug)
    offices = list(values.get("offices") or ())
    described: Json = {
        "identifier": work.context.kebab,
        "name": local(room["titles"], language),
        "description": local(room["descriptions"], language),
        "competentAuthority": authority(work),
        "spatial": [work.settings.country],
        "lifeEvents": _named(room.get("lifeEvents"), language),
        "requirements": _named(room.get("requirements"), language),
        "evidenceTypes": _named(room.get("evidenceTypes"), language),
        "channels": _channels(work, values, offices),
        "costs": _costs(work),
        "processingTime": _processing(values, language),
        "languages": list(work.settings.languages),
        "legalBasis": [legal(row, language) for row in values.get("legalBasis") or ()],
        "outputs": _named(room.get("outputs"), language),
        "status": "active",
        "schedules": _schedules(offices),
        "requiredDocuments": _named(room.get("requiredDocuments"), language),
        "links": _links(work),
    }
    if values.get("assuredDate"):
        described["assuredDate"] = values["assuredDate"]
    return described


async def get_stages(work: Work) -> Json:
    """Tell which stage the service claims, and which operations carry each stage up to it."""
    claimed = work.context.claimed_stage
    stages = []
    for stage in range(1, claimed + 1):
        operations = _carrying(work, stage)
        if operations:
            evidence = local(EVIDENCE[stage], work.language)
            stages.append({"stage": stage, "operations": operations, "evidence": evidence})
    return {"claimed": claimed, "perStage": stages}


def _carrying(work: Work, stage: int) -> list[str]:
    """Return the operations of a stage; where it has none of its own, those that keep its requirements."""
    operations = list(work.spec.operations.values())
    own = [one.id for one in operations if one.stage == stage]
    if own:
        return sorted(own)
    kept = {one.id for one in _requirements(work.context.slug) if one.stage == stage}
    return sorted(one.id for one in operations if kept.intersection(one.requirements))


def _requirements(slug: str) -> Sequence[Requirement]:
    """Return the requirements of a service; a service outside the catalogue has none."""
    return requirements(slug) if any(entry.slug == slug for entry in catalogue()) else ()


async def get_national_schema(work: Work) -> Answer:
    """Serve the schema of what the country adds; a country without additions accepts any object."""
    schema = work.context.national_schema or {
        "title": local(TEXTS["national"], work.language),
        "type": "object",
    }
    return Answer({"$schema": DRAFT, **schema}, media_type=SCHEMA_TYPE)


# ---------------------------------------------------------------------- parts of the description


def _room(work: Work) -> Mapping[str, Any]:
    """Return what the catalogue says about the service; a service outside it speaks through its contract."""
    entry = next((entry for entry in catalogue() if entry.slug == work.context.slug), None)
    if entry is not None:
        return entry.document
    info: Mapping[str, Any] = work.spec.document["info"]
    title = str(info.get("title") or work.context.kebab)
    return {"titles": {"en": title}, "descriptions": {"en": str(info.get("description") or title)}}


def authority(work: Work, language: str | None = None) -> Json:
    """Return the public body that answers for the service; the operator where the profile names none."""
    known = work.profile.value(f"authorities.{work.context.slug}", None)
    if not known:
        return {"identifier": f"{work.settings.country}-{work.context.code}", "name": work.settings.operator}
    found: Json = {"identifier": known["identifier"], "name": local(known["name"], language or work.language)}
    return found | {name: known[name] for name in ("homepage", "contact") if known.get(name)}


def _named(rows: Iterable[Mapping[str, Any]] | None, language: str) -> list[Json]:
    found = []
    for row in rows or ():
        thing: Json = {"identifier": row["identifier"], "name": local(row["name"], language)}
        if row.get("description"):
            thing["description"] = local(row["description"], language)
        found.append(thing)
    return found


def _channels(work: Work, values: Mapping[str, Any], offices: list[Mapping[str, Any]]) -> list[Json]:
    """Return the channels of the profile and its offices, each of which is a channel with an address."""
    found = [_channel(row, work.language) for row in values.get("channels") or ()]
    found += [_channel({"type": "office", **row}, work.language) for row in offices]
    return found or [{"identifier": "api", "type": "api", "name": local(TEXTS["online"], work.language)}]


def _channel(row: Mapping[str, Any], language: str) -> Json:
    kept = {name: row[name] for name in ("href", "contact", "address", "schedules") if row.get(name)}
    return {
        "identifier": row["identifier"],
        "type": row["type"],
        "name": local(row["name"], language),
        **kept,
    }


def _schedules(offices: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Return the opening hours of all offices, each once."""
    found: list[Json] = []
    for office in offices:
        found += [hours for hours in office.get("schedules") or () if hours not in found]
    return found


def _costs(work: Work) -> list[Json]:
    found = []
    for fee in work.profile.fees(work.context.slug):
        code = str(fee["code"])
        cost: Json = {"identifier": code, "description": local(fee["title"], work.language), "feeCode": code}
        if fee.get("amount"):
            cost["amount"] = fee["amount"]
        found.append(cost)
    return found or [{"identifier": "free", "description": local(TEXTS["free"], work.language)}]


def _processing(values: Mapping[str, Any], language: str) -> Json:
    days = int(values.get("processingDays") or 0)
    text = local(TEXTS["days" if days else "at once"], language)
    return {"workingDays": days, "text": text.format(days=days)}


def _links(work: Work) -> list[Json]:
    """Return the addresses of what anybody may read about the service."""
    operations = work.spec.operations
    known = [(operations[name].path, rel) for name, rel in LINKS if name in operations]
    return [{"rel": rel, "href": work.context.base_path + path} for path, rel in known] or [
        {"rel": "self", "href": work.context.base_path + "/"}
    ]
