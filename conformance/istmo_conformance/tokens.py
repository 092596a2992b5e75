"""Where the tokens of the personas come from: a sandbox, an authorization server, the environment, a command.

A source that has no token raises `Blocked`: nobody is judged for it, and what waits for it is told once.
No secret stands in a message; every one that a source learns is in its `secrets`, for the redactor.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote, quote_plus, urlencode, urlsplit

from istmo.errors import Finding, KitError
from istmo_conformance.causes import Blocked, Cause
from istmo_conformance.client import Client, HttpClient, Request, decode
from istmo_conformance.evidence import MARK, Redactor
from istmo_conformance.sandbox import Sandbox
from istmo_conformance.words import say

JSON: TypeAlias = Any
Asked: TypeAlias = Mapping[str, JSON]
LARGEST = 65_536
ASKED = "{asked}"
_BLANK = re.compile(r"\{(?:persona|scope|asked)\}")
EARLY = 30.0  # seconds before its end at which a token is no longer begun with
_SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|KEY|CREDENTIAL")
_RANDOM = re.compile(r"\b(?=[A-Za-z0-9+/_=.-]*[0-9])(?=[A-Za-z0-9+/_=.-]*[A-Za-z])[A-Za-z0-9+/_=.-]{20,}")
_CODE = re.compile(r"[a-z_]{1,40}")


class TokenSource(Protocol):
    """Whoever gives the suite the tokens with which the personas act."""

    kind: str
    by_clock: bool  # whether a token holds for one position of the service's clock only
    secrets: set[str]

    @property
    def mints(self) -> bool:
        """Whether it gives tokens that depart from a plain one."""

    def issue(self, alias: str, asked: Asked) -> str:
        """A token of a persona; `asked` departs from a plain one (scopes, acr, audience, issuer, type, issuedAt)."""

    def lacking(self, alias: str) -> str:
        """The place in the subject file, or the variable, whose lack leaves a persona without a token; else nothing."""

    def forget(self, alias: str) -> None:
        """Keep no token of a persona, so that the next one is new where the source can give a new one."""


def no_token(alias: str, why: str) -> Blocked:
    """A Finding about a persona without a token."""
    message = say("no token for {alias}: {why}", "no hay token para {alias}: {why}", alias=alias, why=why)
    return Blocked(message, cause=Cause("token", alias, why[:160]), anywhere=True)


def lacks(alias: str, what: str) -> Blocked:
    """A Finding about something that the subject file or the environment does not give."""
    message = say("{what} is not given", "falta {what}", what=what)
    return Blocked(message, cause=Cause("subject", f"personas.{alias}", what), anywhere=True)


@dataclass
class SandboxTokens:
    """The tokens that the sandbox of the judged service issues, unfit ones among them."""

    sandbox: Sandbox
    personas: Mapping[str, Any]
    there: bool = True
    kind: str = "sandbox"
    by_clock: bool = True
    mints: bool = True
    secrets: set[str] = field(default_factory=set)

    def issue(self, alias: str, asked: Asked) -> str:
        """Ask the sandbox."""
        if not self.there:
            raise lacks(alias, self.lacking(alias))
        answer = self.sandbox.token({"persona": self.personas[alias].persona, **asked})
        token = answer.get("accessToken") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise no_token(alias, say("the sandbox issued none", "el entorno de pruebas no emitió ninguno"))
        return token

    def lacking(self, alias: str) -> str:  # noqa: ARG002 - a sandbox knows the whole cast, or nobody
        """Nothing in a sandbox; outside of one, the table that says where tokens come from."""
        return "" if self.there else "tokens (istmo.toml)"

    def forget(self, alias: str) -> None:
        """Nothing is kept here."""


def plain(alias: str, asked: Asked) -> None:
    """Refuse to give what only a sandbox can: a token that no service takes."""
    if asked:
        raise no_token(alias, say("only a sandbox issues one that departs from a plain one",
                                  "solo un entorno de pruebas emite uno distinto del normal"))  # fmt: skip


@dataclass
class StaticTokens:
    """Tokens that somebody else has put into environment variables."""

    variables: Mapping[str, str]
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    kind: str = "static"
    by_clock: bool = False
    mints: bool = False

    def __post_init__(self) -> None:
        """Learn what must not be written anywhere."""
        self.secrets = {self.environ[name] for name in self.variables.values() if self.environ.get(name)}

    def issue(self, alias: str, asked: Asked) -> str:
        """Read the variable."""
        what = self.lacking(alias)
        if what:
            raise lacks(alias, what)
        plain(alias, asked)
        return self.environ[self.variables[alias]].strip()

    def lacking(self, alias: str) -> str:
        """The key of a persona without a variable, or the variable that is not set."""
        name = self.variables.get(alias)
        if name is None:
            return f"personas.{alias}.token_env"
        return "" if self.environ.get(name, "").strip() else f"${name}"

    def forget(self, alias: str) -> None:
        """A variable holds one token and no other."""


@dataclass(frozen=True)
class Credential:
    """With what a persona asks an authorization server, and for which scope."""

    client_id: str
    secret_env: str
    scope: str


class Kept(ABC):
    """Tokens that are kept until shortly before their end; what failed once is not asked for again in a run."""

    @cached_property
    def _kept(self) -> dict[str, tuple[str, float]]:
        return {}

    @cached_property
    def _failed(self) -> dict[str, str]:
        return {}

    @abstractmethod
    def lacking(self, alias: str) -> str:
        """What is missing for a persona to have a token."""

    @property
    @abstractmethod
    def mints(self) -> bool:
        """Whether it gives tokens that depart from a plain one."""

    @abstractmethod
    def fetch(self, alias: str, asked: Asked) -> tuple[str, float]:
        """A new token, and the seconds that it lasts."""

    def forget(self, alias: str) -> None:
        """Ask for a new token next time."""
        self._kept.pop(alias, None)

    def issue(self, alias: str, asked: Asked) -> str:
        """The token that is still good, or a new one."""
        what = self.lacking(alias)
        if what:
            raise lacks(alias, what)
        if not self.mints:
            plain(alias, asked)
        if asked:
            return self._tried(alias, asked)[0]
        token, until = self._kept.get(alias, ("", 0.0))
        if time.monotonic() < until:
            return token
        token, seconds = self._tried(alias, asked)
        self._kept[alias] = token, time.monotonic() + max(seconds - EARLY, seconds / 2)
        return token

    def _tried(self, alias: str, asked: Asked) -> tuple[str, float]:
        """What is fetched; what could not be fetched once is not asked for again."""
        name = f"{alias} {asked_text(asked)}"
        if name in self._failed:
            raise no_token(alias, self._failed[name])
        try:
            return self.fetch(alias, asked)
        except (Finding, KitError) as error:  # KitError: nobody listens there
            self._failed[name] = error.message
            raise no_token(alias, error.message) from None


@dataclass
class ClientCredentials(Kept):
    """Tokens by the client credentials grant (RFC 6749, 4.4), the client authenticated by HTTP Basic."""

    url: str
    credentials: Mapping[str, Credential]
    audience: str = ""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    client: Client | None = None
    kind: str = "client-credentials"
    by_clock: bool = False

    @property
    def mints(self) -> bool:
        """A grant asks for scopes and an audience, and for nothing else."""
        return False

    def __post_init__(self) -> None:
        """Learn what must not be written anywhere, and how to reach the server."""
        self.secrets = {self.environ[one.secret_env] for one in self.credentials.values()
                        if self.environ.get(one.secret_env)}  # fmt: skip

    def lacking(self, alias: str) -> str:
        """The table of a persona that is not there, or the variable that is not set."""
        found = self.credentials.get(alias)
        if found is None:
            return f"personas.{alias}"
        return "" if self.environ.get(found.secret_env, "").strip() else f"${found.secret_env}"

    def fetch(self, alias: str, asked: Asked) -> tuple[str, float]:
        """A token from the server, and the seconds that it lasts."""
        del asked  # which it cannot be told
        credential = self.credentials[alias]
        pair = f"{quote_plus(credential.client_id)}:{quote_plus(self.environ[credential.secret_env].strip())}"
        basic = base64.b64encode(pair.encode()).decode()
        self.secrets.add(basic)
        fields = {"grant_type": "client_credentials", "scope": credential.scope, "audience": self.audience}
        body = urlencode({name: value for name, value in fields.items() if value}).encode()
        headers = (("Authorization", f"Basic {basic}"), ("Accept", "application/json"),
                   ("Content-Type", "application/x-www-form-urlencoded"))  # fmt: skip
        parts = urlsplit(self.url)
        path = quote(parts.path or "/", safe="/%-._~") + (f"?{parts.query}" if parts.query else "")
        if self.client is None:
            self.client = HttpClient(f"{parts.scheme}://{parts.netloc}")
        answer = self.client.send(Request("POST", path, headers, body))
        if answer.status != 200:  # noqa: PLR2004  # RFC 6749, 5.1
            raise Finding(say("the token endpoint answers {status} {code}",
                              "el emisor de tokens responde {status} {code}",
                              status=answer.status, code=_code(answer.body)).strip())  # fmt: skip
        return read_token(answer.body)


def _code(body: bytes) -> str:
    """The error code of RFC 6749, 5.2; nothing else of the answer is ever told."""
    try:
        document = decode(body)
    except Finding:
        return ""
    code = document.get("error") if isinstance(document, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


@dataclass
class CommandTokens(Kept):
    """Tokens that a command prints: its words are passed as they are, to no shell."""

    words: tuple[str, ...]
    scopes: Mapping[str, str]
    seconds: float = 10.0
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    kind: str = "command"
    by_clock: bool = False

    def __post_init__(self) -> None:
        """Learn from the environment what must not be written anywhere."""
        self.secrets = {value for name, value in self.environ.items() if _SECRET_NAME.search(name.upper())}

    def lacking(self, alias: str) -> str:
        """The table of a persona that is not there."""
        return "" if alias in self.scopes else f"personas.{alias}"

    def fetch(self, alias: str, asked: Asked) -> tuple[str, float]:
        """What the command prints, and the seconds that it lasts."""
        return read_token(self._run(alias, asked))

    @property
    def mints(self) -> bool:
        """Whether the command takes what is asked of a token."""
        return any(ASKED in word for word in self.words)

    def _run(self, alias: str, asked: Asked) -> bytes:
        told = {"{persona}": alias, "{scope}": self.scopes[alias], ASKED: asked_text(asked)}
        filled = [_BLANK.sub(lambda found: told[found[0]], word) for word in self.words]
        try:
            done = subprocess.run(  # noqa: S603 - the words of a file that the user wrote, without a shell
                filled, stdin=subprocess.DEVNULL, capture_output=True, timeout=self.seconds, check=False,
                env=dict(self.environ),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Finding(say("the command did not end within {seconds:g} s",
                              "el comando no terminó en {seconds:g} s", seconds=self.seconds)) from None  # fmt: skip
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Finding(say("the command cannot be started: {reason}", "el comando no se puede iniciar: {reason}",
                              reason=reason)) from None  # fmt: skip
        if done.returncode != 0:
            raise Finding(say("the command ended with {code}: {said}", "el comando terminó con {code}: {said}",
                              code=done.returncode, said=self._redacted(done.stderr)))  # fmt: skip
        return done.stdout

    def _redacted(self, raw: bytes) -> str:
        """The end of what the command complained of, without anything that may be a secret."""
        text = Redactor(self.secrets).clean(raw[-LARGEST:].decode("utf-8", errors="replace"))
        return " ".join(_RANDOM.sub(f"{MARK}]", text).split())[-300:] or "-"


def read_token(raw: bytes) -> tuple[str, float]:
    """The token and its seconds from a token response, or from a bare token on a line of its own."""
    if len(raw) > LARGEST:
        raise Finding(say("the token is larger than any token", "el token es más grande que cualquier token"))
    text, seconds = raw.decode("utf-8", errors="replace").strip(), 300.0
    if text.startswith("{"):
        document = decode(raw.strip())
        token = document.get("access_token") or document.get("accessToken")
        kind = document.get("token_type") or document.get("tokenType") or "Bearer"
        lasts = document.get("expires_in", document.get("expiresIn", seconds))
        if not isinstance(token, str) or not isinstance(kind, str) or kind.lower() != "bearer":
            raise Finding(say("the answer holds no bearer token", "la respuesta no contiene un token bearer"))
        good = isinstance(lasts, int | float) and not isinstance(lasts, bool) and lasts > 0
        text, seconds = token, float(lasts) if good else seconds
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", text):  # RFC 6750, 2.1
        raise Finding(say("what came is no token", "lo recibido no es un token"))
    return text, seconds


def secret_url(url: str) -> bool:
    """Whether secrets may travel to an address: over TLS, or inside this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"})


def asked_text(asked: Asked) -> str:
    """What was asked, as a key."""
    return json.dumps(asked, sort_keys=True)
