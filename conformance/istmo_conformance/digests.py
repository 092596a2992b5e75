"""What a run was made with, as digests: the standard, the suite, the specification and the subject."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from istmo import paths
from istmo_conformance.client import Answer
from istmo_conformance.evidence import canonical

JSON: TypeAlias = Any
CODE: Final = Path(__file__).parent


def of_document(document: JSON) -> str:
    """The SHA-256 of a document in canonical form."""
    return hashlib.sha256(canonical(document).encode("utf-8", "surrogatepass")).hexdigest()


def of_files(groups: Iterable[tuple[str, Path]]) -> str:
    """The SHA-256 over names and contents of all files in some folders, each under its own name."""
    found = []
    for name, folder in groups:
        for path in [folder] if folder.is_file() else folder.rglob("*"):
            if path.is_file() and path.suffix not in {".pyc", ".pyo"}:
                place = path.relative_to(folder).as_posix() if path != folder else path.name
                found.append((f"{name}/{place}", hashlib.sha256(path.read_bytes()).hexdigest()))
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(found))
    return hashlib.sha256(lines.encode()).hexdigest()


@lru_cache
def standard(slug: str) -> str:
    """The digest of the standard for one service: what holds for all, the profiles, and its own room."""
    specs = paths.data("specs")
    return of_files((name, specs / name) for name in ("standard", "common", "profiles", slug))


@lru_cache
def suite(features: Path, slug: str) -> str:
    """The digest of the suite: its features for one service and all its code."""
    return of_files([("features/common", features / "common"), (f"features/{slug}", features / slug), ("code", CODE)])


def subject(document: Answer | None, manifest: JSON) -> JSON:
    """The digests of what the judged service says of itself: its manifest and the document that it serves."""
    served = hashlib.sha256(document.body).hexdigest() if document is not None else None
    return {"manifest": of_document(manifest), "document": served}
