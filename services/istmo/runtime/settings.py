"""The configuration of a service process, from `ISTMO_*` variables; unsafe combinations refuse to start."""

from __future__ import annotations

import os
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from istmo.errors import KitError
from istmo.texts import text

from . import safety

MIB = 1024 * 1024
SECRETS = "ISTMO_SECRETS"  # a folder with one file a variable, named like it: istmo_database


class Limits(BaseSettings):
    """Bounds that keep one caller from starving the others (`ISTMO_LIMIT_*`)."""

    model_config = SettingsConfigDict(env_prefix="ISTMO_LIMIT_", extra="ignore", frozen=True)

    header_bytes: int = Field(default=16 * 1024, ge=1024)
    header_count: int = Field(default=64, ge=8)
    target_bytes: int = Field(default=4096, ge=256)
    json_bytes: int = Field(default=MIB, ge=1024)
    document_bytes: int = Field(default=10 * MIB, ge=1024)
    depth: int = Field(default=32, ge=4)
    members: int = Field(default=20_000, ge=100)
    header_seconds: float = Field(default=10.0, gt=0)
    body_seconds: float = Field(default=10.0, gt=0)
    request_seconds: float = Field(default=30.0, gt=0)
    write_seconds: float = Field(default=30.0, gt=0)
    idle_seconds: float = Field(default=5.0, gt=0)
    connections: int = Field(default=2048, ge=1)
    in_flight: int = Field(default=512, ge=1)
    waiting: int = Field(default=2048, ge=0)
    wait_seconds: float = Field(default=2.0, gt=0)
    heavy: int = Field(default=4, ge=1)
    requests_per_minute: int = Field(default=12_000, ge=1)
    unit_seconds: float = Field(default=5.0, gt=0)
    source_seconds: float = Field(default=2.0, gt=0)
    idempotency_hours: int = Field(default=72, ge=24)


class Settings(BaseSettings):
    """What an operator chooses; everything else comes from the specification and the profile."""

    model_config = SettingsConfigDict(env_prefix="ISTMO_", extra="ignore", frozen=True)

    environment: Literal["sandbox", "production"] = "sandbox"
    country: str = Field(default="XX", pattern=r"^[A-Z]{2}$")
    database: str = Field(default="sqlite:///istmo.db", repr=False)  # an address may hold a password
    database_connections: int = Field(default=10, ge=2)  # of one process; half of them serve units
    base_url: str = "http://127.0.0.1:8000"
    issuer: str = "https://issuer.sandbox.invalid"
    audience: str = ""
    jwks: str = ""  # an https address or a file; empty in the sandbox: the development issuer
    algorithms: Annotated[tuple[str, ...], NoDecode] = ("Ed25519", "ES256", "RS256")
    peers: str = ""  # services whose events are taken: a file, or the JSON itself
    signing_key: Path | None = None  # a private Ed25519 JWK; without it the sandbox keeps one in its database
    operator: str = "Istmo sandbox"
    contact: str = "operator@example.invalid"
    hosts: Annotated[tuple[str, ...], NoDecode] = ()  # empty: any Host header
    proxies: Annotated[tuple[str, ...], NoDecode] = ()  # addresses or networks whose X-Forwarded-* count
    languages: Annotated[tuple[str, ...], NoDecode] = ("es", "en")
    sandbox_clock: datetime | None = None
    validate_answers: bool = False
    debug: bool = False  # the commands show where errors arose
    allow_sqlite: str = ""  # the word by which production may keep its records in one file
    private_callbacks: bool | None = None  # may events go to private addresses; None: only in the sandbox
    workers: int = Field(default=1, ge=1)
    fail_points: str = ""  # moments at which a test lets the process die, fail or wait
    log: bool = True  # off: warnings and errors only
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics: bool = False
    metrics_token: SecretStr | None = Field(default=None, min_length=32)  # who holds it may read the metrics
    telemetry: bool | None = None  # None: when the standard OTEL_* variables ask for it and the extra is installed
    stop_pause: float | None = Field(default=None, ge=0, le=300)  # None: 5 seconds in production, none in the sandbox
    stop_grace: int = Field(default=30, ge=0, le=3600)  # seconds in which requests under way may end
    limits: Limits = Field(default_factory=Limits)

    @field_validator("algorithms", "hosts", "languages", "proxies", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        """Read `a,b` as two words, as people write lists into variables."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what is neither an address nor a network: a name could be made to mean any machine."""
        return tuple(str(ip_network(proxy, strict=False)) for proxy in value)

    @property
    def sandbox(self) -> bool:
        """Whether this process serves the sandbox surface."""
        return self.environment == "sandbox"

    @property
    def development_issuer(self) -> bool:
        """Whether tokens of the issuer inside this process are accepted."""
        return self.sandbox and not self.jwks

    @property
    def allows_private_callbacks(self) -> bool:
        """Whether events may go to private addresses."""
        return self.sandbox if self.private_callbacks is None else self.private_callbacks

    @property
    def pause(self) -> float:
        """Seconds between being told to stop and refusing new connections, in which others notice."""
        return self.stop_pause if self.stop_pause is not None else 0.0 if self.sandbox else 5.0

    def check(self) -> Settings:
        """Return the settings, or refuse an unsafe combination with a hint."""
        _refuse(safety.refusals(self))
        return self


def examine(**chosen: object) -> tuple[Settings | None, list[KitError]]:
    """Return the settings, when they can be read at all, and everything that is wrong with them."""
    folder = os.environ.get(SECRETS)
    if folder and not Path(folder).is_dir():
        return None, [KitError("settings", text("settings.no-folder", name=SECRETS), text("settings.no-folder-hint"))]
    try:
        found = Settings(_secrets_dir=folder or None, **chosen)  # type: ignore[arg-type,call-arg] # pydantic checks
    except ValidationError as error:
        prefix = str((Limits if error.title == Limits.__name__ else Settings).model_config["env_prefix"])
        return None, [_unusable(prefix, one["loc"], one["msg"]) for one in error.errors(include_input=False)]
    except SettingsError as error:
        return None, [KitError("settings", str(error), text("settings.unreadable-hint"))]
    return found, safety.refusals(found)


def load(**chosen: object) -> Settings:
    """Read the settings from the environment, with the given ones in front, and check them."""
    found, wrong = examine(**chosen)
    _refuse(wrong)
    assert found is not None, "what cannot be read is wrong"
    return found


def _refuse(wrong: list[KitError]) -> None:
    """Raise the first of what is wrong, and say how many more there are."""
    if not wrong:
        return
    first, *others = wrong
    more = f"; {text('settings.more', count=len(others))}" if others else ""
    raise KitError(first.code, first.message, first.hint + more)


def _unusable(prefix: str, place: tuple[int | str, ...], message: str) -> KitError:
    """Return the error for a variable whose value cannot be used; the value is not repeated."""
    name = prefix + str(place[0]).upper() if place else prefix
    return KitError("settings", f"{name}: {message}", text("settings.unusable-hint", name=name))
