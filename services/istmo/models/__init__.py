"""Models of the common schemas. Generated from the specification; do not edit: python -m istmo.spec.models."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Dict, Literal
from uuid import UUID

from pydantic import (
    MISSING,
    AnyUrl,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
)


class TextLine(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=300,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]


class TextBlock(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='Free text of several lines. Control and direction characters other than tab and line feed are refused.',
            max_length=4000,
            min_length=1,
            pattern='^[ \\t\\n]*[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Block of text',
        ),
    ]


class Code(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='A word of a code list. Lists marked national are served by the service.',
            pattern='^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
            title='Code',
        ),
    ]


class Country(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='Country by its two letters (ISO 3166-1). XX is the fictitious country of the sandbox.',
            pattern='^[A-Z]{2}$',
            title='Country',
        ),
    ]


class Language(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='Language tag (BCP 47).',
            pattern='^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$',
            title='Language',
        ),
    ]


class Scope(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='A right in one service, as service and verb.',
            pattern='^[a-z][a-z0-9-]{1,62}:[a-z]{3,20}$',
            title='Scope',
        ),
    ]


class Sha256(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='SHA-256 of the bytes, in lower-case hexadecimal.',
            pattern='^[0-9a-f]{64}$',
            title='SHA-256 digest',
        ),
    ]


class Money(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    amount: Annotated[StrictStr, Field(pattern='^-?[0-9]{1,15}\\.[0-9]{2}$')]
    currency: Annotated[
        StrictStr, Field(description='ISO 4217 code.', pattern='^[A-Z]{3}$')
    ]


class Percentage(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='A share from 0 to 100 as decimal text with at most four decimals.',
            pattern='^(100(\\.0{1,4})?|[0-9]{1,2}(\\.[0-9]{1,4})?)$',
            title='Percentage',
        ),
    ]


class Period(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    start: date
    end: date


class TaxPeriodKey(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='A year, quarter, month or fortnight, such as 2026, 2026-Q1, 2026-03 or 2026-03-F1.',
            pattern='^[0-9]{4}(-(Q[1-4]|(0[1-9]|1[0-2])(-F[12])?))?$',
            title='Tax period',
        ),
    ]


class LocalizedText(
    RootModel[dict[Annotated[str, StringConstraints(pattern=r'^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', strict=True)], TextBlock]]
):
    root: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r'^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', strict=True)], TextBlock],
        Field(
            description='A text by language tag. Spanish or English is always among them.',
            title='Text in several languages',
        ),
    ]


class National(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )


class PositionItem(RootModel[StrictFloat]):
    root: Annotated[StrictFloat, Field(ge=-180.0, le=180.0)]


class Position(RootModel[list[PositionItem]]):
    root: Annotated[
        list[PositionItem],
        Field(
            description='Longitude and latitude in degrees (WGS 84), in this order.',
            max_length=2,
            min_length=2,
            title='Position',
        ),
    ]


class GeoPoint(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['Point']
    coordinates: Position


class Coordinate(RootModel[list[Position]]):
    root: Annotated[list[Position], Field(max_length=10000, min_length=4)]


class GeoPolygon(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['Polygon']
    coordinates: Annotated[list[Coordinate], Field(max_length=50, min_length=1)]


class Role(StrEnum):
    owner = 'owner'
    rep = 'rep'
    officer = 'officer'
    supervisor = 'supervisor'
    system = 'system'


class Link(BaseModel):
    rel: Code
    href: Annotated[StrictStr, Field(min_length=1)]
    type: Annotated[StrictStr | MISSING, Field(description='Media type.')] = MISSING
    title: TextLine | MISSING = MISSING


class IdentifierInput(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    scheme: Annotated[StrictStr, Field(pattern='^[a-z]{2,12}(-[a-z0-9]{1,20}){0,4}$')]
    value: Annotated[
        StrictStr,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=40,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]
    country: Country


class Kind(StrEnum):
    person = 'person'
    business = 'business'
    both = 'both'


class Checksum(StrEnum):
    passed = 'passed'
    failed = 'failed'
    not_applicable = 'not_applicable'


class Identifier(BaseModel):
    scheme: Annotated[StrictStr, Field(pattern='^[a-z]{2,12}(-[a-z0-9]{1,20}){0,4}$')]
    value: Annotated[StrictStr, Field(max_length=32, min_length=1)]
    country: Country
    kind: Kind
    checksum: Checksum


class GivenName(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=60,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]


class FamilyName(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=60,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]


class PersonNameInput(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    givenNames: Annotated[list[GivenName], Field(max_length=4, min_length=1)]
    familyNames: Annotated[list[FamilyName], Field(max_length=3, min_length=1)]
    marriedName: Annotated[
        StrictStr | MISSING,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=60,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ] = MISSING


class PersonName(BaseModel):
    givenNames: Annotated[list[GivenName], Field(max_length=4, min_length=1)]
    familyNames: Annotated[list[FamilyName], Field(max_length=3, min_length=1)]
    marriedName: Annotated[
        StrictStr | MISSING,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=60,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ] = MISSING
    fullName: Annotated[StrictStr, Field(max_length=500, min_length=1)]


class PreferredChannel(StrEnum):
    email = 'email'
    sms = 'sms'
    post = 'post'
    inbox = 'inbox'


class ContactPoint(BaseModel):
    email: Annotated[StrictStr | MISSING, Field(max_length=254)] = MISSING
    phone: Annotated[
        StrictStr | MISSING,
        Field(
            description='International form (E.164).', pattern='^\\+[1-9][0-9]{6,14}$'
        ),
    ] = MISSING
    preferredChannel: PreferredChannel | MISSING = MISSING
    language: Language | MISSING = MISSING


class ContactPointInput(ContactPoint):
    model_config = ConfigDict(
        extra='forbid',
    )


class Municipality(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    code: Code
    name: Annotated[
        StrictStr,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=120,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]


class Line(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=160,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]


class Address(BaseModel):
    country: Country
    subdivision: Annotated[
        StrictStr,
        Field(description='ISO 3166-2 code.', pattern='^[A-Z]{2}-[A-Z0-9]{1,3}$'),
    ]
    municipality: Municipality
    locality: Annotated[
        StrictStr | MISSING,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=120,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ] = MISSING
    lines: Annotated[list[Line], Field(max_length=3, min_length=1)]
    directions: Annotated[
        StrictStr | MISSING,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=300,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ] = MISSING
    postalCode: Annotated[
        StrictStr | MISSING, Field(pattern='^[A-Z0-9][A-Z0-9 -]{1,11}$')
    ] = MISSING
    location: GeoPoint | MISSING = MISSING


class AddressInput(Address):
    model_config = ConfigDict(
        extra='forbid',
    )


class PersonRef(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    kind: Literal['person']
    id: UUID | Literal['me']


class BusinessRef(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    kind: Literal['business']
    id: UUID | Literal['me']


class PartyRef(RootModel[PersonRef | BusinessRef]):
    root: Annotated[
        PersonRef | BusinessRef,
        Field(
            description='Either a person or a business, as kind says.',
            discriminator='kind',
            title='Reference to a person or business',
        ),
    ]


class Sex(StrEnum):
    female = 'female'
    male = 'male'
    unspecified = 'unspecified'


class PersonInput(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    identifiers: Annotated[list[IdentifierInput], Field(max_length=10, min_length=1)]
    name: PersonNameInput
    birthDate: date
    sex: Sex | MISSING = MISSING
    nationalities: Annotated[list[Country] | MISSING, Field(max_length=5)] = MISSING
    civilStatus: Code | MISSING = MISSING
    contact: ContactPointInput | MISSING = MISSING
    addresses: Annotated[list[AddressInput] | MISSING, Field(max_length=5)] = MISSING
    national: National | MISSING = MISSING


class Person(BaseModel):
    id: UUID
    identifiers: Annotated[list[Identifier], Field(max_length=10, min_length=1)]
    name: PersonName
    birthDate: date
    sex: Sex | MISSING = MISSING
    nationalities: Annotated[list[Country], Field(max_length=5)]
    civilStatus: Code | MISSING = MISSING
    contact: ContactPoint | MISSING = MISSING
    addresses: Annotated[list[Address] | MISSING, Field(max_length=5)] = MISSING
    deathDate: date | MISSING = MISSING
    national: National | MISSING = MISSING


class TradeName(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=200,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]


class ActivityCode(RootModel[StrictStr]):
    root: Annotated[
        StrictStr, Field(description='Class of ISIC Rev. 4.', pattern='^[0-9]{4}$')
    ]


class BusinessInput(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    identifiers: Annotated[list[IdentifierInput], Field(max_length=10, min_length=1)]
    legalName: Annotated[
        StrictStr,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=200,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]
    tradeNames: Annotated[list[TradeName] | MISSING, Field(max_length=10)] = MISSING
    legalForm: Code
    activityCodes: Annotated[list[ActivityCode] | MISSING, Field(max_length=20)] = (
        MISSING
    )
    registeredAddress: AddressInput
    country: Country
    lei: Annotated[
        StrictStr | MISSING,
        Field(
            description='Legal entity identifier (ISO 17442).',
            pattern='^[A-Z0-9]{18}[0-9]{2}$',
        ),
    ] = MISSING
    national: National | MISSING = MISSING


class ActivityCode1(RootModel[StrictStr]):
    root: Annotated[StrictStr, Field(pattern='^[0-9]{4}$')]


class Status(StrEnum):
    active = 'active'
    suspended = 'suspended'
    dissolved = 'dissolved'


class Business(BaseModel):
    id: UUID
    identifiers: Annotated[list[Identifier], Field(max_length=10, min_length=1)]
    legalName: Annotated[
        StrictStr,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=200,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]
    tradeNames: Annotated[list[TradeName] | MISSING, Field(max_length=10)] = MISSING
    legalForm: Code
    activityCodes: Annotated[list[ActivityCode1] | MISSING, Field(max_length=20)] = (
        MISSING
    )
    status: Status
    registeredAddress: Address
    country: Country
    lei: Annotated[StrictStr | MISSING, Field(pattern='^[A-Z0-9]{18}[0-9]{2}$')] = (
        MISSING
    )
    national: National | MISSING = MISSING


class DocumentUpload(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    file: Annotated[
        bytes,
        Field(
            description='PDF, JPEG, PNG, XML or JSON, at most 10 MiB.',
            max_length=10485760,
        ),
    ]
    type: Code
    title: Annotated[
        StrictStr | MISSING,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=200,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ] = MISSING
    sha256: Sha256 | MISSING = MISSING


class ScanStatus(StrEnum):
    pending = 'pending'
    clean = 'clean'
    rejected = 'rejected'


class Document(BaseModel):
    id: UUID
    type: Code
    title: Annotated[
        StrictStr | MISSING,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=200,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ] = MISSING
    mediaType: Annotated[StrictStr, Field(pattern='^[a-z]+/[a-z0-9.+-]+$')]
    size: Annotated[StrictInt, Field(description='In bytes.', ge=0)]
    sha256: Sha256
    scanStatus: ScanStatus
    issuedBy: Annotated[
        StrictStr | MISSING,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=200,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ] = MISSING
    issuedAt: AwareDatetime | MISSING = MISSING
    expiresAt: AwareDatetime | MISSING = MISSING
    href: Annotated[StrictStr, Field(description='Where the content is.')]
    createdAt: AwareDatetime
    national: National | MISSING = MISSING


class Format(StrEnum):
    jws = 'jws'
    vc_sd_jwt = 'vc+sd-jwt'
    mdoc = 'mdoc'
    qr = 'qr'


class Proof(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    format: Format
    value: Annotated[StrictStr, Field(max_length=20000, min_length=1)]


class EvidenceInput(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    evidenceType: Code
    subject: PartyRef
    issuer: Annotated[
        StrictStr,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=200,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]
    issuedAt: AwareDatetime
    validUntil: AwareDatetime | MISSING = MISSING
    documentId: UUID | MISSING = MISSING
    data: dict[str, Any] | MISSING = MISSING
    proof: Proof | MISSING = MISSING
    national: National | MISSING = MISSING


class ObtainedVia(StrEnum):
    upload = 'upload'
    once_only = 'once-only'
    issuer_api = 'issuer-api'


class Evidence(BaseModel):
    id: UUID
    evidenceType: Code
    subject: PartyRef
    issuer: Annotated[
        StrictStr,
        Field(
            description='One line of free text. Letters of every language and apostrophes are welcome; control and direction characters are not.',
            max_length=200,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]
    issuedAt: AwareDatetime
    validUntil: AwareDatetime | MISSING = MISSING
    documentId: UUID | MISSING = MISSING
    data: dict[str, Any] | MISSING = MISSING
    proof: Proof | MISSING = MISSING
    obtainedVia: ObtainedVia
    exchangeId: UUID | MISSING = MISSING
    national: National | MISSING = MISSING


class Service(RootModel[StrictStr]):
    root: Annotated[StrictStr, Field(pattern='^[a-z][a-z0-9-]{1,62}$')]


class MandateInput(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    principal: PartyRef
    representative: PartyRef
    services: Annotated[list[Service], Field(max_length=30, min_length=1)]
    scopes: Annotated[list[Scope], Field(max_length=60, min_length=1)]
    validFrom: AwareDatetime
    validUntil: AwareDatetime | MISSING = MISSING
    evidence: Annotated[list[EvidenceInput] | MISSING, Field(max_length=10)] = MISSING
    national: National | MISSING = MISSING


class Status1(StrEnum):
    active = 'active'
    expired = 'expired'
    revoked = 'revoked'


class Mandate(BaseModel):
    id: UUID
    principal: PartyRef
    representative: PartyRef
    services: Annotated[list[Service], Field(min_length=1)]
    scopes: Annotated[list[Scope], Field(min_length=1)]
    validFrom: AwareDatetime
    validUntil: AwareDatetime | MISSING = MISSING
    evidence: list[Evidence] | MISSING = MISSING
    status: Status1
    createdAt: AwareDatetime
    national: National | MISSING = MISSING


class FeeFormula(BaseModel):
    percentage: Percentage
    minimum: Money | MISSING = MISSING
    maximum: Money | MISSING = MISSING
    text: TextLine


class LegalResource(BaseModel):
    identifier: Code
    name: TextLine
    href: AnyUrl | MISSING = MISSING


class FeeExemption(BaseModel):
    code: Code
    title: TextLine
    legalBasis: LegalResource | MISSING = MISSING


class Fee(BaseModel):
    code: Code
    title: TextLine
    amount: Money | MISSING = MISSING
    formula: FeeFormula | MISSING = MISSING
    exemptions: list[FeeExemption] | MISSING = MISSING
    legalBasis: LegalResource | MISSING = MISSING
    national: National | MISSING = MISSING


class FeeQuoteRequestLine(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    code: Code
    quantity: Annotated[StrictInt, Field(ge=1, le=1000)]
    base: Money | MISSING = MISSING
    exemption: Code | MISSING = MISSING


class FeeLine(BaseModel):
    code: Code
    title: TextLine | MISSING = MISSING
    quantity: Annotated[StrictInt, Field(ge=1, le=1000)]
    amount: Money
    exemption: Code | MISSING = MISSING


class FeeQuoteId(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='Names a quote. It means nothing to a client and holds nothing about a person.',
            pattern='^[A-Za-z0-9_.~-]{8,1024}$',
            title='Quote identifier',
        ),
    ]


class Ground(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    code: Code
    text: Annotated[
        StrictStr,
        Field(
            description='Free text of several lines. Control and direction characters other than tab and line feed are refused.',
            max_length=2000,
            min_length=1,
            pattern='^[ \\t\\n]*[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Block of text',
        ),
    ]


class ActionInput(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    reason: Annotated[
        StrictStr | MISSING,
        Field(
            description='Free text of several lines. Control and direction characters other than tab and line feed are refused.',
            max_length=2000,
            min_length=1,
            pattern='^[ \\t\\n]*[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Block of text',
        ),
    ] = MISSING
    grounds: Annotated[list[Ground] | MISSING, Field(max_length=20, min_length=1)] = (
        MISSING
    )
    documents: Annotated[list[UUID] | MISSING, Field(max_length=50)] = MISSING
    evidence: Annotated[list[EvidenceInput] | MISSING, Field(max_length=50)] = MISSING
    national: National | MISSING = MISSING


class SubmitInput(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    feeQuoteId: FeeQuoteId | MISSING = MISSING
    national: National | MISSING = MISSING


class Condition(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='Free text of several lines. Control and direction characters other than tab and line feed are refused.',
            max_length=2000,
            min_length=1,
            pattern='^[ \\t\\n]*[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Block of text',
        ),
    ]


class DecisionInput(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    grounds: Annotated[list[Ground], Field(max_length=20, min_length=1)]
    conditions: Annotated[list[Condition] | MISSING, Field(max_length=20)] = MISSING
    national: National | MISSING = MISSING


class Outcome(StrEnum):
    approved = 'approved'
    approved_with_conditions = 'approved-with-conditions'
    rejected = 'rejected'


class Decision(BaseModel):
    outcome: Outcome
    grounds: Annotated[list[Ground], Field(max_length=20, min_length=1)]
    conditions: Annotated[list[Condition] | MISSING, Field(max_length=20)] = MISSING
    decidedAt: AwareDatetime
    decidedBy: Role
    appealUntil: Annotated[
        AwareDatetime | MISSING,
        Field(description='Last moment at which an appeal is possible.'),
    ] = MISSING
    national: National | MISSING = MISSING


class HoldCode(StrEnum):
    fee_unpaid = 'fee-unpaid'
    appointment_pending = 'appointment-pending'
    evidence_pending = 'evidence-pending'
    opinion_pending = 'opinion-pending'
    identity_unverified = 'identity-unverified'
    legal_block = 'legal-block'


class Hold(BaseModel):
    code: HoldCode
    blocks: Annotated[list[Code], Field(min_length=1)]
    since: AwareDatetime
    href: Annotated[
        StrictStr | MISSING, Field(description='Where to settle it, such as a payment.')
    ] = MISSING


class CaseStatus(StrEnum):
    draft = 'draft'
    submitted = 'submitted'
    in_review = 'in_review'
    awaiting_applicant = 'awaiting_applicant'
    approved = 'approved'
    rejected = 'rejected'
    under_appeal = 'under_appeal'
    completed = 'completed'
    rejected_final = 'rejected_final'
    withdrawn = 'withdrawn'
    expired = 'expired'
    discarded = 'discarded'


class StatusEntry(BaseModel):
    status: CaseStatus
    at: AwareDatetime
    byRole: Role
    reason: Annotated[
        StrictStr | MISSING,
        Field(
            description='Free text of several lines. Control and direction characters other than tab and line feed are refused.',
            max_length=2000,
            min_length=1,
            pattern='^[ \\t\\n]*[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Block of text',
        ),
    ] = MISSING


class Method(StrEnum):
    GET = 'GET'
    POST = 'POST'
    PUT = 'PUT'
    DELETE = 'DELETE'


class AvailableAction(BaseModel):
    name: Code
    method: Method
    href: StrictStr
    requiredScope: Scope
    blockedBy: Annotated[list[HoldCode] | MISSING, Field(min_length=1)] = MISSING


class Reference(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='Country, service, year, number and two check digits (ISO 7064 MOD 97-10).',
            examples=['HN-VAT-2026-00000123-38'],
            pattern='^[A-Z]{2}-[A-Z]{3}-[0-9]{4}-[0-9]{8}-[0-9]{2}$',
            title='Reference number',
        ),
    ]


class CaseInput(BaseModel):
    type: Code | MISSING = MISSING
    applicant: PartyRef
    language: Language | MISSING = MISSING
    documents: Annotated[
        list[UUID] | MISSING,
        Field(description='Files by identifier, handed in before.', max_length=50),
    ] = MISSING
    evidence: Annotated[list[EvidenceInput] | MISSING, Field(max_length=50)] = MISSING
    national: National | MISSING = MISSING


class Channel(StrEnum):
    web = 'web'
    mobile = 'mobile'
    office = 'office'
    assisted = 'assisted'
    api = 'api'


class Output(BaseModel):
    type: Code
    id: UUID
    href: Annotated[StrictStr, Field(min_length=1)]
    title: TextLine | MISSING = MISSING


class Receipt(BaseModel):
    code: Annotated[StrictStr, Field(pattern='^[A-Za-z0-9_-]{22}$')]
    caseReference: Reference
    service: Annotated[StrictStr, Field(pattern='^[a-z][a-z0-9-]{1,62}$')]
    issuedAt: AwareDatetime
    payloadDigest: Sha256
    signature: Annotated[
        StrictStr,
        Field(
            description='Compact JWS over the other members.',
            pattern='^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
        ),
    ]
    verifyUrl: AnyUrl


class ReceiptVerification(BaseModel):
    valid: StrictBool
    service: Annotated[StrictStr, Field(pattern='^[a-z][a-z0-9-]{1,62}$')]
    issuedAt: AwareDatetime
    payloadDigest: Sha256


class In(StrEnum):
    body = 'body'
    path = 'path'
    query = 'query'
    header = 'header'


class ProblemItem(BaseModel):
    in_: Annotated[In, Field(alias='in')]
    pointer: StrictStr | MISSING = MISSING
    name: StrictStr | MISSING = MISSING
    code: Annotated[StrictStr, Field(pattern='^[a-z][a-z0-9-]*$')]
    message: Annotated[StrictStr, Field(min_length=1)]


class Page(BaseModel):
    limit: Annotated[StrictInt, Field(ge=1, le=100)]
    nextCursor: Annotated[StrictStr | MISSING, Field(max_length=512, min_length=1)] = (
        MISSING
    )
    total: Annotated[StrictInt | MISSING, Field(ge=0)] = MISSING


class Status2(StrEnum):
    queued = 'queued'
    running = 'running'
    done = 'done'
    failed = 'failed'


class EventType(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='Service, thing and what happened, such as payments.request.paid.',
            max_length=120,
            pattern='^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)+$',
            title='Event type',
        ),
    ]


class Event(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    __annotations__ = {
        '__pydantic_extra__': Dict[
            Annotated[str, StringConstraints(pattern=r'^[a-z0-9]{1,64}$', strict=True)],
            StrictStr | StrictBool | StrictInt,
        ],
    }
    specversion: Literal['1.0']
    id: Annotated[StrictStr, Field(max_length=128, min_length=1)]
    source: Annotated[StrictStr, Field(min_length=1)]
    type: EventType
    subject: Annotated[StrictStr, Field(max_length=200, min_length=1)]
    time: AwareDatetime
    datacontenttype: Literal['application/json'] | MISSING = MISSING
    dataschema: AnyUrl | MISSING = MISSING
    sequence: Annotated[StrictInt, Field(ge=1)]
    data: dict[str, Any]


class Recipient(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='Country and address name of a service, such as HN/civil-certificates.',
            pattern='^[A-Z]{2}/[a-z][a-z0-9-]{1,62}$',
            title='Recipient',
        ),
    ]


class Outcome1(StrEnum):
    taken = 'taken'
    ignored = 'ignored'


class EventReceipt(BaseModel):
    code: Annotated[StrictStr, Field(pattern='^[A-Za-z0-9_-]{22}$')]
    eventId: Annotated[StrictStr, Field(max_length=128, min_length=1)]
    source: Annotated[StrictStr, Field(min_length=1)]
    sender: Annotated[
        StrictStr,
        Field(
            description='Name of the peer whose key signed the message.',
            max_length=64,
            min_length=1,
        ),
    ]
    recipient: Recipient
    service: Annotated[StrictStr, Field(pattern='^[a-z][a-z0-9-]{1,62}$')]
    issuedAt: AwareDatetime
    payloadDigest: Sha256
    outcome: Annotated[
        Outcome1,
        Field(
            description='Whether the service acts on events of this type, or only takes note.'
        ),
    ]
    signature: Annotated[
        StrictStr,
        Field(
            description='Compact JWS over the other members.',
            pattern='^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
        ),
    ]
    verifyUrl: AnyUrl


class SubscriptionInput(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    callbackUrl: AnyUrl
    types: Annotated[list[EventType], Field(max_length=50, min_length=1)]
    secret: Annotated[StrictStr, Field(pattern='^[!-~]{16,128}$')]
    recipient: Recipient | MISSING = MISSING
    national: National | MISSING = MISSING


class Subscription(BaseModel):
    id: UUID
    callbackUrl: AnyUrl
    types: Annotated[list[EventType], Field(min_length=1)]
    recipient: Recipient | MISSING = MISSING
    createdAt: AwareDatetime
    national: National | MISSING = MISSING


class SubscriptionList(BaseModel):
    items: Annotated[list[Subscription], Field(max_length=100)]
    page: Page


class NamedThing(BaseModel):
    identifier: Code
    name: TextLine
    description: TextBlock | MISSING = MISSING
    href: StrictStr | MISSING = MISSING


class PublicOrganisation(BaseModel):
    identifier: Code
    name: TextLine
    homepage: AnyUrl | MISSING = MISSING
    contact: ContactPoint | MISSING = MISSING


class Day(StrEnum):
    MO = 'MO'
    TU = 'TU'
    WE = 'WE'
    TH = 'TH'
    FR = 'FR'
    SA = 'SA'
    SU = 'SU'


class Schedule(BaseModel):
    days: Annotated[list[Day], Field(max_length=7, min_length=1)]
    opens: Annotated[StrictStr, Field(pattern='^([01][0-9]|2[0-3]):[0-5][0-9]$')]
    closes: Annotated[StrictStr, Field(pattern='^([01][0-9]|2[0-4]):[0-5][0-9]$')]


class Type(StrEnum):
    web = 'web'
    mobile = 'mobile'
    office = 'office'
    assisted = 'assisted'
    api = 'api'
    phone = 'phone'
    post = 'post'


class Channel1(BaseModel):
    identifier: Code
    type: Type
    name: TextLine
    href: StrictStr | MISSING = MISSING
    contact: ContactPoint | MISSING = MISSING
    address: Address | MISSING = MISSING
    schedules: list[Schedule] | MISSING = MISSING


class Cost(BaseModel):
    identifier: Code
    description: TextLine
    feeCode: Code | MISSING = MISSING
    amount: Money | MISSING = MISSING


class ProcessingTime(BaseModel):
    workingDays: Annotated[StrictInt, Field(ge=0, le=3660)]
    text: TextLine


class SpatialItem(RootModel[StrictStr]):
    root: Annotated[StrictStr, Field(pattern='^[A-Z]{2}(-[A-Z0-9]{1,3})?$')]


class Status3(StrEnum):
    active = 'active'
    inactive = 'inactive'
    defunct = 'defunct'
    temporarily_closed = 'temporarily closed'


class ServiceDescription(BaseModel):
    identifier: Annotated[StrictStr, Field(pattern='^[a-z][a-z0-9-]{1,62}$')]
    name: TextLine
    description: TextBlock
    competentAuthority: PublicOrganisation
    spatial: Annotated[
        list[SpatialItem],
        Field(
            description='Countries or subdivisions in which the service is offered.',
            min_length=1,
        ),
    ]
    lifeEvents: list[NamedThing]
    requirements: list[NamedThing]
    evidenceTypes: list[NamedThing]
    channels: Annotated[list[Channel1], Field(min_length=1)]
    costs: Annotated[list[Cost], Field(min_length=1)]
    processingTime: ProcessingTime
    languages: Annotated[list[Language], Field(min_length=2)]
    legalBasis: Annotated[list[LegalResource], Field(min_length=1)]
    outputs: list[NamedThing] | MISSING = MISSING
    status: Status3
    schedules: list[Schedule]
    requiredDocuments: list[NamedThing]
    assuredDate: Annotated[
        date | MISSING,
        Field(description='When somebody last checked this description.'),
    ] = MISSING
    links: Annotated[list[Link], Field(min_length=1)]
    national: National | MISSING = MISSING


class Operation(RootModel[StrictStr]):
    root: Annotated[StrictStr, Field(pattern='^[a-z][A-Za-z0-9]*$')]


class StageClaim(BaseModel):
    stage: Annotated[StrictInt, Field(ge=1, le=5)]
    operations: Annotated[list[Operation], Field(min_length=1)]
    evidence: TextBlock


class StageDeclaration(BaseModel):
    claimed: Annotated[StrictInt, Field(ge=0, le=5)]
    perStage: Annotated[list[StageClaim], Field(max_length=5)]
    national: National | MISSING = MISSING


class MediaType(StrEnum):
    application_pdf = 'application/pdf'
    application_schema_json = 'application/schema+json'


class Form(BaseModel):
    code: Code
    title: TextLine
    description: TextBlock | MISSING = MISSING
    operationId: Annotated[StrictStr, Field(pattern='^[a-z][A-Za-z0-9]*$')]
    mediaTypes: Annotated[list[MediaType], Field(min_length=2)]
    href: StrictStr
    national: National | MISSING = MISSING


class FormList(BaseModel):
    items: Annotated[list[Form], Field(max_length=100)]
    page: Page


class ManifestService(BaseModel):
    slug: Annotated[StrictStr, Field(pattern='^[a-z][a-z0-9-]{1,62}$')]
    specVersion: Annotated[StrictStr, Field(pattern='^[0-9]+\\.[0-9]+\\.[0-9]+')]
    baseUrl: AnyUrl
    claimedStage: Annotated[StrictInt, Field(ge=0, le=5)]
    notApplicable: StrictBool | MISSING = MISSING
    reason: TextLine | MISSING = MISSING


class Environment(StrEnum):
    sandbox = 'sandbox'
    production = 'production'


class ConformanceManifest(BaseModel):
    country: Country
    operator: TextLine
    environment: Environment
    services: list[ManifestService]
    languages: Annotated[list[Language], Field(min_length=2)]
    profileVersion: Annotated[StrictStr, Field(max_length=40, min_length=1)]
    contact: TextLine
    national: National | MISSING = MISSING


class Status4(StrEnum):
    pass_ = 'pass'
    warn = 'warn'


class Database(BaseModel):
    engine: StrictStr
    version: StrictStr


class Health(BaseModel):
    status: Status4
    version: StrictStr | MISSING = MISSING
    time: AwareDatetime | MISSING = MISSING
    kitVersion: Annotated[
        StrictStr | MISSING,
        Field(
            description='Version of the kit that serves. Outside a sandbox it is left out, so as not to help an attacker.'
        ),
    ] = MISSING
    database: Annotated[
        Database | MISSING,
        Field(
            description='What stores the records. Outside a sandbox it is left out, so as not to help an attacker.'
        ),
    ] = MISSING
    warnings: Annotated[
        list[StrictStr] | MISSING,
        Field(
            description='What an operator should know, such as a database engine with a known fault. Left out outside a sandbox.'
        ),
    ] = MISSING


class JsonSchemaDocument(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    field_schema: Annotated[
        Literal['https://json-schema.org/draft/2020-12/schema'], Field(alias='$schema')
    ]


class OpenApiDocument(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    openapi: Annotated[StrictStr, Field(pattern='^3\\.1\\.[0-9]+$')]
    info: dict[str, Any]
    paths: dict[str, Any]


class MandateList(BaseModel):
    items: Annotated[list[Mandate], Field(max_length=100)]
    page: Page


class FeeList(BaseModel):
    items: Annotated[list[Fee], Field(max_length=100)]
    page: Page
    freeOfCharge: Annotated[
        StrictBool,
        Field(
            description='True only when no operation of the service charges anything.'
        ),
    ]


class FeeQuoteRequest(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    lines: Annotated[list[FeeQuoteRequestLine], Field(max_length=50, min_length=1)]
    national: National | MISSING = MISSING


class FeeQuote(BaseModel):
    quoteId: FeeQuoteId
    lines: Annotated[list[FeeLine], Field(max_length=50, min_length=1)]
    total: Money
    validUntil: AwareDatetime
    national: National | MISSING = MISSING


class CaseBase(BaseModel):
    id: UUID
    reference: Reference
    service: Annotated[StrictStr, Field(pattern='^[a-z][a-z0-9-]{1,62}$')]
    type: Code
    status: CaseStatus
    statusHistory: Annotated[list[StatusEntry], Field(min_length=1)]
    applicant: PartyRef
    onBehalfOf: Annotated[
        UUID | MISSING,
        Field(description='The mandate under which a representative acted.'),
    ] = MISSING
    channel: Channel
    language: Language | MISSING = MISSING
    submittedAt: AwareDatetime | MISSING = MISSING
    dueBy: Annotated[
        AwareDatetime | MISSING, Field(description='When the decision is due.')
    ] = MISSING
    late: Annotated[
        StrictBool,
        Field(
            description='True when the decision came or is to come after it was due.'
        ),
    ]
    fees: list[FeeLine]
    paymentRequestIds: list[UUID]
    documents: Annotated[
        list[UUID] | MISSING, Field(description='Files by identifier.')
    ] = MISSING
    evidence: list[Evidence] | MISSING = MISSING
    holds: list[Hold]
    decision: Decision | MISSING = MISSING
    outputs: list[Output]
    availableActions: list[AvailableAction]
    receipt: Receipt | MISSING = MISSING
    createdAt: AwareDatetime
    updatedAt: AwareDatetime
    national: National | MISSING = MISSING


class Problem(BaseModel):
    type: Annotated[StrictStr, Field(pattern='^urn:istmo:problem:[a-z][a-z0-9-]*$')]
    title: Annotated[StrictStr, Field(min_length=1)]
    status: Annotated[StrictInt, Field(ge=400, le=599)]
    detail: StrictStr | MISSING = MISSING
    instance: StrictStr | MISSING = MISSING
    code: Annotated[StrictStr, Field(pattern='^[a-z][a-z0-9-]*$')]
    correlationId: UUID
    errors: Annotated[list[ProblemItem] | MISSING, Field(min_length=1)] = MISSING
    currentStatus: Annotated[
        StrictStr | MISSING,
        Field(description='Status of the resource when the action was not legal.'),
    ] = MISSING
    allowedActions: Annotated[
        list[StrictStr] | MISSING,
        Field(description='What the caller could do instead.'),
    ] = MISSING
    holds: Annotated[
        list[HoldCode] | MISSING, Field(description='The holds that block the action.')
    ] = MISSING
    ruleId: Annotated[
        StrictStr | MISSING,
        Field(
            description='Requirement that was broken.',
            pattern='^[a-z][a-z0-9_]*/[a-z0-9-]+$',
        ),
    ] = MISSING
    requiredAcr: Annotated[
        StrictStr | MISSING,
        Field(
            description='Assurance level that is needed.',
            pattern='^urn:istmo:loa:(low|substantial|high)$',
        ),
    ] = MISSING
    retryable: StrictBool | MISSING = MISSING


class Task(BaseModel):
    id: UUID
    status: Status2
    resultHref: StrictStr | MISSING = MISSING
    problem: Problem | MISSING = MISSING


__all__ = [
    "ActionInput",
    "ActivityCode",
    "ActivityCode1",
    "Address",
    "AddressInput",
    "AvailableAction",
    "Business",
    "BusinessInput",
    "BusinessRef",
    "CaseBase",
    "CaseInput",
    "CaseStatus",
    "Channel",
    "Channel1",
    "Checksum",
    "Code",
    "Condition",
    "ConformanceManifest",
    "ContactPoint",
    "ContactPointInput",
    "Coordinate",
    "Cost",
    "Country",
    "Database",
    "Day",
    "Decision",
    "DecisionInput",
    "Document",
    "DocumentUpload",
    "Environment",
    "Event",
    "EventReceipt",
    "EventType",
    "Evidence",
    "EvidenceInput",
    "FamilyName",
    "Fee",
    "FeeExemption",
    "FeeFormula",
    "FeeLine",
    "FeeList",
    "FeeQuote",
    "FeeQuoteId",
    "FeeQuoteRequest",
    "FeeQuoteRequestLine",
    "Form",
    "FormList",
    "Format",
    "GeoPoint",
    "GeoPolygon",
    "GivenName",
    "Ground",
    "Health",
    "Hold",
    "HoldCode",
    "Identifier",
    "IdentifierInput",
    "In",
    "JsonSchemaDocument",
    "Kind",
    "Language",
    "LegalResource",
    "Line",
    "Link",
    "LocalizedText",
    "Mandate",
    "MandateInput",
    "MandateList",
    "ManifestService",
    "MediaType",
    "Method",
    "Money",
    "Municipality",
    "NamedThing",
    "National",
    "ObtainedVia",
    "OpenApiDocument",
    "Operation",
    "Outcome",
    "Outcome1",
    "Output",
    "Page",
    "PartyRef",
    "Percentage",
    "Period",
    "Person",
    "PersonInput",
    "PersonName",
    "PersonNameInput",
    "PersonRef",
    "Position",
    "PositionItem",
    "PreferredChannel",
    "Problem",
    "ProblemItem",
    "ProcessingTime",
    "Proof",
    "PublicOrganisation",
    "Receipt",
    "ReceiptVerification",
    "Recipient",
    "Reference",
    "Role",
    "ScanStatus",
    "Schedule",
    "Scope",
    "Service",
    "ServiceDescription",
    "Sex",
    "Sha256",
    "SpatialItem",
    "StageClaim",
    "StageDeclaration",
    "Status",
    "Status1",
    "Status2",
    "Status3",
    "Status4",
    "StatusEntry",
    "SubmitInput",
    "Subscription",
    "SubscriptionInput",
    "SubscriptionList",
    "Task",
    "TaxPeriodKey",
    "TextBlock",
    "TextLine",
    "TradeName",
    "Type",
]
