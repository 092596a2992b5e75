"""The configuration of a service process, from `ISTMO_*` variables; unsafe combinations refuse to start."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from istmo.errors import KitError

MIB = 1024 * 1024


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
    idempotency_hours: int = Field(default=72, ge=24)


class Settings(BaseSettings):
    """What an operator chooses; everything else comes from the specification and the profile."""

    model_config = SettingsConfigDict(env_prefix="ISTMO_", extra="ignore", frozen=True)

    environment: Literal["sandbox", "production"] = "sandbox"
    country: str = Field(default="XX", pattern=r"^[A-Z]{2}$")
    database: str = "sqlite:///istmo.db"
    base_url: str = "http://127.0.0.1:8000"
    issuer: str = "https://issuer.sandbox.invalid"
    audience: str = ""
    jwks: str = ""  # an https address or a file; empty in the sandbox: the development issuer
    algorithms: tuple[str, ...] = ("Ed25519", "ES256", "RS256")
    signing_key: Path | None = None  # a private Ed25519 JWK; without it the sandbox keeps one in its database
    operator: str = "Istmo sandbox"
    contact: str = "operator@example.invalid"
    hosts: Annotated[tuple[str, ...], NoDecode] = ()  # empty: any Host header
    languages: Annotated[tuple[str, ...], NoDecode] = ("es", "en")
    sandbox_clock: datetime | None = None
    validate_answers: bool = False
    private_callbacks: bool | None = None  # may events go to private addresses; None: only in the sandbox
    workers: int = Field(default=1, ge=1)
    log: bool = True
    limits: Limits = Field(default_factory=Limits)

    @field_validator("hosts", "languages", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        """Read `a,b` as two words, as people write lists into variables."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

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

    def check(self) -> Settings:
        """Return the settings, or refuse an unsafe combination with a hint."""
        for unsafe, message, hint in self._refusals():
            if unsafe:
                raise KitError("unsafe-settings", message, hint)
        return self

    def _refusals(self) -> list[tuple[bool, str, str]]:
        production = not self.sandbox
        memory = ":memory:" in self.database
        return [
            (production and memory, "production would forget everything at a restart", "set ISTMO_DATABASE"),
            (production and not self.jwks, "production has no keys to check tokens with", "set ISTMO_JWKS"),
            (
                production and self.issuer.endswith(".invalid"),
                "production would trust the development issuer",
                "set ISTMO_ISSUER to the national identity provider",
            ),
            (
                production and self.jwks.startswith("http:"),
                "production would fetch keys in clear text",
                "set ISTMO_JWKS to an https address or a file",
            ),
            (production and not self.audience, "production accepts tokens for anybody", "set ISTMO_AUDIENCE"),
            (
                production and not self.base_url.startswith("https://"),
                "production is served without TLS",
                "set ISTMO_BASE_URL to the https address that the proxy serves",
            ),
            (
                production and self.signing_key is None,
                "production would keep its signing key in the database",
                "set ISTMO_SIGNING_KEY to a file with a private Ed25519 JWK",
            ),
            (
                production and self.sandbox_clock is not None,
                "production cannot move its clock",
                "unset ISTMO_SANDBOX_CLOCK",
            ),
            (
                production and self.allows_private_callbacks,
                "production would send events to private addresses",
                "unset ISTMO_PRIVATE_CALLBACKS",
            ),
            (
                self.workers > 1 and (self.sandbox or memory),
                "the sandbox keeps its clock and its limits in one process",
                "use one worker, or the production environment",
            ),
            (
                any(word.upper().startswith(("HS", "NONE")) for word in self.algorithms),
                "a shared-secret or empty signature algorithm is never safe here",
                "leave ISTMO_ALGORITHMS to Ed25519, ES256 or RS256",
            ),
        ]


def load(**chosen: object) -> Settings:
    """Read the settings from the environment, with the given ones in front, and check them."""
    try:
        return Settings(**chosen).check()  # type: ignore[arg-type] # pydantic checks each value
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "ISTMO_" + "_".join(str(part) for part in first["loc"]).upper()
        raise KitError("settings", f"{name}: {first['msg']}", f"correct or unset {name}") from None
