"""Evidence, report and requirements in one file, the same bytes for the same content; or as they lie in a folder."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from istmo.errors import KitError
from istmo.texts import text
from istmo_conformance.report.build import build

JSON: TypeAlias = Any
EVIDENCE: Final = "evidence.jsonl"
REPORT: Final = "report.json"
REQUIREMENTS: Final = "requirements.json"
DIGESTS: Final = "digests.json"
STATEMENT: Final = "statement.dsse.json"
COVERED: Final = (EVIDENCE, REPORT, REQUIREMENTS)
NAMES: Final = (*COVERED, DIGESTS, STATEMENT)
NAME: Final = "bundle.istmo.zip"
LARGEST: Final = 256 * 1024 * 1024
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16


@dataclass(frozen=True)
class Bundle:
    """The files of one run, by their names."""

    path: Path
    files: dict[str, bytes]

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of every file that a signature covers."""
        return {name: hashlib.sha256(self.files[name]).hexdigest() for name in COVERED if name in self.files}

    def document(self, name: str) -> JSON:
        """A file as JSON."""
        try:
            return json.loads(self.files[name])
        except (ValueError, RecursionError):
            raise _refused(self.path, f"{name}: JSON?") from None


def made(folder: Path) -> Bundle:
    """The files of a run that lie in a folder, with the requirement list and the digests beside them."""
    files = _read(folder, (EVIDENCE, REPORT, STATEMENT))
    if EVIDENCE not in files:
        raise _refused(folder, EVIDENCE)
    header = _header(folder, files[EVIDENCE])
    files[REQUIREMENTS] = _written(header["requirements"])
    bundle = Bundle(folder, files)
    files[DIGESTS] = _written({"files": bundle.digests, "run": header.get("digests", {})})
    return bundle


def write(bundle: Bundle, path: Path) -> Path:
    """Write a bundle: fixed order, fixed dates, so that the same run gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in NAMES:
            if name in bundle.files:
                entry = zipfile.ZipInfo(name, _DATE)
                entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _MODE, 3
                archive.writestr(entry, bundle.files[name], compresslevel=6)
    path.write_bytes(buffer.getvalue())
    return path


def opened(path: Path) -> Bundle:
    """A bundle, the folder of a run, or its evidence alone."""
    if path.is_dir():
        return made(path)
    if path.name.endswith(".jsonl"):
        return _alone(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check(path, entries)
            return Bundle(path, {entry.filename: archive.read(entry) for entry in entries})
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError):
        raise _refused(path, "zip?") from None
    except OSError as error:
        message = text("report.no-file", path=path, reason=error.strerror or type(error).__name__)
        raise KitError("bad-report", message, text("report.no-file-hint")) from None


def _check(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse what no bundle holds before a byte of it is unpacked."""
    names = [entry.filename for entry in entries]
    strange = next((name for name in names if name not in NAMES), None)
    if strange is not None or len(set(names)) != len(names):
        raise _refused(path, (strange or "zip?")[:80])
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise _refused(path, f"> {LARGEST // 1024 // 1024} MiB")
    if not {EVIDENCE, REPORT, REQUIREMENTS, DIGESTS} <= set(names):
        raise _refused(path, f"{EVIDENCE}, {REPORT}, {REQUIREMENTS}, {DIGESTS}?")


def _alone(path: Path) -> Bundle:
    files = _read(path.parent, (path.name,))
    if path.name not in files:
        message = text("report.no-file", path=path, reason="-")
        raise KitError("bad-report", message, text("report.no-file-hint"))
    return Bundle(path, {EVIDENCE: files[path.name]})


def _read(folder: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    files = {}
    for name in names:
        place = folder / name
        try:
            if place.is_file():
                if place.stat().st_size > LARGEST:
                    raise _refused(place, f"> {LARGEST // 1024 // 1024} MiB")
                files[name] = place.read_bytes()
        except OSError as error:
            message = text("report.no-file", path=place, reason=error.strerror or type(error).__name__)
            raise KitError("bad-report", message, text("report.no-file-hint")) from None
    return files


def _header(folder: Path, raw: bytes) -> JSON:
    try:
        header = json.loads(raw.partition(b"\n")[0])
        if isinstance(header["requirements"], list):
            return header
    except (ValueError, RecursionError, KeyError, TypeError):
        pass
    raise _refused(folder, f"{EVIDENCE}: header?")


def _written(document: JSON) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def rebuilt(records: list[JSON]) -> JSON:
    """The report that evidence adds up to, as report.json would hold it."""
    return json.loads(json.dumps(build(records).document))


def _refused(path: Path, where: str) -> KitError:
    return KitError("bad-report", text("report.foreign", path=path, where=where), text("verify.open-hint"))
