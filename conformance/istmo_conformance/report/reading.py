"""Reads a report that somebody hands in: it may be cut, foreign or hostile."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any, Final, TypeAlias

from istmo.errors import KitError
from istmo.texts import text
from istmo_conformance import evidence
from istmo_conformance.report.build import FORMAT, build
from istmo_conformance.report.earlier import upgraded

JSON: TypeAlias = Any
LARGEST: Final = 64 * 1024 * 1024
# Reversed and invisible writing could make a report say something else than it holds.
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SHAPE: Final[dict[str, type | tuple[type, ...]]] = {
    "kit": dict, "spec": dict, "target": dict, "stage": dict, "counts": dict, "verdict": str,
    "requirements": list, "scenarios": list, "started": str,
}  # fmt: skip


def load(path: Path) -> JSON:
    """The document of a report file, or of the evidence of a run (`evidence.jsonl`), checked and cleaned."""
    raw = _bytes(path)
    try:
        content = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _foreign(path, f"byte {error.start}: UTF-8?") from None
    document = _evidence(path) if path.suffix == ".jsonl" else _json(path, content)
    check(path, document)
    return clean(document)


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            message = text("report.too-large", path=path, size=size // 1024 // 1024)
            raise KitError("bad-report", message, text("report.no-file-hint"))
        return path.read_bytes()
    except OSError as error:
        message = text("report.no-file", path=path, reason=error.strerror or type(error).__name__)
        raise KitError("bad-report", message, text("report.no-file-hint")) from None


def _json(path: Path, content: str) -> JSON:
    try:
        return upgraded(json.loads(content), FORMAT)
    except json.JSONDecodeError as error:
        message = text("report.cut", path=path, line=error.lineno)
        raise KitError("bad-report", message, text("report.cut-hint")) from None
    except (RecursionError, ValueError):
        raise _foreign(path, "JSON?") from None


def _evidence(path: Path) -> JSON:
    try:
        return build(evidence.read(path)).document
    except (ValueError, KeyError, TypeError) as error:
        raise _foreign(path, str(error)[:200]) from None


def check(path: Path, document: JSON) -> None:
    """Refuse a document that is not a report of the suite, naming where it differs."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _foreign(path, f'format: "{FORMAT}"?')
    for name, kind in _SHAPE.items():
        if not isinstance(document.get(name), kind):
            raise _foreign(path, f"{name}?")
    error = _violation(document)
    if error:
        raise _foreign(path, error)


def _violation(document: JSON) -> str:
    """The first place where a report breaks its schema."""
    import jsonschema_rs

    from istmo.paths import data

    schema = json.loads((data("specs") / "standard" / "schemas" / "report.schema.json").read_bytes())
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    error = next(validator.iter_errors(document), None)
    return "" if error is None else "/" + "/".join(str(part) for part in error.instance_path)


def _foreign(path: Path, where: str) -> KitError:
    return KitError("bad-report", text("report.foreign", path=path, where=where), text("report.foreign-hint"))


def clean(value: JSON) -> JSON:
    """The same document without characters that are no text: controls, halves of pairs, reversed writing."""
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else "".join(map(_character, value))
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item) for item in value]
    return value


def _character(character: str) -> str:
    if character in "\n\t":
        return character
    broken = unicodedata.category(character) in {"Cc", "Cs", "Cn"} or character in _BIDI
    return "\N{REPLACEMENT CHARACTER}" if broken else character
