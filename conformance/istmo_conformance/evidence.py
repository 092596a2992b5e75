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
MARK = "[redacted]"
SECRET_HEADERS = frozenset(
    {"authorization", "cookie", "set-cookie", "proxy-authorization", "istmo-signature"}
)
SECRET_MEMBERS = re.compile(r'("(?:accessToken|access_token|secret|password|clientSecret)"\s*:\s*)"[^"]*"')
_BEARER = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Redactor:
    """Takes every known secret out of a text, also in its encoded forms, and whatever looks like a token."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Learn secrets; those of fewer than eight characters would blank out innocent text."""
        for secret in secrets:
            if len(secret) >= 8 and secret not in self._known:
                encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
                self._known |= {secret, quote(secret, safe=""), encoded}
                self._pattern = None

    def clean(self, text: str) -> str:
        """The text without its secrets."""
        if self._known and self._pattern is None:
            ordered = sorted(self._known, key=len, reverse=True)
            self._pattern = re.compile("|".join(re.escape(secret) for secret in ordered))
        if self._pattern is not None:
            text = self._pattern.sub(MARK, text)
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
            name.lower(): MARK if name.lower() in SECRET_HEADERS else self.clean(value[:500])
            for name, value in fields
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
