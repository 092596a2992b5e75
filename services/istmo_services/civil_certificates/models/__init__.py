"""Models of the room civil_certificates. Generated from the specification; do not edit: python -m istmo.spec.models."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
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
    StrictInt,
    StrictStr,
    StringConstraints,
)
from typing_extensions import TypeAliasType

from istmo import models
from istmo.models import CaseBase, CaseInput


class CertificateTypeCode(StrEnum):
    birth = 'birth'
    marriage = 'marriage'
    death = 'death'
    single_status = 'single-status'
    divorce = 'divorce'


class CertificateFormat(StrEnum):
    extract = 'extract'
    full_copy = 'full-copy'
    multilingual_extract = 'multilingual-extract'


class Delivery(StrEnum):
    digital = 'digital'
    post = 'post'
    office = 'office'


class Relationship(StrEnum):
    self = 'self'
    child = 'child'
    parent = 'parent'
    spouse = 'spouse'
    ward = 'ward'
    other = 'other'


class Apostille(BaseModel):
    paper: StrictBool
    digital: StrictBool


class CertificateType(BaseModel):
    code: CertificateTypeCode
    title: models.TextLine
    description: models.TextBlock | MISSING = MISSING
    formats: Annotated[
        list[CertificateFormat], Field(description='The formats offered.', min_length=1)
    ]
    deliveries: Annotated[
        list[Delivery], Field(description='The ways of delivery offered.', min_length=1)
    ]
    languages: Annotated[
        list[models.Language],
        Field(
            description='BCP 47 tags of the languages in which it is issued.',
            min_length=1,
        ),
    ]
    relationships: Annotated[
        list[Relationship],
        Field(description='Who may ask: the list of the profile.', min_length=1),
    ]
    validityMonths: Annotated[
        StrictInt | None | MISSING,
        Field(
            description='For how many months a certificate is valid; null: without limit.',
            ge=1,
            le=1200,
        ),
    ] = MISSING
    apostille: Annotated[
        Apostille,
        Field(
            description='Whether an apostille can be asked for, on paper and on a digital certificate.'
        ),
    ]
    fee: Annotated[models.Fee, Field(description='What one copy costs.')]
    national: models.National | MISSING = MISSING


class CertificateTypePage(BaseModel):
    items: Annotated[list[CertificateType], Field(max_length=100)]
    page: models.Page


class RecordPerson(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    name: models.PersonNameInput
    birthDate: Annotated[date | MISSING, Field(description='The date of birth.')] = (
        MISSING
    )
    identifiers: Annotated[
        list[models.IdentifierInput] | MISSING,
        Field(description='National identifiers, if known.', max_length=5),
    ] = MISSING


class About(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    relationship: Relationship
    person: RecordPerson
    eventDate: Annotated[
        date | MISSING,
        Field(
            description='The date of the birth, marriage, death or divorce; never in the future, never before the birth date.'
        ),
    ] = MISSING
    eventPlace: Annotated[
        StrictStr | MISSING,
        Field(
            description='The place of the event.',
            max_length=120,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ] = MISSING
    registrationNumber: Annotated[
        StrictStr | MISSING,
        Field(
            description='The number of the register entry.',
            max_length=40,
            min_length=1,
            pattern='^[A-Za-z0-9./-]+$',
        ),
    ] = MISSING


class RequestFacts(BaseModel):
    certificateType: CertificateTypeCode
    about: About
    format: CertificateFormat
    delivery: Delivery
    copies: Annotated[StrictInt, Field(description='How many copies.', ge=1, le=10)]
    purpose: Annotated[
        StrictStr | MISSING,
        Field(
            description="What the certificate is for, in the applicant's words.",
            max_length=300,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ] = MISSING
    apostille: Annotated[
        StrictBool | MISSING, Field(description='Whether an apostille is asked for.')
    ] = MISSING
    feeQuoteId: Annotated[
        models.FeeQuoteId | MISSING,
        Field(description='A fee quote: while it is valid the bill equals it.'),
    ] = MISSING


class CertificateRequestInput(CaseInput, RequestFacts):
    model_config = ConfigDict(
        extra='forbid',
    )


class RegisterEntry(BaseModel):
    number: Annotated[
        StrictStr, Field(description='The number of the entry.', max_length=40)
    ]
    book: Annotated[StrictStr, Field(description='The book or volume.', max_length=40)]
    page: Annotated[StrictStr, Field(description='The page or folio.', max_length=40)]
    office: Annotated[
        StrictStr,
        Field(description='The registry office that holds it.', max_length=120),
    ]
    registeredAt: Annotated[date, Field(description='The date of registration.')]
    version: Annotated[
        StrictInt,
        Field(
            description='1 at registration, one more for each correction or note.', ge=1
        ),
    ]


FactsAdditionalProperty = TypeAliasType(
    "FactsAdditionalProperty", Annotated[StrictStr, Field(max_length=200)]
)


class Facts(
    RootModel[dict[Annotated[str, StringConstraints(pattern=r'^[a-z][A-Za-z]{0,39}$', strict=True)], FactsAdditionalProperty]]
):
    root: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r'^[a-z][A-Za-z]{0,39}$', strict=True)], FactsAdditionalProperty],
        Field(
            description='The facts of the certificate, language-neutral: a fact code of the code list `fact-codes` to its value. Dates are ISO 8601; coded values such as `sex` are codes. The facts equal the register entry of `registerEntry.version`.',
            min_length=1,
            title='Facts',
        ),
    ]


class Fact(BaseModel):
    code: Annotated[
        StrictStr,
        Field(description='The fact code: a member of `data`.', max_length=40),
    ]
    label: Annotated[
        StrictStr, Field(description='The label in this language.', max_length=200)
    ]
    value: Annotated[
        StrictStr, Field(description='The value in this language.', max_length=200)
    ]


class Rendition(BaseModel):
    language: models.Language
    title: Annotated[
        StrictStr, Field(description='The title of the document.', max_length=200)
    ]
    facts: Annotated[
        list[Fact],
        Field(description='One item for each member of `data`.', min_length=1),
    ]


class CertificateStatus(StrEnum):
    valid = 'valid'
    superseded = 'superseded'
    revoked = 'revoked'
    expired = 'expired'


class VerificationCode(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description='22 characters that cannot be guessed; printed on the certificate.',
            pattern='^[A-Za-z0-9_-]{22}$',
            title='Verification code',
        ),
    ]


class Format(StrEnum):
    jws = 'jws'
    vc_sd_jwt = 'vc+sd-jwt'
    mdoc = 'mdoc'


class CertificateCredential1(BaseModel):
    format: Format
    value: Annotated[
        StrictStr, Field(description='The signed credential.', max_length=20000)
    ]
    offerUri: Annotated[
        AnyUrl | MISSING, Field(description='Where a wallet fetches it.')
    ] = MISSING


class CertificateCredential2(BaseModel):
    format: Format
    value: Annotated[
        StrictStr | MISSING,
        Field(description='The signed credential.', max_length=20000),
    ] = MISSING
    offerUri: Annotated[AnyUrl, Field(description='Where a wallet fetches it.')]


class CertificateCredential(RootModel[CertificateCredential1 | CertificateCredential2]):
    root: Annotated[
        CertificateCredential1 | CertificateCredential2,
        Field(
            description='The certificate in a form that a wallet or a machine verifies: signed here (`jws`), or offered through OpenID4VCI (`offerUri`). Its claims `number`, `verificationCode` and `documentSha256` equal those of the certificate.',
            title='Credential',
        ),
    ]


class Revocation(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    reason: Annotated[
        StrictStr,
        Field(
            description='The reason, for the files; it is not shown to verifiers.',
            max_length=500,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]


class Verification(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    verificationCode: VerificationCode


class VerificationResult(BaseModel):
    status: CertificateStatus
    type: CertificateTypeCode
    issuedAt: AwareDatetime
    issuer: Annotated[
        StrictStr, Field(description='The authority that issued it.', max_length=200)
    ]
    initials: Annotated[
        StrictStr,
        Field(
            description='The first letter of each given and family name of the first person of the record, each with a full stop: `A. L. M. P.`',
            max_length=60,
        ),
    ]


class FactPointer(RootModel[StrictStr]):
    root: Annotated[
        StrictStr,
        Field(
            description="JSON Pointer to a member of the certificate's `data`, such as `/birthPlace`.",
            pattern='^/[a-z][A-Za-z]{0,39}$',
            title='Pointer to a fact',
        ),
    ]


class CorrectionInput(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    certificateId: Annotated[
        UUID, Field(description='A certificate of the caller that shows the error.')
    ]
    member: FactPointer
    proposedValue: Annotated[
        StrictStr,
        Field(
            description='What the fact should say; a date in ISO 8601, a coded value as its code.',
            max_length=200,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]
    reason: Annotated[
        StrictStr,
        Field(
            description='How the applicant knows.',
            max_length=500,
            min_length=1,
            pattern='^ *[^ \\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF][^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFF]*$',
            title='Line of text',
        ),
    ]
    documents: Annotated[
        list[UUID] | MISSING,
        Field(description='Ids of documents that support the report.', max_length=20),
    ] = MISSING
    national: models.National | MISSING = MISSING


class Status(StrEnum):
    reported = 'reported'
    applied = 'applied'
    dismissed = 'dismissed'


class Correction(BaseModel):
    id: UUID
    certificateId: UUID
    member: FactPointer
    proposedValue: Annotated[StrictStr, Field(max_length=200)]
    reason: Annotated[StrictStr, Field(max_length=500)]
    documents: list[UUID] | MISSING = MISSING
    status: Annotated[
        Status,
        Field(
            description='`reported`, then for good `applied` or `dismissed` by a registrar.'
        ),
    ]
    reportedAt: AwareDatetime
    decidedAt: AwareDatetime | MISSING = MISSING
    decisionReason: Annotated[
        StrictStr | MISSING,
        Field(description='What the registrar wrote.', max_length=1000),
    ] = MISSING
    national: models.National | MISSING = MISSING


class CertificateRequest(CaseBase, RequestFacts):
    pass


class CertificateRequestPage(BaseModel):
    items: Annotated[list[CertificateRequest], Field(max_length=100)]
    page: models.Page


class Certificate(BaseModel):
    id: UUID
    number: Annotated[
        StrictStr,
        Field(
            description='The number printed on the certificate.',
            max_length=60,
            min_length=1,
        ),
    ]
    type: CertificateTypeCode
    format: CertificateFormat
    status: CertificateStatus
    issuedAt: Annotated[AwareDatetime, Field(description='When it was issued, in UTC.')]
    issuer: Annotated[
        StrictStr,
        Field(description='The competent authority that issued it.', max_length=200),
    ]
    validUntil: Annotated[
        date | None | MISSING,
        Field(description='The last day on which it is valid; null: without limit.'),
    ] = MISSING
    revokedAt: Annotated[
        AwareDatetime | MISSING, Field(description='When it was revoked.')
    ] = MISSING
    verificationCode: VerificationCode
    documentId: Annotated[UUID, Field(description='The PDF among the documents.')]
    documentSha256: Annotated[
        models.Sha256, Field(description='SHA-256 digest of the PDF.')
    ]
    caseReference: Annotated[
        models.Reference,
        Field(description='The reference of the request that it answers.'),
    ]
    credential: CertificateCredential | MISSING = MISSING
    registerEntry: RegisterEntry
    data: Facts
    renditions: Annotated[
        list[Rendition],
        Field(
            description="The document's text. A multilingual extract has `es` and `en`, other formats the language of the request.",
            min_length=1,
        ),
    ]
    national: models.National | MISSING = MISSING


class CertificatePage(BaseModel):
    items: Annotated[list[Certificate], Field(max_length=100)]
    page: models.Page


__all__ = [
    "About",
    "Apostille",
    "Certificate",
    "CertificateCredential",
    "CertificateCredential1",
    "CertificateCredential2",
    "CertificateFormat",
    "CertificatePage",
    "CertificateRequest",
    "CertificateRequestInput",
    "CertificateRequestPage",
    "CertificateStatus",
    "CertificateType",
    "CertificateTypeCode",
    "CertificateTypePage",
    "Correction",
    "CorrectionInput",
    "Delivery",
    "Fact",
    "FactPointer",
    "Facts",
    "Format",
    "RecordPerson",
    "RegisterEntry",
    "Relationship",
    "Rendition",
    "RequestFacts",
    "Revocation",
    "Status",
    "Verification",
    "VerificationCode",
    "VerificationResult",
]
