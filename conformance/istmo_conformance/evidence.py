"""Evidence while it arises: one canonical JSON line a record, flushed, header first, finish last.

Every line carries the SHA-256 of the line before it, so that no line can be changed, moved or taken out unnoticed.
A run that is killed leaves a readable file that says so by what it lacks: without its finish record it is
interrupted, whatever its scenarios said. Every text written passes the redactor.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from istmo_conformance.redaction import MARK, Redactor

__all__ = ["MARK", "Break", "Evidence", "Redactor", "canonical", "chained", "now", "read"]

JSON: TypeAlias = Any
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
START: Final = "0" * 64  # what the first line names as the line before it


def now() -> str:
    """The wall clock as evidence writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def canonical(document: JSON) -> str:
    """A document as RFC 8785 writes it; ours hold no fractions, so the fast encoder of Python writes the same."""
    return _CANONICAL.encode(document)


def digest_of(line: str) -> str:
    """The digest by which the next line names a line."""
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


class Evidence:
    """The growing file of one run."""

    def __init__(self, path: Path, redactor: Redactor) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.redactor = redactor
        self.lines = 0
        self.records: list[JSON] = []  # what a report needs of them
        self._previous = START
        self._file: IO[str] = path.open("w", encoding="utf-8", newline="\n")

    def write(self, record: str, told: JSON = None, **members: JSON) -> None:
        """Append one record and see it out of the process; the members of `told` were cleaned before."""
        document = {"record": record, "previous": self._previous, **self.redactor.tree(members), **(told or {})}
        line = canonical(document)
        self._file.write(line + "\n")
        self._file.flush()
        self._previous = digest_of(line)
        self.lines += 1
        self.records.append(_lean(document))

    def close(self) -> None:
        """Close the file; only a finish record makes it complete."""
        self._file.close()


_SHOWN: Final = ("who", "operation", "method", "status", "micros")


def _lean(document: JSON) -> JSON:
    """A record as adding up needs it: without the answers that a report does not show, which would fill the memory."""
    if document["record"] != "case" or "calls" not in document:
        return document
    calls = [call for call in document["calls"] if "who" in call]
    lean = [call if "sent" in call else {name: call[name] for name in _SHOWN} for call in calls]
    return {**document, "calls": lean}


class Break(ValueError):  # a place, named as what it is
    """The first line at which evidence is not what was written."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why


def chained(text: str) -> list[dict[str, JSON]]:
    """The records of evidence whose every line is whole, canonical and in its place."""
    records: list[dict[str, JSON]] = []
    previous = START
    lines = text.split("\n")
    torn = lines.pop()
    for number, line in enumerate(lines, 1):
        record = _parsed(number, line)
        if record.get("previous") != previous:
            what = "it does not follow the line before it: one of the two was edited, moved or taken out"
            raise Break(number, what)
        previous = digest_of(line)
        records.append(record)
    if torn:
        raise Break(len(lines) + 1, "it is torn: the run was cut off while it wrote")
    return records


def _parsed(number: int, line: str) -> dict[str, JSON]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise Break(number, "it is not JSON") from None
    if not isinstance(record, dict) or canonical(record) != line:
        raise Break(number, "it is not in canonical form")
    return record


def read(path: Path) -> list[dict[str, JSON]]:
    """The records of a file; a torn last line is dropped, because a kill may have cut it."""
    return parsed(path.read_text(encoding="utf-8", errors="replace"))


def parsed(text: str) -> list[dict[str, JSON]]:
    """The records of a text; a torn last line is dropped."""
    records: list[dict[str, JSON]] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line:
            continue
        try:
            records.append(json.loads(line))
        except ValueError:
            if number < len(lines) - 1:
                raise
    return records
