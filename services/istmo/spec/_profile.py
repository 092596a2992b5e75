"""A country as its profile tells it: values with their source, fees, working days, identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from istmo.paths import data
from istmo.spec._identifiers import IdentifierError, Normalised, normalise
from istmo.spec._json import JSON
from istmo.spec._refusal import refusal
from istmo.spec._yaml import load_yaml

__all__ = ["IdentifierError", "Normalised", "Profile", "countries", "over", "profile"]

_SOURCED: Final = frozenset({"value", "source", "confidence"})
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ABSENT: Final = object()


@dataclass(frozen=True, eq=False)
class Profile:
    """One country; `document` keeps the sources, the methods give the bare values."""

    country: str
    document: Mapping[str, JSON]

    def value(self, name: str, default: JSON = _ABSENT) -> JSON:
        """Return the value at a dotted name, without its source; the default when the profile does not have it."""
        node: JSON = self.document
        for word in name.split("."):
            if isinstance(node, dict) and node.keys() >= _SOURCED:
                node = node["value"]
            if not isinstance(node, dict) or word not in node:
                if default is _ABSENT:
                    raise refusal("profile-value", country=self.country, name=name)
                return default
            node = node[word]
        return _bare(node)

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
    def time_zone(self) -> str:
        """The name of the zone in which days begin and end."""
        return str(self.value("timeZone"))

    @property
    def currencies(self) -> tuple[str, ...]:
        """The codes of the currencies in which amounts may stand; the first is the usual one."""
        return tuple(row["code"] if isinstance(row, dict) else row for row in self.value("currencies"))

    @property
    def schemes(self) -> Mapping[str, Mapping[str, JSON]]:
        """The identifier schemes of the country by name."""
        return {row["scheme"]: row for row in self.value("identifierSchemes")}

    def authority(self, slug: str) -> Mapping[str, JSON]:
        """Return the competent authority of a service."""
        found: Mapping[str, JSON] = self.value(f"authorities.{slug}")
        return found

    def fees(self, slug: str) -> list[Mapping[str, JSON]]:
        """Return the fees of a service; an empty list means that it is free."""
        return list(self.value(f"fees.{slug}", []) or [])

    def service(self, slug: str) -> dict[str, JSON]:
        """Return every value of a service, without sources."""
        found: dict[str, JSON] = self.value(f"services.{slug}", {})
        return found

    def persona_identifiers(self, persona: str) -> list[Mapping[str, JSON]]:
        """Return the invented identifiers of a member of the sandbox cast."""
        return list(self.value(f"personas.{persona}.identifiers", []))

    def identifier(self, scheme: str, value: str) -> Normalised:
        """Return an identifier in its one form, or raise `IdentifierError`."""
        return normalise(self.country, self.schemes.get(scheme), scheme, value)

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work on a day."""
        return _DAYS[day.weekday()] not in _weekend(self) and day not in _holidays(self, day.year)

    def add_working_days(self, start: date, count: int) -> date:
        """Return the day that lies a number of working days after a day, which itself does not count."""
        day = start
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day


def countries() -> tuple[str, ...]:
    """Return the codes of all countries that have a profile."""
    return tuple(sorted(path.stem for path in (data("specs") / "profiles").glob("[A-Z][A-Z].yaml")))


@lru_cache
def profile(code: str) -> Profile:
    """Return the profile of a country."""
    if code not in countries():
        raise refusal("profile-unknown", name=code, known=", ".join(countries()))
    return Profile(code, load_yaml(data("specs") / "profiles" / f"{code}.yaml", trusted=True))


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
    if isinstance(node, dict):
        if node.keys() >= _SOURCED:
            return _bare(node["value"])
        return {key: _bare(item) for key, item in node.items()}
    return [_bare(item) for item in node] if isinstance(node, list) else node


@lru_cache(maxsize=64)
def _weekend(country: Profile) -> frozenset[str]:
    return frozenset(country.value("holidays.weekend", ["saturday", "sunday"]))


@lru_cache(maxsize=512)
def _holidays(country: Profile, year: int) -> frozenset[date]:
    """Return the holidays of a year: listed dates, the library's, and what a decree moved."""
    told = country.value("holidays", {}) or {}
    found = {date.fromisoformat(row["date"]) for row in told.get("dates") or ()}
    if told.get("library"):
        import holidays  # noqa: PLC0415 - loads slowly and only some countries need it

        # The language is named: otherwise the locale of the process would choose it.
        found |= set(holidays.country_holidays(told["library"], years=year, language="es"))
    for row in told.get("override") or ():
        day = date.fromisoformat(row["date"])
        if row.get("removed"):
            found.discard(day)
        else:
            found.add(day)
    return frozenset(day for day in found if day.year == year)
