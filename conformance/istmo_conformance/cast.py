"""The cast: the personas of the standard and the tokens with which they act."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo.names import kebab
from istmo.spec import Operation, Persona
from istmo_conformance.forging import FORGED, Keys, parts_of
from istmo_conformance.tokens import TokenSource, asked_text, no_token, plain

JSON: TypeAlias = Any
NOBODY = frozenset({"nobody", "nadie"})
ENTITLED = frozenset({"someone entitled", "alguien con derecho"})
WITHOUT = frozenset({"everybody without the scope", "cada persona sin el permiso"})
# One of the cast for each set of rights; the others hold the same ones.
ROLES = ("ana", "eva", "fito", "gov")
LOW = "urn:istmo:loa:low"
SKEW = 60  # seconds by which the clock of an issuer may be ahead
# Who stands for a role when a scenario leaves the choice to the suite.
BY_VERB = {
    "officer": "eva",
    "supervise": "fito",
    "system": "gov",
    "write": "ana",
    "read": "ana",
    "audit": "fito",
}
PEER = BY_VERB["system"]  # a system that signs its messages to operations of peers
BY_ROLE = {"owner": "ana", "officer": "eva", "supervisor": "fito", "system": "gov"}


class Cast:
    """Tokens by persona, fetched once for each position of the clock."""

    def __init__(
        self,
        slug: str,
        personas: Mapping[str, Persona],
        source: TokenSource,
        published: Callable[[], Keys] = tuple,
    ) -> None:
        self._kebab = kebab(slug)
        self._personas = personas
        self._source = source
        self._published = published
        self._tokens: dict[tuple[object, ...], str] = {}
        self._steady: set[str] = set()  # whose tokens do not follow the clock of the service
        self.secrets: dict[str, str] = {}  # every token, with the label that stands for it in evidence

    @property
    def outside(self) -> bool:
        """Whether its tokens come from elsewhere than the sandbox, whose clock they may not follow."""
        return not self._source.by_clock

    @property
    def hidden(self) -> set[str]:
        """What its source of tokens knows beside them, and must not be written anywhere."""
        return self._source.secrets - self.secrets.keys()

    @property
    def aliases(self) -> set[str]:
        """The names by which scenarios call the personas."""
        return set(self._personas)

    def persona(self, alias: str) -> Persona:
        """The persona behind an alias."""
        return self._personas[alias]

    def entitled(self, operation: Operation) -> str:
        """The alias of somebody whom the specification lets call an operation."""
        return entitled(operation)

    def token(self, alias: str, kind: str, operation: Operation | None, at: datetime | None) -> str | None:
        """The token of a persona; some kinds are deliberately unfit."""
        if alias in NOBODY:
            return None
        if kind == "unscoped":
            return self._lacking(alias, operation, at)
        token = self._several(alias, at) if kind == SEVERAL else self._fetch(at, alias, **ASKED.get(kind, {}))
        if kind in FORGED:
            return self._secret(self._forged(kind, alias, token), f"{kind}-{self.secrets[token]}")
        spoil = SPOILED.get(kind)
        return self._secret(spoil(token), f"{kind}-{self.secrets[token]}") if spoil is not None else token

    def shifted(self, alias: str, kind: str, at: datetime, move: Callable[[datetime], None]) -> str:
        """A token that was issued when the clock of the service stood elsewhere."""
        key = (kind, alias, at)
        if self.outside:
            return self._fetch(at, alias, issuedAt=(at + SHIFTED[kind]).isoformat())
        if key not in self._tokens:
            moment = at + SHIFTED[kind]
            move(moment)
            self._tokens[key] = self._fetch(moment, alias)
            move(at)
        return self._tokens[key]

    def _ensure_mints(self, alias: str, kind: str) -> None:
        """Leave what cannot be had where a source of tokens gives plain ones only."""
        if not self._source.mints:
            plain(alias, {"kind": kind})

    def _forged(self, kind: str, alias: str, token: str) -> str:
        """A forgery made from a token; of one that is opaque, and may be where no sandbox issues it, none is made."""
        try:
            return FORGED[kind](token, self._published())
        except Finding as error:
            if self.outside:
                raise no_token(alias, error.message) from None
            raise

    def _several(self, alias: str, at: datetime | None) -> str:
        """A token for the service and for another one."""
        self._ensure_mints(alias, SEVERAL)
        audience = [*self._audiences(alias, at), ASKED["foreign"]["audience"]]
        if not self.outside:
            return self._fetch(at, alias, audience=audience)
        # Whom a token from elsewhere names is not in the evidence, and its label must come out without it.
        return self._secret(self._source.issue(alias, {"audience": audience}), label_of((alias, SEVERAL)))

    def _audiences(self, alias: str, at: datetime | None) -> list[str]:
        """The audiences that a plain token of the sandbox names."""
        _, claims = parts_of(self._fetch(at, alias))
        found = claims.get("aud")
        return [str(one) for one in found] if isinstance(found, list) else [str(found)]

    def _lacking(self, alias: str, operation: Operation | None, at: datetime | None) -> str:
        """A good token of somebody, whose scopes are others than those that an operation asks for."""
        asked = set(operation.scopes) if operation else set()
        for candidate in (alias, "ana", "eva", "gov"):
            persona = self._personas[candidate]
            for verb in persona.scopes:
                scope = f"{self._kebab}:{verb}"
                if scope not in asked and verb not in {"officer", "supervise"}:
                    return self._fetch(at, candidate, scopes=[scope])
        raise KitError("no-lacking-scope", "every scope of the cast is asked for", "see specs/common/personas.yaml")

    def lacking(self, alias: str) -> str:
        """What is missing for a persona to have a token; nothing where nothing is known to be."""
        return self._source.lacking(alias)

    def _fetch(self, at: datetime | None, alias: str, **asked: JSON) -> str:
        if self.outside:
            return self._secret(self._timely(at, alias, asked), label_of((alias, asked_text(asked))))
        key = (at, alias, asked_text(asked))
        if key not in self._tokens:
            self._tokens[key] = self._secret(self._source.issue(alias, asked), label_of(key))
        return self._tokens[key]

    def _timely(self, at: datetime | None, alias: str, asked: Mapping[str, JSON]) -> str:
        """A token from elsewhere: another one where the clock has left the time of the last, if its source has one."""
        token = self._source.issue(alias, asked)
        if asked or at is None or alias in self._steady or holds_at(token, at):
            return token
        self._source.forget(alias)
        token = self._source.issue(alias, asked)
        if not holds_at(token, at):
            self._steady.add(alias)
        return token

    def _secret(self, token: str, label: str) -> str:
        self.secrets.setdefault(token, label)
        return token


def holds_at(token: str, at: datetime) -> bool:
    """Whether a moment lies in the time of a token; of one that does not say its time, it does."""
    try:
        _, claims = parts_of(token)
    except Finding:
        return True
    start, end = (claims.get(name) for name in ("iat", "exp"))
    begun = not isinstance(start, int | float) or start <= at.timestamp() + SKEW
    return begun and (not isinstance(end, int | float) or at.timestamp() < end)


def label_of(key: tuple[object, ...]) -> str:
    """The label of a token, from what was asked for: the same in every run of a seed."""
    return f"token-{hashlib.sha256(repr(key).encode()).hexdigest()[:12]}"


def entitled(operation: Operation) -> str:
    """The alias of somebody whom the specification lets call an operation."""
    verbs = {scope.rpartition(":")[2] for scope in operation.scopes}
    if operation.signed:
        return PEER
    if not verbs:
        return "nobody"
    allowed = operation.allowed
    if allowed is not None and "owner" not in allowed.role:
        return next((BY_ROLE[role] for role in ("officer", "supervisor", "system") if role in allowed.role), "eva")
    for verb in ("read", "write", "officer", "supervise", "system", "audit"):
        if verb in verbs:
            return BY_VERB[verb]
    raise KitError("unknown-scope", f"{operation.id} asks for {operation.scopes}", "see domain scopes")


def altered(token: str) -> str:
    """A token whose signature differs in one character."""
    head, dot, signature = token.rpartition(".")
    middle = len(signature) // 2
    swapped = "A" if signature[middle : middle + 1] != "A" else "B"
    return head + dot + signature[:middle] + swapped + signature[middle + 1 :]


def unsigned(token: str) -> str:
    """A token with the same claims that says it needs no signature."""
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
    parts = token.split(".")
    return f"{header}.{parts[1] if len(parts) > 1 else ''}."


# The kinds of unfit tokens: those that the sandbox issues when asked, and those that are spoiled afterwards.
ASKED: dict[str, dict[str, JSON]] = {
    "low": {"acr": LOW},
    "foreign": {"audience": "urn:istmo:another-service"},
    "no-audience": {"audience": []},
    "another-issuer": {"issuer": "https://another-issuer.example.invalid"},
    "id-token": {"type": "JWT"},
    "refresh-token": {"type": "rt+jwt"},
    "no-subject": {"claims": {"sub": None}},
    "empty-subject": {"claims": {"sub": ""}},
    "no-client": {"claims": {"client_id": None, "azp": None}},
    "no-issuer": {"claims": {"iss": None}},
    "no-time-of-issue": {"claims": {"iat": None}},
    "no-end": {"claims": {"exp": None}},
    "end-in-words": {"claims": {"exp": "tomorrow"}},
}
SEVERAL = "several-audiences"
SHIFTED: dict[str, timedelta] = {
    "expired": timedelta(days=-2),
    "ahead-10-seconds": timedelta(seconds=10),
    "ahead-2-minutes": timedelta(minutes=2),
}
SPOILED: dict[str, Callable[[str], str]] = {"altered": altered, "unsigned": unsigned}
# What may stand between the quotes of "with a token made as".
MADE = frozenset({*FORGED, *ASKED, *SHIFTED, *SPOILED, SEVERAL})
