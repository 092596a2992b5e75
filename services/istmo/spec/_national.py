"""A national project as its folder tells it: the regional contract as it was taken over, and what the country adds.

    regional.<language>.json   the bundled regional document, written by `vendor` and never edited
    regional.sha256            the digests of these, as `sha256sum` writes and checks them
    overlay.yaml               an OpenAPI Overlay 1.0: what the country adds to the contract
    overlay.<language>.yaml    the texts of what it adds in another language than English
    schema.json                the JSON Schema of the open object `national`

Everything but the regional documents may be absent.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from istmo.spec._amend import amend
from istmo.spec._bundle import bundle, ensure_references
from istmo.spec._compat import compat
from istmo.spec._contain import BREAKING
from istmo.spec._document import Spec
from istmo.spec._json import JSON, load_json
from istmo.spec._limits import read_bytes
from istmo.spec._national_schema import ensure_local, ensure_national
from istmo.spec._refusal import refusal
from istmo.spec._yaml import load_yaml
from istmo.spec.overlay import apply
from istmo.texts import LANGUAGES

__all__ = ["national_document", "national_documents", "national_schema", "optional", "vendor"]

DIGESTS: Final = "regional.sha256"
OVERLAY: Final = "overlay.yaml"
SCHEMA: Final = "schema.json"
NORMATIVE: Final = "en"
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<name>regional\.(?P<language>[a-z]{2,3})\.json)")
_NATIONAL_PATH = re.compile(r"/x-[a-z]{2}/.+")
_MOST = 8  # differences that are told at once
_LARGEST = 16 * 1024 * 1024  # bytes of one vendored document


def vendor(slug: str, folder: Path) -> list[Path]:
    """Write the regional documents of a service and their digests into a folder; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written, lines = [], []
    for language in LANGUAGES:
        path = folder / f"regional.{language}.json"
        text = json.dumps(bundle(slug, language=language), ensure_ascii=False, indent=1) + "\n"
        path.write_bytes(text.encode())
        lines.append(f"{hashlib.sha256(text.encode()).hexdigest()}  {path.name}\n")
        written.append(path)
    digests = folder / DIGESTS
    digests.write_bytes("".join(lines).encode())
    return [*written, digests]


def national_document(
    folder: Path, language: str = NORMATIVE, *, slug: str = "national", stage: int | None = None
) -> dict[str, JSON]:
    """Return the document that the service of a folder serves in a language, in English where it has none in it."""
    found = national_documents(folder, slug=slug, stage=stage)
    return found.get(language) or found[NORMATIVE]


def national_documents(folder: Path, *, slug: str = "national", stage: int | None = None) -> dict[str, dict[str, JSON]]:
    """Return the documents that the service of a folder serves, by language.

    Additions that break a client of the region are refused; an operation of a stage above the claimed one may be gone.
    """
    regional = _regional(folder)
    overlay = optional(folder / OVERLAY) or {"overlay": "1.0.0", "actions": []}
    made = {language: amend(document, overlay) for language, document in regional.items()}
    if made[NORMATIVE] != regional[NORMATIVE]:
        ensure_local(made[NORMATIVE], OVERLAY)
        ensure_references(made[NORMATIVE], OVERLAY)
        _ensure_widening(Spec(regional[NORMATIVE], slug), Spec(made[NORMATIVE], slug), stage)
    return {language: _translated(folder, language, document) for language, document in made.items()}


def _translated(folder: Path, language: str, document: dict[str, JSON]) -> dict[str, JSON]:
    """Return a document in which the country's own texts are in a language, where the folder says them."""
    name = f"overlay.{language}.yaml"
    texts = optional(folder / name)
    return apply(document, texts, name) if texts else document


def national_schema(folder: Path) -> dict[str, JSON] | None:
    """Return the schema of the object `national`, or None when the folder has none."""
    path = folder / SCHEMA
    return ensure_national(load_json(path), SCHEMA) if path.is_file() else None


def optional(path: Path) -> JSON:
    """Return what a file of the folder says; None when it is not there or says nothing."""
    return load_yaml(path, trusted=True) if path.is_file() else None


def _regional(folder: Path) -> dict[str, dict[str, JSON]]:
    """Return the regional documents by language, exactly as they were taken over."""
    known = _digests(folder)
    there = {path.name for path in folder.glob("regional.*.json")}
    wrong = sorted(there ^ known.keys())
    if wrong:
        raise refusal("national-vendored", file=wrong[0])
    found: dict[str, dict[str, JSON]] = {}
    for name, digest in known.items():
        _, raw = read_bytes(folder / name, _LARGEST)
        if hashlib.sha256(raw).hexdigest() != digest:
            raise refusal("national-vendored", file=name)
        found[name.split(".")[1]] = load_json(raw)
    if NORMATIVE not in found:
        raise refusal("national-vendored", file=f"regional.{NORMATIVE}.json")
    return found


def _digests(folder: Path) -> dict[str, str]:
    """Return the digests by file name; a list that cannot be read vouches for nothing."""
    _, raw = read_bytes(folder / DIGESTS, _LARGEST)
    lines = raw.decode("utf-8", "replace").splitlines()
    found = [_LINE.fullmatch(line) for line in lines if line.strip()]
    known = {one["name"]: one["digest"] for one in found if one is not None}
    if len(known) != len(found):
        raise refusal("national-vendored", file=DIGESTS)
    return known


def _ensure_widening(region: Spec, nation: Spec, stage: int | None) -> None:
    """Refuse additions that are none: what takes from the region, and operations where the region may add its own."""
    unclaimed = {one.id for one in region.operations.values() if stage is not None and one.stage > stage}
    broken = [
        f"{one.operation} {one.code} {one.place}".strip()
        for one in compat(region, nation)
        if one.severity == BREAKING and not (one.code == "operation-removed" and one.operation in unclaimed)
    ]
    if region.base_path != nation.base_path:
        broken.append(f"{region.base_path} -> {nation.base_path}")
    if broken:
        raise refusal("national-overlay", place=OVERLAY, found="; ".join(broken[:_MOST]))
    outside = _outside(region, nation)
    if outside:
        raise refusal("national-operation", place=OVERLAY, name=outside[0])


def _outside(region: Spec, nation: Spec) -> list[str]:
    """Return the added operations whose path does not begin with the name of a country."""
    added: Mapping[str, str] = {
        name: one.path for name, one in nation.operations.items() if name not in region.operations
    }
    return sorted(name for name, path in added.items() if not _NATIONAL_PATH.fullmatch(path))
