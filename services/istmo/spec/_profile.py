"""A country as its profile tells it; one function answers each question about it, and no service holds such a fact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from istmo.paths import data
from istmo.spec._calendar import Calendar
from istmo.spec._identifiers import IdentifierError, Normalised, normalise
from istmo.spec._inherit import completed, is_fact
from istmo.spec._json import JSON
from istmo.spec._refusal import refusal
from istmo.spec._yaml import load_yaml

__all__ = ["IdentifierError", "Normalised", "Profile", "countries", "members", "over", "profile"]

_ABSENT: Final = object()
_LAST: Final = time(23, 59, 59)
_ENDLESS: Final = ("0001-01-01", "9999-12-31")
_THING: Final = "thing"  # the kind of a scheme that numbers no person and no business
_BESIDES: Final = re.compile(r"[\s().-]+")  # what people write between the digits of a telephone number


@dataclass(frozen=True, eq=False)
class Profile:
    """One country; `document` keeps the sources, the methods give the bare values."""

    country: str
    document: Mapping[str, JSON]

    def value(self, name: str, default: JSON = _ABSENT) -> JSON:
        """Return the value at a dotted name, without its source; the default when the profile does not have it."""
        node: JSON = self.document
        for word in name.split("."):
            if is_fact(node):
                node = node["value"]
            if not isinstance(node, dict) or word not in node:
                if default is _ABSENT:
                    raise refusal("profile-value", country=self.country, name=name)
                return default
            node = node[word]
        return _bare(node)

    # ------------------------------------------------------------------ names, languages, money

    @property
    def name(self) -> Mapping[str, str]:
        """The names of the country by language."""
        found: Mapping[str, str] = self.value("name", {})
        return found

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the country's services."""
        return tuple(self.value("languages"))

    @property
    def language(self) -> str:
        """The language of an answer when the caller asks for none."""
        return str(self.value("defaultLanguage"))

    @property
    def currencies(self) -> tuple[str, ...]:
        """The codes of the currencies in which amounts may stand; the first is the usual one."""
        return tuple(row["code"] if isinstance(row, dict) else row for row in self.value("currencies"))

    def minor_digits(self, currency: str) -> int:
        """Return how many decimals an amount of a currency of the country has."""
        for row in self.value("currencies"):
            if row["code"] == currency:
                return int(row["minorDigits"])
        raise refusal("profile-value", country=self.country, name=f"currencies.{currency}")

    # ------------------------------------------------------------------ time

    @property
    def time_zone(self) -> str:
        """The name of the zone in which days begin and end."""
        return str(self.value("timeZone"))

    def end_of_day(self, day: date) -> datetime:
        """Return the last second of a day where the country is: until then something due on that day is in time."""
        return datetime.combine(day, _LAST, ZoneInfo(self.time_zone))

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work on a day."""
        return self._calendar.is_working_day(day)

    def add_working_days(self, start: date, count: int) -> date:
        """Return the day that lies a number of working days after a day, which itself does not count."""
        return self._calendar.add_working_days(start, count)

    @cached_property
    def _calendar(self) -> Calendar:
        return Calendar(self.value("holidays", {}) or {})

    # ------------------------------------------------------------------ services

    def authority(self, slug: str) -> Mapping[str, JSON]:
        """Return the competent authority of a service, or refuse where none is known."""
        found: Mapping[str, JSON] | None = self.value(f"authorities.{slug}", None)
        if found is None:
            raise refusal("profile-value", country=self.country, name=f"authorities.{slug}")
        return found

    def fees(self, slug: str) -> list[Mapping[str, JSON]]:
        """Return the fees of a service; an empty list means that it is free."""
        return list(self.value(f"fees.{slug}", []) or [])

    def service(self, slug: str) -> dict[str, JSON]:
        """Return every value of a service, without sources."""
        found: dict[str, JSON] = self.value(f"services.{slug}", {})
        return found

    def setting(self, slug: str, name: str) -> JSON:
        """Return one value of a service, or what holds for services that say nothing of it."""
        found = self.value(f"services.{slug}.{name}", None)
        return self.value(f"everyService.{name}") if found is None else found

    # ------------------------------------------------------------------ places

    @cached_property
    def subdivisions(self) -> Mapping[str, Mapping[str, JSON]]:
        """The subdivisions that stand in addresses, by code; those that only group others are left out."""
        rows = self.value("subdivisions", []) or []
        groups = {row.get("parent") for row in rows}
        return {row["code"]: row for row in rows if row["code"] not in groups}

    def subdivision(self, code: str) -> Mapping[str, JSON] | None:
        """Return the subdivision of a code, also of a former one such as `GT-QZ`."""
        wanted = code.strip().upper()
        found = self.subdivisions.get(wanted)
        if found is not None:
            return found
        return next((row for row in self.subdivisions.values() if wanted in row.get("formerCodes", ())), None)

    # ------------------------------------------------------------------ numbers

    @cached_property
    def schemes(self) -> Mapping[str, Mapping[str, JSON]]:
        """The identifier schemes of persons and businesses by name."""
        return {row["scheme"]: row for row in self.value("identifierSchemes") if row.get("kind") != _THING}

    def schemes_on(self, day: date) -> tuple[str, ...]:
        """Return the schemes that hold on a day; a date that is not known limits nothing."""
        return tuple(name for name, row in self.schemes.items() if _holds(row, day))

    def identifier(self, scheme: str, value: str) -> Normalised:
        """Return an identifier of a person or business in its one form, or raise `IdentifierError`."""
        described = self.schemes.get(scheme)
        if described is None and self._common.get(scheme, {}).get("kind") != _THING:
            described = self._common.get(scheme)
        return normalise(self.country, described, scheme, value)

    def number(self, scheme: str, value: str) -> Normalised:
        """Return the number of a thing, such as a book, a telephone or an account, in its one form."""
        own = {row["scheme"]: row for row in self.value("identifierSchemes")}
        described = own.get(scheme) or self._common.get(scheme)
        return normalise(self.country, described if (described or {}).get("kind") == _THING else None, scheme, value)

    @cached_property
    def _common(self) -> Mapping[str, Mapping[str, JSON]]:
        return {row["scheme"]: row for row in self.value("commonSchemes", []) or []}

    def iban(self, value: str) -> str:
        """Return an account number of this country in its one form, or raise `IdentifierError`."""
        told = self.value("iban", None) or {}
        found = self.number("iban", value).value
        if not told.get("used") or not found.startswith(self.country) or len(found) != told["length"]:
            raise IdentifierError("format", "iban")
        return found

    def phone(self, value: str) -> str | None:
        """Return a telephone number of this country as E.164 writes it; none when it is no such number."""
        found = _BESIDES.sub("", value)
        pattern = self.value("telephone", {}).get("pattern")
        return found if pattern and re.fullmatch(pattern, found, re.ASCII) else None

    def persona_identifiers(self, persona: str) -> list[Mapping[str, JSON]]:
        """Return the invented identifiers of a member of the sandbox cast."""
        return list(self.value(f"personas.{persona}.identifiers", []))

    # ------------------------------------------------------------------ law

    def tax_rate(self, tax: str, on: date, rate: str = "standard") -> Decimal | None:
        """Return the percentage of a tax on a day; none when the profile knows of none."""
        rows = [row for row in self.value(f"taxes.{tax}.rates", []) or [] if row["code"] == rate and _holds(row, on)]
        latest = max(rows, key=lambda row: row.get("validFrom") or "", default=None)
        return None if latest is None else Decimal(latest["percent"])

    def party_to(self, instrument: str, on: date) -> bool | None:
        """Tell whether the country takes part in a regional instrument on a day; none when that is unknown."""
        told = self.value(f"instruments.{instrument}", None)
        return None if told is None else bool(told["party"]) and _holds(told, on)


def countries() -> tuple[str, ...]:
    """Return the codes of all countries that have a profile."""
    return tuple(sorted(path.stem for path in (data("specs") / "profiles").glob("[A-Z][A-Z].yaml")))


def members(instrument: str, on: date) -> tuple[str, ...]:
    """Return the countries that are known to take part in an instrument on a day; what is fictitious takes no part."""
    real = [code for code in countries() if profile(code).document["country"]["confidence"] != "fictitious"]
    return tuple(code for code in real if profile(code).party_to(instrument, on))


@lru_cache
def profile(code: str) -> Profile:
    """Return the profile of a country, with what it takes over."""
    if code not in countries():
        raise refusal("profile-unknown", name=code, known=", ".join(countries()))
    return Profile(code, completed(load_yaml(data("specs") / "profiles" / f"{code}.yaml", trusted=True)))


def over(base: Profile, document: Mapping[str, JSON], name: str = "profile.yaml") -> Profile:
    """Return a profile in which the values of a document win; each is taken over whole, with its source."""
    sourced = {"value", "source", "confidence"}

    def laid(under: JSON, above: JSON, place: str) -> JSON:
        if isinstance(under, dict) and under.keys() >= sourced:
            if not isinstance(above, dict) or not above.keys() >= sourced:
                raise refusal("profile-source", file=name, name=place.strip("."))
            return above
        if not isinstance(under, dict) or not isinstance(above, dict) or above.keys() >= sourced:
            return above
        told = {key: laid(under[key], item, f"{place}.{key}") if key in under else item for key, item in above.items()}
        return {**under, **told}

    return Profile(base.country, laid(base.document, document, ""))


def _bare(node: JSON) -> JSON:
    """Return a value without its source, also in everything below it."""
    if is_fact(node):
        return _bare(node["value"])
    if isinstance(node, dict):
        return {key: _bare(item) for key, item in node.items()}
    return [_bare(item) for item in node] if isinstance(node, list) else node


def _holds(row: Mapping[str, JSON], day: date) -> bool:
    """Tell whether a row holds on a day; ISO dates compare as text."""
    first, last = row.get("validFrom") or _ENDLESS[0], row.get("validTo") or _ENDLESS[1]
    return bool(first <= day.isoformat() <= last)
