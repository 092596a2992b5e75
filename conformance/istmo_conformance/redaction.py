"""What may never be written: secrets known and unknown, and the identifiers that a country hands in.

One secret has one placeholder in a run, so that what was equal stays equal: `[redacted:LABEL]`. A placeholder is
left as it is, so that cleaning twice changes nothing.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import quote, quote_plus

JSON: TypeAlias = Any
CUT: Final = 2048
SHORTEST: Final = 8
SHORTEST_PERSONAL: Final = 5
GRAM: Final = 8
FEW: Final = 48
HARMLESS: Final = 4096
MARK: Final = "[redacted"
SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization", "istmo-signature"})
_SECRET_NAMES: Final = (
    "accessToken", "access_token", "refresh_token", "secret", "password", "clientSecret", "client_secret",
)  # fmt: skip
SECRET_MEMBERS: Final = re.compile(rf'("(?:{"|".join(_SECRET_NAMES)})"\s*:\s*)' r'"((?:[^"\\]|\\.)*)"')
# What a text that opens something says of itself, and a receipt does not.
TOKEN_CLAIMS: Final = frozenset({
    "exp", "nbf", "sub", "scope", "scp", "acr", "azp", "client_id", "sid", "nonce", "act", "roles", "permissions",
})  # fmt: skip
_TOKEN: Final = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_PLACEHOLDER: Final = re.compile(r"\[redacted:([0-9]+)\]")
# Long enough to hide a token in another writing, and no UUID.
_RUN: Final = re.compile(r"[A-Za-z0-9+/_-]{48,}")
# What base64 makes of the beginning of every token, wherever it stands among three bytes.
_WRAPPED: Final = ("ZXlK", "V5S", "leUp")
# Control characters, and halves of characters, which no file can hold.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def named_secrets(document: JSON) -> set[str]:
    """What a document names as secrets: in a published one, they are examples."""
    return {found[2] for found in SECRET_MEMBERS.finditer(json.dumps(document, ensure_ascii=False))}


class Redactor:
    """Takes every known secret out of a text, also in its encoded forms, and whatever looks like a token."""

    def __init__(self, secrets: Iterable[str] = (), innocent: Iterable[str] = (), count: int = 0) -> None:
        self._innocent = frozenset(innocent)  # what everybody can read in the specification
        self._known: dict[str, str] = {}
        self._grams: dict[str, list[str]] = {}
        self._ordered: list[str] = []
        self._tokens: dict[str, str] = {}
        self._cast: set[str] = set()  # the placeholders of the tokens
        self._numbers: dict[str, str] = {}
        self._harmless: set[str] = set()
        self._count = count
        self.personal = False
        self.changes = 0  # what was taken out beside the tokens of the cast: a reader may miss it
        self.add(secrets)

    def add(self, secrets: Iterable[str], *, personal: bool = False) -> None:
        """Learn secrets, or identifiers of persons; very short ones would blank out innocent text."""
        shortest = SHORTEST_PERSONAL if personal else SHORTEST
        for secret in secrets:
            bare = re.sub(r"[^A-Za-z0-9]", "", secret) if personal else secret
            for one in dict.fromkeys((secret, bare)):
                if len(one) >= shortest and MARK not in one:
                    self.personal = self.personal or personal
                    self._enter(one, self._number(secret))

    def learn(self, tokens: Mapping[str, str]) -> None:
        """Learn the tokens of the cast with the labels by which they are told apart."""
        for token, label in tokens.items():
            if token in self._tokens or len(token) < SHORTEST:
                continue
            self._tokens[token] = f"{MARK}:{label}]"
            self._cast.add(self._tokens[token])
            if not _TOKEN.fullmatch(token):
                self._enter(token, self._tokens[token])

    def notice(self, text: str) -> None:
        """Learn the secrets that a document names as such, before anything that may repeat them is written."""
        for found in SECRET_MEMBERS.finditer(text) if _names_secret(text) else ():
            if found[2] not in self._tokens and found[2] not in self._innocent:
                self.add([found[2]])

    def clean(self, text: str) -> str:
        """The text without its secrets, fit for any file."""
        return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", self.hide(text))

    def hide(self, text: str) -> str:
        """The text without its secrets, otherwise as it was."""
        if len(text) < SHORTEST_PERSONAL:
            return text
        if MARK in text:
            self._follow(text)
        if "eyJ" in text:  # first: a token with a hole where a name was taken out looks like none any more
            text = _TOKEN.sub(self._token, text)
        for form in self._candidates(text):
            # Most texts are shorter than a token: the length settles it before any search.
            if len(form) <= len(text) and form in text:
                self._changed(self._known[form])
                text = text.replace(form, self._known[form])
        if len(text) < SHORTEST:
            return text
        if len(text) >= 48 and any(core in text for core in _WRAPPED):  # noqa: PLR2004  # the shortest run
            text = _RUN.sub(self._run, text)
        return SECRET_MEMBERS.sub(self._member, text) if _names_secret(text) else text

    def reveals(self, raw: bytes) -> bool:
        """Whether bytes that are no text hold a secret, in any common encoding of characters."""
        texts = (raw.decode(name, errors="replace") for name in ("latin-1", "utf-16-le", "utf-16-be"))
        return any(self.hide(text) != text for text in texts)

    def tree(self, value: JSON) -> JSON:
        """The same for every text inside a document."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return {self.clean(key): self.tree(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(item) for item in value]
        return value

    def header(self, name: str, value: str) -> str:
        """The value of a header: of a secret one nothing is left but its scheme."""
        if name.lower() not in SECRET_HEADERS:
            return value if value in self._harmless else self._plain_header(value)
        scheme, blank, rest = value.partition(" ")
        if not blank or not scheme.isalpha():
            scheme, blank, rest = "", "", value
        if rest.startswith(MARK):
            self._follow(rest)
            return value
        label = self._tokens.get(rest) or self._changed(self._number(rest))
        return f"{scheme}{blank}{label}"

    def _plain_header(self, value: str) -> str:
        """Most headers say the same in every answer: what was found harmless stays so until a secret is learnt."""
        cleaned = self.clean(value)
        if cleaned == value and len(self._harmless) < HARMLESS:
            self._harmless.add(value)
        return cleaned

    def headers(self, fields: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Headers fit to be read by people."""
        return {name.lower(): self.header(name, value)[:500] for name, value in fields}

    def body(self, raw: bytes) -> str:
        """The beginning of a body as clean text."""
        # Cut far behind what is shown: half a secret at the cut would be known to nobody.
        return self.clean(raw[: CUT * 32].decode("utf-8", errors="replace"))[:CUT]

    @property
    def count(self) -> int:
        """How many placeholders were given out: a replay, which does not know every secret, counts on from there."""
        return self._count

    @property
    def known(self) -> int:
        """How many writings of secrets are known: when it grows, earlier texts deserve a second look."""
        return len(self._known) + len(self._tokens)

    def _enter(self, secret: str, placeholder: str) -> None:
        self._harmless.clear()
        for form in _forms(secret):
            if form not in self._known:
                self._known[form] = placeholder
                self._ordered = sorted(self._known, key=len, reverse=True)  # one may be a part of another
                self._grams.setdefault(form[:GRAM], []).append(form)

    def _candidates(self, text: str) -> Iterable[str]:
        """The forms that may stand in a text; a long list is not tried form by form."""
        if len(self._known) <= FEW:
            return self._ordered
        found = {text[start : start + GRAM] for start in range(len(text) - GRAM + 1)}
        forms = [form for gram in found & self._grams.keys() for form in self._grams[gram]]
        short = [form for gram, forms in self._grams.items() if len(gram) < GRAM for form in forms]
        return sorted({*forms, *short}, key=len, reverse=True)

    def _number(self, secret: str) -> str:
        if secret not in self._numbers:
            self._count += 1
            self._numbers[secret] = f"{MARK}:{self._count}]"
        return self._numbers[secret]

    def _follow(self, text: str) -> None:
        """Count on from the placeholders that a text brings, so that a replay numbers as its run did."""
        for found in _PLACEHOLDER.finditer(text):
            self._count = max(self._count, int(found[1][:9]))

    def _changed(self, placeholder: str) -> str:
        if placeholder not in self._cast:
            self.changes += 1
        return placeholder

    def _token(self, found: re.Match[str]) -> str:
        known = self._tokens.get(found[0])
        if known is None and self._is_document(found[0]):
            return found[0]
        return known or self._changed(self._number(found[0]))

    def _is_document(self, text: str) -> bool:
        """Whether a signed text is a receipt or certificate that opens nothing: it claims nothing that a token does."""
        part = text.split(".")[1]
        try:
            payload = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")
            claims = json.loads(payload)
        except (ValueError, RecursionError):
            return False
        if not isinstance(claims, dict) or not text.rpartition(".")[2] or TOKEN_CLAIMS & claims.keys():
            return False
        return not any(form in payload for form in self._candidates(payload))

    def _member(self, found: re.Match[str]) -> str:
        if found[2].startswith(MARK) or found[2] in self._innocent:
            return found[0]
        value = self._changed(self._number(found[2]))
        return f'{found[1]}"{value}"'

    def _run(self, found: re.Match[str]) -> str:
        """A long run of letters, unless it is a token in base64."""
        if not any(core in found[0] for core in _WRAPPED):
            return found[0]
        plain = found[0].translate({ord("-"): "+", ord("_"): "/"})
        for start in range(4):
            part = plain[start:]
            try:
                decoded = base64.b64decode(part[: len(part) - len(part) % 4]).decode("latin-1")
            except binascii.Error:
                continue
            if _TOKEN.search(decoded):
                return self._changed(self._number(found[0]))
        return found[0]


def _names_secret(text: str) -> bool:
    """Whether a text may name a secret: most do not, and looking for parts of the names is quicker than for a form."""
    return "oken" in text or "ecret" in text or "assword" in text


def _forms(secret: str) -> dict[str, None]:
    """A secret as it stands and as addresses, documents, pages and base64 write it."""
    forms = [secret, quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret),
             json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]  # fmt: skip
    forms += [re.sub("%[0-9A-F]{2}", lambda one: one[0].lower(), form) for form in forms[1:4]]
    if len(secret) >= SHORTEST:
        forms += [secret.encode("utf-8", "surrogatepass").hex(), *_in_base64(secret)]
    return dict.fromkeys(forms)


def _in_base64(secret: str) -> Iterable[str]:
    """What base64 makes of a secret whatever stands before it: the part that does not depend on its neighbours."""
    raw = secret.encode("utf-8", "surrogatepass")
    for shift, first in enumerate((0, 2, 3)):
        written = base64.b64encode(bytes(shift) + raw).decode().rstrip("=")
        core = written[first : len(written) - ((shift + len(raw)) % 3 > 0)]
        if len(core) >= SHORTEST:
            yield core
            yield core.translate({ord("+"): "-", ord("/"): "_"})
