"""The code lists of civil certificates, in both languages, and the words printed on a certificate."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache

from istmo.paths import data

__all__ = ["WORDS", "fact_codes", "fact_kind", "fact_values", "ground", "label", "title", "value"]

Row = Mapping[str, str]

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "certificate": "Certificate",
        "facts": "Facts of the entry",
        "entry": "Register entry",
        "number": "Number",
        "code": "Verification code",
        "format": "Format",
        "issued": "Issued",
        "until": "Valid until",
        "unlimited": "Without limit",
        "case": "Request",
        "entryNumber": "Entry",
        "book": "Book",
        "page": "Page",
        "office": "Office",
        "registered": "Registered",
        "version": "Version of the entry",
        "statement": "The facts above equal the register entry named here, in the version stated.",
        "apostille": "An apostille was requested for this certificate.",
        "verify": "Anybody can verify this certificate with the verification code.",
    },
    "es": {
        "certificate": "Certificado",
        "facts": "Datos de la inscripción",
        "entry": "Inscripción",
        "number": "Número",
        "code": "Código de verificación",
        "format": "Formato",
        "issued": "Emitido",
        "until": "Válido hasta",
        "unlimited": "Sin límite",
        "case": "Solicitud",
        "entryNumber": "Inscripción",
        "book": "Libro",
        "page": "Folio",
        "office": "Oficina",
        "registered": "Fecha de inscripción",
        "version": "Versión de la inscripción",
        "statement": "Los datos anteriores son iguales a la inscripción aquí nombrada, en la versión indicada.",
        "apostille": "Se solicitó una apostilla para este certificado.",
        "verify": "Cualquier persona puede verificar este certificado con el código de verificación.",
    },
}


@lru_cache
def _rows(name: str) -> tuple[Row, ...]:
    path = data("specs") / "civil_certificates" / "codelists" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@lru_cache
def _by_code(name: str) -> Mapping[str, Row]:
    return {row["code"]: row for row in _rows(name)}


def _in(row: Row, column: str, language: str) -> str:
    return row.get(f"{column}_{language}") or row[f"{column}_en"]


def title(codelist: str, code: str, language: str, *, column: str = "title") -> str:
    """Return what a code means in a language."""
    return _in(_by_code(codelist)[code], column, language)


def ground(code: str, language: str) -> dict[str, str]:
    """Return a ground of a decision with its text."""
    return {"code": code, "text": title("grounds", code, language, column="description")}


@lru_cache
def fact_codes() -> tuple[str, ...]:
    """Return the fact codes in the order of the document."""
    return tuple(_by_code("fact-codes"))


def fact_kind(code: str) -> str:
    """Return whether a fact is a text, a date or a code; a fact that no list names is a text."""
    row = _by_code("fact-codes").get(code)
    return row["kind"] if row else "text"


def fact_values(code: str) -> tuple[str, ...]:
    """Return the codes that a coded fact can have."""
    return tuple(row["code"] for row in _rows("fact-values") if row["fact"] == code)


def label(code: str, language: str) -> str:
    """Return the label of a fact."""
    row = _by_code("fact-codes").get(code)
    return _in(row, "label", language) if row else code


def value(code: str, fact: str, language: str) -> str:
    """Return the value of a fact as it is read in a language; only coded values differ."""
    rows = (row for row in _rows("fact-values") if row["fact"] == code and row["code"] == fact)
    row = next(rows, None)
    return _in(row, "title", language) if row else fact
