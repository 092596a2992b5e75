"""What must hold in a country profile beside its schema: each law yields a code, a place and values for its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from istmo.errors import KitError
from istmo.identifiers import find
from istmo.spec._inherit import defaults, is_fact
from istmo.spec._json import JSON
from istmo.spec._patterns import unfit
from istmo.spec._profile import IdentifierError, Profile

__all__ = ["LAWS", "Broken", "bare"]

Broken: TypeAlias = tuple[str, tuple[str | int, ...], Mapping[str, object]]
Law: TypeAlias = Callable[[Profile, Mapping[str, JSON], str], Iterator[Broken]]

_FILE: Final = re.compile(r"[A-Z]{2}")
_FIRST, _LAST = "0001-01-01", "9999-12-31"


def bare(document: Mapping[str, JSON], name: str) -> JSON:
    """Return the value of a fact of a document as its author wrote it, nothing taken over."""
    fact: JSON = document.get(name)
    return fact["value"] if is_fact(fact) else None


def rightly_named(country: Profile, document: Mapping[str, JSON], stem: str) -> Iterator[Broken]:
    """A file that is called like a country tells of that country."""
    del document
    if _FILE.fullmatch(stem) and stem != country.country:
        yield "other-country", ("country", "value"), {"name": country.country, "limit": stem}


def of_this_world(country: Profile, document: Mapping[str, JSON], stem: str) -> Iterator[Broken]:
    """The time zone and the calendar of holidays exist, and the usual language is one of the languages."""
    del stem
    try:
        ZoneInfo(country.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield "no-zone", ("timeZone", "value"), {"name": country.time_zone}
    if country.language not in country.languages:
        yield "language", ("defaultLanguage", "value"), {"known": ", ".join(country.languages)}
    told = bare(document, "holidays")
    if told["library"] is not None:
        import holidays  # noqa: PLC0415 - loads slowly and only this check needs the list

        known = holidays.list_supported_countries()
        if told["library"] not in known:
            yield "no-calendar", ("holidays", "value", "library"), {"name": told["library"]}
    days = [row["date"] for row in told["dates"]]
    yield from _doubled(days, ("holidays", "value", "dates"))
    yield from _doubled([row["date"] for row in told["override"]], ("holidays", "value", "override"))


def money(country: Profile, document: Mapping[str, JSON], stem: str) -> Iterator[Broken]:
    """Currencies stand once, and fees stand in them."""
    del stem
    yield from _doubled([row["code"] for row in bare(document, "currencies")], ("currencies", "value"))
    for place, node in _walk(document.get("fees", {}), ("fees",)):
        if place[-1] == "currency" and node not in country.currencies:
            yield "currency", place, {"name": node, "known": ", ".join(country.currencies)}


def places(country: Profile, document: Mapping[str, JSON], stem: str) -> Iterator[Broken]:
    """Codes of subdivisions belong to the country, stand once, and name parents that are there."""
    del stem
    rows = bare(document, "subdivisions")
    codes = [code for row in rows for code in (row["code"], *row.get("formerCodes", ()))]
    yield from _doubled(codes, ("subdivisions", "value"))
    for n, row in enumerate(rows):
        here = ("subdivisions", "value", n)
        for code in (row["code"], *row.get("formerCodes", ())):
            if not code.startswith(f"{country.country}-"):
                yield "subdivision", (*here, "code"), {"name": code, "limit": f"{country.country}-"}
        if row.get("parent") is not None and row["parent"] not in codes:
            yield "parent", (*here, "parent"), {"name": row["parent"]}


def schemes(country: Profile, document: Mapping[str, JSON], stem: str) -> Iterator[Broken]:
    """Each scheme stands once, is this country's, and does with its samples what they claim."""
    del stem
    rows = [fact["value"] for fact in document["identifierSchemes"]]
    yield from _doubled([row["scheme"] for row in rows], ("identifierSchemes",))
    for n, row in enumerate(rows):
        here = ("identifierSchemes", n, "value")
        prefix = f"{country.country.lower()}-"
        if not row["scheme"].startswith(prefix):
            yield "scheme-country", (*here, "scheme"), {"name": row["scheme"], "limit": prefix}
        wrong = [*_pattern(row["pattern"], (*here, "pattern")), *_algorithm(row, here), *_span(row, here)]
        yield from wrong
        if not wrong:
            yield from _samples(country, row, here)


def _algorithm(row: Mapping[str, JSON], here: tuple[str | int, ...]) -> Iterator[Broken]:
    name = row.get("algorithm")
    if name is not None:
        try:
            find(name)
        except LookupError:
            yield "algorithm", (*here, "algorithm"), {"name": name}
    if row["checksum"] == "none" and row["samples"]["badChecksum"]:
        yield "samples-unneeded", (*here, "samples", "badChecksum"), {}
    if row["checksum"] != "none" and (name is None or not row["samples"]["badChecksum"]):
        yield "samples-needed", here, {"name": row["checksum"]}


def _samples(country: Profile, row: Mapping[str, JSON], here: tuple[str | int, ...]) -> Iterator[Broken]:
    expected = {"valid": {"passed", "not_applicable"}, "badFormat": {"format"}, "badChecksum": {"failed", "checksum"}}
    for kind, right in expected.items():
        for n, value in enumerate(row["samples"][kind]):
            if _judged(country, row, value) not in right:
                yield "sample", (*here, "samples", kind, n), {"name": kind, "limit": _judged(country, row, value)}


def _judged(country: Profile, row: Mapping[str, JSON], value: str) -> str:
    """Return what the kernel says of a number: passed, failed, not_applicable, or why it is refused."""
    read = country.number if row["kind"] == "thing" else country.identifier
    try:
        return read(row["scheme"], value).checksum
    except IdentifierError as error:
        return error.reason


def personas(country: Profile, document: Mapping[str, JSON], stem: str) -> Iterator[Broken]:
    """The invented people have identifiers of this country that nobody would refuse."""
    del stem
    for name, told in document["personas"].items():
        for n, one in enumerate(told["identifiers"]):
            here = ("personas", name, "identifiers", n)
            row = country.schemes.get(one["scheme"])
            if row is None:
                yield "persona-scheme", (*here, "scheme"), {"name": one["scheme"], "known": ", ".join(country.schemes)}
            elif unfit(row["pattern"]) is None and not _usable(country, row, one["value"]):
                yield "persona", (*here, "value"), {"name": one["scheme"]}


def _usable(country: Profile, row: Mapping[str, JSON], value: str) -> bool:
    try:
        return _judged(country, row, value) in {"passed", "not_applicable"}
    except KitError:  # an unknown algorithm is told where it stands
        return True


def telephones(country: Profile, document: Mapping[str, JSON], stem: str) -> Iterator[Broken]:
    """Patterns of telephone numbers and plates can be used, and the example is such a number."""
    del country, stem
    told = bare(document, "telephone")
    if told is not None:
        wrong = list(_pattern(told["pattern"], ("telephone", "value", "pattern")))
        yield from wrong
        fits = wrong or re.fullmatch(told["pattern"], told["example"], re.ASCII)
        if not fits or not told["example"].startswith(told["callingCode"]):
            yield "phone-example", ("telephone", "value", "example"), {"name": told["callingCode"]}
        if told["mobilePattern"] is not None:
            yield from _pattern(told["mobilePattern"], ("telephone", "value", "mobilePattern"))
    plate = document.get("flags", {}).get("plateRegex")
    if plate is not None and plate["value"] is not None:
        yield from _pattern(plate["value"], ("flags", "plateRegex", "value"))


def accounts(country: Profile, document: Mapping[str, JSON], stem: str) -> Iterator[Broken]:
    """The sample account is one of this country and of the length that is told."""
    del stem
    told = bare(document, "iban")
    if told is not None and told["used"]:
        try:
            country.iban(told["sample"])
        except IdentifierError:
            yield "iban", ("iban", "value", "sample"), {"limit": told["length"]}


def dated(country: Profile, document: Mapping[str, JSON], stem: str) -> Iterator[Broken]:
    """Periods begin before they end, and no two rates of one code hold on the same day."""
    del country, stem
    for kind, facts in document.get("taxes", {}).items():
        rows = (facts.get("rates") or {}).get("value") or []
        here = ("taxes", kind, "rates", "value")
        for n, row in enumerate(rows):
            yield from _span(row, (*here, n))
        yield from _overlapping(rows, here)
    for name, fact in document.get("instruments", {}).items():
        if fact["value"] is not None:
            yield from _span(fact["value"], ("instruments", name, "value"))


def _overlapping(rows: Sequence[Mapping[str, JSON]], here: tuple[str | int, ...]) -> Iterator[Broken]:
    spans = sorted((row["code"], row["validFrom"] or _FIRST, row["validTo"] or _LAST, n) for n, row in enumerate(rows))
    for (code, _, end, _), (other, begin, _, n) in pairwise(spans):
        if code == other and begin <= end:
            yield "overlap", (*here, n), {"name": code}


def offices(country: Profile, document: Mapping[str, JSON], stem: str) -> Iterator[Broken]:
    """Authorities, fees and settings belong to services that exist."""
    del country, stem
    known = defaults()["authorities"]
    for part in ("authorities", "fees", "services"):
        for slug in document.get(part, {}):
            if slug not in known:
                yield "service", (part, slug), {"name": slug, "known": ", ".join(known)}


def _doubled(values: Sequence[str], here: tuple[str | int, ...]) -> Iterator[Broken]:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            yield "twice", here, {"name": value}
        seen.add(value)


def _span(row: Mapping[str, JSON], here: tuple[str | int, ...]) -> Iterator[Broken]:
    first, last = row.get("validFrom"), row.get("validTo")
    if first and last and date.fromisoformat(first) > date.fromisoformat(last):
        yield "span", (*here, "validTo"), {"name": first}


def _pattern(pattern: str, here: tuple[str | int, ...]) -> Iterator[Broken]:
    reason = unfit(pattern)
    if reason is not None:
        yield f"pattern-{reason}", here, {}


def _walk(node: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], JSON]]:  # noqa: ANN401 - any JSON
    yield place, node
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield from _walk(value, (*place, key))


# A law, and the parts of the document that it reads: it is silent where one of them is broken.
LAWS: Final[tuple[tuple[Law, frozenset[str]], ...]] = (
    (rightly_named, frozenset()),
    (of_this_world, frozenset({"timeZone", "languages", "defaultLanguage", "holidays"})),
    (money, frozenset({"currencies", "fees"})),
    (places, frozenset({"subdivisions"})),
    (schemes, frozenset({"identifierSchemes"})),
    (personas, frozenset({"personas", "identifierSchemes"})),
    (telephones, frozenset({"telephone", "flags"})),
    (accounts, frozenset({"iban", "identifierSchemes"})),
    (dated, frozenset({"taxes", "instruments"})),
    (offices, frozenset({"authorities", "fees", "services"})),
)
