"""The template `profile`: the values of a country that joins, or what one of its municipalities says otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

from istmo.names import is_slug
from istmo.paths import data
from istmo.scaffold.answers import Answers, Chosen, Form, Template, among, country, refused
from istmo.spec import JSON, ServiceEntry, catalogue, countries, load_yaml, profile
from istmo.texts import text

__all__ = ["TEMPLATE", "Facts", "Territory"]

LANGUAGES: Final = ("es", "en")
COUNTRY, REFINED = "country.yaml", "profile.yaml"  # files of the template: one of them is meant
_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "municipality": (r"[A-Za-z0-9]{1,12}", "0801"),
    "alpha3": (r"[A-Z]{3}", "CUB"),
    "numeric": (r"[0-9]{3}", "192"),
    "currency": (r"[A-Z]{3}", "CUP"),
    "currency_numeric": (r"[0-9]{3}", "192"),
}


@dataclass(frozen=True)
class Territory(Answers):
    """What a profile is made from."""

    country: str
    municipality: str  # its code; empty: the profile is the country's own
    name_en: str
    name_es: str
    alpha3: str
    numeric: str
    language: str
    time_zone: str
    currency: str
    currency_numeric: str
    subdivision: str  # where the municipality lies; for a country the first one that is known
    service: str  # for which a municipality says something

    @property
    def folder(self) -> str:
        """The folder in which the file lies."""
        return "-".join(word.lower() for word in (self.country, self.municipality, "profile") if word)


def default(name: str, chosen: Chosen) -> JSON:
    """Return what an answer is when nobody gives it; a municipality has what its country has, and lies somewhere."""
    home = profile(chosen["country"]) if chosen.get("country") in countries() else None
    if name == "municipality":
        return "" if home is None else None
    if name == "service":
        return catalogue()[0].slug
    if name == "subdivision":
        return f"{chosen['country']}-01" if home is None else None
    if name == "language":
        return LANGUAGES[0] if home is None else home.language
    if home is None:
        return None
    money = home.value("currencies")[0]
    return {
        "name_es": chosen.get("name_en"),
        "alpha3": home.value("alpha3"),
        "numeric": home.value("numeric"),
        "time_zone": home.time_zone,
        "currency": money["code"],
        "currency_numeric": money["numeric"],
    }.get(name)


def _country(value: str, _: Chosen) -> str:
    if re.fullmatch(r"[A-Z]{2}", value.upper()) is None:
        raise refused("unusable", "country", text("scaffold.shape-hint", example="CU"))
    return value.upper()


def _shaped(name: str) -> Form:
    pattern, example = _SHAPES[name]

    def form(value: str, chosen: Chosen) -> str:
        if name == "municipality":
            country(chosen["country"], chosen)
        if re.fullmatch(pattern, value) is None:
            raise refused("unusable", name, text("scaffold.shape-hint", example=example))
        return value

    return form


def _subdivision(value: str, chosen: Chosen) -> str:
    known = [row["code"] for row in profile(chosen["country"]).value("subdivisions")] if chosen["municipality"] else []
    if re.fullmatch(rf"{chosen['country']}-[A-Z0-9]{{1,3}}", value) is None or (known and value not in known):
        hint = text("scaffold.known", names=", ".join(known)) if known else text("scaffold.shape-hint", example="CU-03")
        raise refused("unusable", "subdivision", hint)
    return value


def _time_zone(value: str, _: Chosen) -> str:
    if value not in available_timezones() or "/" not in value:
        raise refused("unusable", "time_zone", text("scaffold.shape-hint", example="America/Havana"))
    return value


def _service(value: str, _: Chosen) -> str:
    found, known = value.lower().replace("-", "_"), [entry.slug for entry in catalogue()]
    if not is_slug(found) or found not in known:
        raise refused("unusable", "service", text("scaffold.known", names=", ".join(known)))
    return found


@dataclass(frozen=True)
class Facts:
    """The answers, and what the kit knows about them."""

    answers: Territory

    @property
    def today(self) -> str:
        """The day of the answers."""
        return datetime.now(UTC).date().isoformat()

    @property
    def cc(self) -> str:
        """The code of the country as names of schemes write it."""
        return self.answers.country.lower()

    @property
    def languages(self) -> list[str]:
        """Both languages of the standard, that of the country first."""
        return [self.answers.language, *(one for one in LANGUAGES if one != self.answers.language)]

    @cached_property
    def calendar(self) -> str:
        """The country in the library of holidays; none where it has no such country."""
        import holidays  # noqa: PLC0415 - loads slowly, and only a new country asks

        return self.answers.country if self.answers.country in holidays.list_supported_countries() else "null"

    @cached_property
    def entry(self) -> ServiceEntry:
        """The line of the catalogue of the service for which a municipality speaks."""
        return next(one for one in catalogue() if one.slug == self.answers.service)

    @cached_property
    def subdivision(self) -> str:
        """The name of the subdivision in which a municipality lies."""
        if not self.answers.municipality:
            return self.answers.subdivision
        rows = profile(self.answers.country).value("subdivisions")
        name = next(row["name"] for row in rows if row["code"] == self.answers.subdivision)
        return str(name.get(self.answers.language) or name["en"]) if isinstance(name, dict) else str(name)

    @cached_property
    def _unsaid(self) -> Mapping[str, JSON]:
        found: Mapping[str, JSON] = load_yaml(data("specs") / "profiles" / "_defaults.yaml", trusted=True)
        return found

    @cached_property
    def authorities(self) -> list[str]:
        """The services of which each has a competent authority."""
        return list(self._unsaid["authorities"])

    @cached_property
    def flags(self) -> list[str]:
        """The national decisions that services ask for; `legalBasis` is a group of its own."""
        return [name for name in self._unsaid["flags"] if name != "legalBasis"]

    @cached_property
    def instruments(self) -> list[str]:
        """The regional instruments of which a country may be a party, as the fictitious country lists them."""
        return list(profile("XX").document.get("instruments", {}))

    @cached_property
    def days(self) -> list[str]:
        """The numbers of days that each service has."""
        return list(self._unsaid["everyService"])


def fill(answers: Territory, made: Path) -> None:
    """Keep the file that is meant, and the page in the language of the country as the first one."""
    (made / (COUNTRY if answers.municipality else REFINED)).unlink()
    if not answers.municipality:
        (made / COUNTRY).rename(made / f"{answers.country}.yaml")
    (made / f"README.{answers.language}.md").rename(made / "README.md")


TEMPLATE: Final = Template(
    "profile", Territory, default=default, needed=frozenset({"country", "name_en", "name_es"}), facts=Facts, fill=fill,
    forms={
        "country": _country, "subdivision": _subdivision, "language": among("language", LANGUAGES),
        "time_zone": _time_zone, "service": _service, **{name: _shaped(name) for name in _SHAPES},
    },
    optional=frozenset({"municipality"}),
)  # fmt: skip
