"""Evidence while it arises: one JSON line a record, flushed, header first, finish last.

A run that is killed leaves a readable file that says so by what it lacks: without its finish record it is
interrupted, whatever its scenarios said. Every text written passes the redactor.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeAlias
from urllib.parse import quote

JSON: TypeAlias = Any
CUT = 2048
SHORTEST = 8
MARK = "[redacted]"
SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization", "istmo-signature"})
SECRET_MEMBERS = re.compile(r'("(?:accessToken|access_token|secret|password|clientSecret)"\s*:\s*)"[^"]*"')
_BEARER = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
# Control characters, and halves of characters, which no file can hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Redactor:
    """Takes every known secret out of a text, also in its encoded forms, and whatever looks like a token."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: dict[str, None] = {}
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Learn secrets; those of fewer than eight characters would blank out innocent text."""
        for secret in secrets:
            if len(secret) >= SHORTEST and secret not in self._known:
                encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
                self._known |= dict.fromkeys((secret, quote(secret, safe=""), encoded))

    def clean(self, text: str) -> str:
        """The text without its secrets."""
        if len(text) < SHORTEST and text.isascii() and text.isprintable():
            return text
        for secret in self._known:
            # Most texts are shorter than a token: the length settles it before any search.
            if len(secret) <= len(text) and secret in text:
                text = text.replace(secret, MARK)
        text = _BEARER.sub(MARK, text)
        text = SECRET_MEMBERS.sub(rf'\1"{MARK}"', text)
        return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)

    def tree(self, value: JSON) -> JSON:
        """The same for every text inside a document."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return {self.clean(key): self.tree(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(item) for item in value]
        return value

    def headers(self, fields: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Headers fit to be written: secret ones by name, the others by value."""
        return {
            name.lower(): MARK if name.lower() in SECRET_HEADERS else self.clean(value[:500]) for name, value in fields
        }

    def body(self, raw: bytes) -> str:
        """The beginning of a body as clean text."""
        return self.clean(raw[: CUT * 2].decode("utf-8", errors="replace"))[:CUT]


def now() -> str:
    """The wall clock as evidence writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Evidence:
    """The growing file of one run."""

    def __init__(self, path: Path, redactor: Redactor) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.redactor = redactor
        self._file: IO[str] = path.open("w", encoding="utf-8")

    def write(self, record: str, **members: JSON) -> None:
        """Append one record and see it out of the process."""
        line = json.dumps({"record": record, **self.redactor.tree(members)}, ensure_ascii=False)
        self._file.write(line + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file; only a finish record makes it complete."""
        self._file.close()


def read(path: Path) -> list[dict[str, JSON]]:
    """The records of a file; a torn last line is dropped, because a kill may have cut it."""
    records: list[dict[str, JSON]] = []
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    for number, line in enumerate(lines):
        if not line:
            continue
        try:
            records.append(json.loads(line))
        except ValueError:
            if number < len(lines) - 1:
                raise
    return records
