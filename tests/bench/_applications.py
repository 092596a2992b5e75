"""The resource of the comparison: an application of 1.4 KB, by our kernel's specification and as two plain models."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from istmo.runtime.service import Collection, Service
from istmo.runtime.work import Answer, Record, Work
from istmo.spec import Spec
from tests.istmo.runtime.notes import CURSOR, ID, KEY, LIMIT, PROBLEM, TAGGED, operation, ref

BASE = "/applications/v1"
OWNER = "11111111-1111-4111-8111-111111111111"

EXAMPLE: dict[str, Any] = {
    "applicant": {
        "name": {"givenNames": ["Ana", "María"], "familyNames": ["Ficticia", "Ñandú"]},
        "birthDate": "1988-05-12",
        "identifiers": [
            {"type": "national-id", "value": "0801-1988-00012", "country": "HN"},
            {"type": "passport", "value": "X1234567", "country": "HN"},
        ],
        "address": {"lines": ["Colonia Palmira, Calle 7", "Casa 1408"], "city": "Tegucigalpa", "country": "HN"},
        "email": "ana@example.invalid",
        "phone": "+504 2200 0000",
    },
    "household": [
        {
            "name": {"givenNames": [given], "familyNames": ["Ficticia", "Ñandú"]},
            "birthDate": born,
            "relationship": relationship,
            "dependent": dependent,
        }
        for given, born, relationship, dependent in (
            ("Bruno", "1986-01-30", "spouse", False),
            ("Carla", "2012-11-02", "child", True),
            ("Diego", "2016-07-19", "child", True),
        )
    ],
    "attachments": [
        {"title": "Comprobante de domicilio", "mediaType": "application/pdf", "size": 183204, "sha256": "0a1b" * 16},
        {"title": "Documento de identidad", "mediaType": "image/png", "size": 90211, "sha256": "2c3d" * 16},
    ],
    "purpose": "Solicitud de apoyo para útiles escolares del año lectivo, a pagar en una sola entrega.",
    "amount": {"value": 1250, "currency": "HNL"},
    "consentAt": "2026-02-03T15:04:05Z",
    "language": "es",
}
INVALID: dict[str, Any] = {**EXAMPLE, "amount": {"value": "1250", "currency": "HNL"}}

# ---------------------------------------------------------------------- the two plain forms


class Strict(BaseModel):
    """Takes what is declared, and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Name(Strict):
    givenNames: list[str] = Field(min_length=1, max_length=5)  # noqa: N815 - the name on the wire
    familyNames: list[str] = Field(min_length=1, max_length=5)  # noqa: N815 - see above


class Identifier(Strict):
    type: Literal["national-id", "passport", "residence"]
    value: str = Field(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z-]+$")
    country: str = Field(pattern=r"^[A-Z]{2}$")


class Address(Strict):
    lines: list[str] = Field(min_length=1, max_length=4)
    city: str = Field(min_length=1, max_length=80)
    country: str = Field(pattern=r"^[A-Z]{2}$")


class Applicant(Strict):
    name: Name
    birthDate: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")  # noqa: N815 - see above
    identifiers: list[Identifier] = Field(min_length=1, max_length=5)
    address: Address
    email: str = Field(max_length=254, pattern=r"^[^@ ]+@[^@ ]+$")
    phone: str = Field(max_length=20)


class Member(Strict):
    name: Name
    birthDate: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")  # noqa: N815 - see above
    relationship: Literal["spouse", "child", "parent", "other"]
    dependent: bool


class Attachment(Strict):
    title: str = Field(min_length=1, max_length=200)
    mediaType: str = Field(pattern=r"^[a-z]+/[a-z.+-]+$")  # noqa: N815 - see above
    size: int = Field(strict=True, ge=1, le=10_000_000)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Money(Strict):
    value: int = Field(strict=True, ge=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$")


class ApplicationInput(Strict):
    applicant: Applicant
    household: list[Member] = Field(max_length=20)
    attachments: list[Attachment] = Field(max_length=10)
    purpose: str = Field(min_length=1, max_length=500)
    amount: Money
    consentAt: AwareDatetime  # noqa: N815 - see above
    language: Literal["es", "en"]


class Application(ApplicationInput):
    id: uuid.UUID
    status: Literal["submitted"]
    createdAt: AwareDatetime  # noqa: N815 - see above


class PageInfo(BaseModel):
    limit: int
    nextCursor: str | None = None  # noqa: N815 - see above


class Page(BaseModel):
    items: list[Application]
    page: PageInfo


# ---------------------------------------------------------------------- ours


def _object(required: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": required,
        "unevaluatedProperties": False,
    }


def _text(most: int, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most, **more}


def _list(items: dict[str, Any], most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def _schemas() -> dict[str, Any]:
    country = {"type": "string", "pattern": "^[A-Z]{2}$"}
    day, instant = {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}
    names = _list(_text(80), 5, 1)
    kinds = {"enum": ["national-id", "passport", "residence"]}
    asked = {
        "applicant": ref("Applicant"),
        "household": _list(ref("Member"), 20),
        "attachments": _list(ref("Attachment"), 10),
        "purpose": _text(500),
        "amount": _object(
            {"value": {"type": "integer", "minimum": 0}, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}}
        ),
        "consentAt": instant,
        "language": {"enum": ["es", "en"]},
    }
    kept = {"id": {"type": "string", "format": "uuid"}, "status": {"const": "submitted"}, "createdAt": instant}
    return {
        "Any": {},
        "Problem": {"type": "object", "required": ["type", "title", "status", "code", "correlationId"]},
        "Name": _object({"givenNames": names, "familyNames": names}),
        "Identifier": _object({"type": kinds, "value": _text(40, pattern="^[0-9A-Za-z-]+$"), "country": country}),
        "Address": _object({"lines": _list(_text(80), 4, 1), "city": _text(80), "country": country}),
        "Applicant": _object(
            {
                "name": ref("Name"),
                "birthDate": day,
                "identifiers": _list(ref("Identifier"), 5, 1),
                "address": ref("Address"),
                "email": {"type": "string", "format": "email", "maxLength": 254},
                "phone": _text(20),
            }
        ),
        "Member": _object(
            {
                "name": ref("Name"),
                "birthDate": day,
                "relationship": {"enum": ["spouse", "child", "parent", "other"]},
                "dependent": {"type": "boolean"},
            }
        ),
        "Attachment": _object(
            {
                "title": _text(200),
                "mediaType": _text(80, pattern="^[a-z]+/[a-z.+-]+$"),
                "size": {"type": "integer", "minimum": 1, "maximum": 10_000_000},
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            }
        ),
        "ApplicationInput": _object(asked),
        "Application": _object({**asked, **kept}),
    }


def document() -> dict[str, Any]:
    """The specification that our kernel serves; the same members and bounds as the models."""
    create = operation(
        "createApplication", 201, "Application", scopes=("applications:write",), acr="urn:istmo:loa:low",
        body="ApplicationInput", parameters=(KEY,), headers=TAGGED,
    )  # fmt: skip
    one = operation(
        "getApplication", 200, "Application", scopes=("applications:read",), parameters=(ID,), headers=TAGGED
    )
    many = operation("listApplications", 200, "Any", scopes=("applications:read",), parameters=(LIMIT, CURSOR))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Applications", "version": "1.0.0"},
        "paths": {
            "/": {"get": operation("getOpenApi", 200, "Any", headers=TAGGED)},
            "/health": {"get": operation("getHealth", 200, "Any")},
            "/applications": {"post": create, "get": many},
            "/applications/{id}": {"get": one},
        },
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "responses": {"Problem": PROBLEM},
            "schemas": _schemas(),
        },
    }


async def create_application(work: Work, body: dict[str, Any]) -> Record:
    made = str(uuid.uuid4())
    doc = {"id": made, "status": "submitted", "createdAt": work.stamp, **body}
    return await work.add("applications", doc, owner=work.caller.acting_for, id=made)


async def get_application(work: Work, id: str) -> Record:  # noqa: A002 - the parameter's name
    return await work.get("applications", id)


async def list_applications(work: Work, limit: int, cursor: str | None = None) -> Answer:
    page = await work.page("applications", limit=limit, cursor=cursor, owner=work.caller.acting_for)
    return page.answer()


HANDLERS = SimpleNamespace(
    create_application=create_application, get_application=get_application, list_applications=list_applications
)


def service() -> Service:
    """The resource as our kernel serves it."""
    return Service(
        "applications",
        HANDLERS,
        collections=[Collection("applications")],
        spec=Spec(document(), "applications"),
        code="APP",
    )
