"""The subject file, `istmo.toml`: what a country says about its service, checked in full before anything runs."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from types import NoneType
from typing import Any, Final, TypeAlias

from istmo import spec as specs
from istmo.errors import KitError
from istmo.names import kebab
from istmo.spec import Persona
from istmo.texts import text
from istmo_conformance import _subject_check as check
from istmo_conformance.modes import Mode
from istmo_conformance.sandbox import Sandbox
from istmo_conformance.tokens import (
    ASKED,
    ClientCredentials,
    CommandTokens,
    Credential,
    SandboxTokens,
    StaticTokens,
    TokenSource,
)
from istmo_conformance.waivers import Waiver

JSON: TypeAlias = Any
NAME: Final = "istmo.toml"
LARGEST: Final = 256 * 1024
SEVERAL: Final = ("identifiers", "given_names", "family_names")
PERSONAL: Final = ("subject", *SEVERAL, "birth_date")
WITHHELD: Final = "istmo-withheld"


@dataclass(frozen=True)
class TokenSettings:
    """The table `[tokens]`."""

    kind: str = "sandbox"
    url: str = ""
    client_id: str = ""
    client_secret_env: str = ""
    audience: str = ""
    command: tuple[str, ...] = ()
    timeout_seconds: float = 10.0


@dataclass(frozen=True)
class PersonaSettings:
    """A table `[personas.ALIAS]`."""

    token_env: str = ""
    client_id: str = ""
    client_secret_env: str = ""
    scope: str = ""
    subject: str = ""
    identifiers: tuple[str, ...] = ()
    given_names: tuple[str, ...] = ()
    family_names: tuple[str, ...] = ()
    birth_date: str = ""

    @property
    def named(self) -> list[str]:
        """The members that say who a persona is where she is known."""
        return [name for name in PERSONAL if getattr(self, name)]

    @staticmethod
    def withheld(names: Iterable[str]) -> PersonaSettings:
        """A persona of whom such members are known to be there, and nothing else: no answer holds what stands in."""
        told: JSON = {name: (WITHHELD,) if name in SEVERAL else WITHHELD for name in PERSONAL if name in set(names)}
        return PersonaSettings(**told)


@dataclass(frozen=True)
class SubjectFile:
    """A subject file that is in order; of what it does not say, the default holds."""

    service: str
    url: str = ""
    app: str = ""
    name: str = ""
    version: str = ""
    country: str = ""
    environment: str = ""
    stage: int | None = None
    beyond: bool = False
    profile: str = ""
    mode: Mode | None = None
    tokens: TokenSettings = field(default_factory=TokenSettings)
    personas: Mapping[str, PersonaSettings] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    path: Path | None = None
    digest: str = ""
    values: Mapping[str, JSON] = field(default_factory=dict)  # of the country, over those of the kit's profile

    @property
    def personal(self) -> list[str]:
        """What names one of its personas, and stays out of evidence."""
        return sorted({one for own in self.personas.values() for one in (*own.identifiers, own.subject) if one})

    @property
    def told(self) -> JSON:
        """What evidence says of it: no identifier, no variable, no command."""
        named = {alias: own.named for alias, own in sorted(self.personas.items()) if own.named}
        return {
            "file": self.path.name if self.path is not None else None, "digest": self.digest or None,
            "name": self.name, "version": self.version, "tokens": self.tokens.kind,
            **({"mints": True} if any(ASKED in word for word in self.tokens.command) else {}),
            "personas": sorted(self.personas),
            # By which names a persona is known there is kept back, and a replay has to know that much.
            **({"named": named} if named else {}),
            **({"values": dict(self.values)} if self.values else {}),
        }  # fmt: skip


def found(path: str | None) -> SubjectFile | None:
    """The subject file that a user names, or the one that lies here, or none."""
    if path is not None:
        return load(Path(path))
    return load(Path(NAME)) if Path(NAME).is_file() else None


def load(path: Path) -> SubjectFile:
    """Read a subject file, or refuse it with the place where it is not in order."""
    raw = _read(path)
    try:
        content = raw.decode("utf-8")
        document = tomllib.loads(content)
    except UnicodeDecodeError as error:
        raise KitError("subject-unreadable", text("subject.encoding", path=path, at=error.start),
                       text("subject.encoding-hint")) from None  # fmt: skip
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise KitError("subject-syntax", text("subject.syntax", path=path, why=str(error)),
                       text("subject.syntax-hint")) from None  # fmt: skip
    plain = _plain(document)
    check.hold(plain, check.Places(path, content))
    typed = _typed(plain)
    values = _values(path.parent / typed.profile) if typed.profile else {}
    return replace(typed, path=path, digest=hashlib.sha256(raw).hexdigest(), values=values)


def _values(path: Path) -> Mapping[str, JSON]:
    """The values of a country in a file of the form of a profile; each has its source."""
    if not path.is_file():
        raise KitError("subject-unreadable", text("subject.unreadable", path=path, reason=text("subject.no-file")),
                       text("subject.profile-hint")) from None  # fmt: skip
    found = specs.load_yaml(path)
    if not isinstance(found, dict | NoneType):
        raise KitError("subject-profile", text("subject.profile", path=path), text("subject.profile-hint"))
    return found or {}


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise KitError("subject-unreadable", text("subject.too-large", path=path), text("subject.init-hint"))
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise KitError("subject-unreadable", text("subject.unreadable", path=path, reason=reason),
                       text("subject.init-hint")) from None  # fmt: skip


def _plain(value: JSON) -> JSON:
    """The same document with days as texts, as JSON has them."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def _typed(document: JSON) -> SubjectFile:
    subject = dict(document["subject"])
    mode = subject.pop("mode", None)
    tokens = dict(document.get("tokens", {}))
    tokens["command"] = tuple(tokens.get("command", ()))
    return SubjectFile(
        **subject | {"service": subject["service"].replace("-", "_")},
        mode=Mode(mode) if mode is not None else None,
        tokens=TokenSettings(**tokens),
        personas={alias: _persona(table) for alias, table in document.get("personas", {}).items()},
        waivers=tuple(Waiver.of(told) for told in document.get("waivers", ())),
    )  # fmt: skip


def _persona(table: JSON) -> PersonaSettings:
    own: JSON = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    return PersonaSettings(**own)


# What follows from it


def cast_of(personas: Mapping[str, PersonaSettings]) -> dict[str, Persona]:
    """The cast of the standard, each persona as the target knows her."""
    known = dict(specs.personas())
    for alias, own in personas.items():
        persona = known[alias]
        name = dict(persona.name or {})
        name |= {"givenNames": list(own.given_names)} if own.given_names else {}
        name |= {"familyNames": list(own.family_names)} if own.family_names else {}
        known[alias] = replace(
            persona, subject=own.subject or persona.subject, birth_date=own.birth_date or persona.birth_date,
            name=name or None, document={**persona.document, "identifiers": list(own.identifiers)},
        )  # fmt: skip
    return known


def token_source(
    settings: SubjectFile | None, slug: str, personas: Mapping[str, Persona], sandbox: Sandbox, *, there: bool = True
) -> TokenSource:
    """The source of tokens that a subject file describes; without one, the sandbox of the target."""
    outside = outside_source(settings, slug, personas) if settings is not None else None
    return outside or SandboxTokens(sandbox, personas, there)


def outside_source(
    settings: SubjectFile, slug: str, personas: Mapping[str, Persona], environ: Mapping[str, str] | None = None
) -> TokenSource | None:
    """The source of tokens outside the target, or none where its sandbox issues them."""
    tokens, environ = settings.tokens, os.environ if environ is None else environ
    scopes = {
        alias: own.scope or " ".join(f"{kebab(slug)}:{verb}" for verb in personas[alias].scopes)
        for alias, own in settings.personas.items()
    }
    if tokens.kind == "static":
        variables = {alias: own.token_env for alias, own in settings.personas.items() if own.token_env}
        return StaticTokens(variables, environ)
    if tokens.kind == "command":
        return CommandTokens(tokens.command, scopes, tokens.timeout_seconds, environ)
    if tokens.kind == "sandbox":
        return None
    credentials = {
        alias: Credential(own.client_id or tokens.client_id, own.client_secret_env or tokens.client_secret_env,
                          scopes[alias])
        for alias, own in settings.personas.items()
    }  # fmt: skip
    return ClientCredentials(tokens.url, credentials, tokens.audience, environ)
