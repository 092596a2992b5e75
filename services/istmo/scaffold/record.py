"""What a project remembers of how it was made, so that a newer kit can tell what it would change.

`.istmo/scaffold.json` holds the answers, the kit and a digest of each requirement; `.istmo/base.zip` every file as it
was made, which is what a three-way comparison starts from.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from istmo.errors import KitError
from istmo.scaffold.kit import EPOCH, Kit
from istmo.scaffold.service import TEMPLATE, Project
from istmo.spec import JSON, requirements
from istmo.texts import text

__all__ = ["FOLDER", "Record", "digests", "read", "write"]

FOLDER: Final = ".istmo"
RECORD: Final = "scaffold.json"
BASE: Final = "base.zip"
COMMON: Final = "common"


@dataclass(frozen=True)
class Record:
    """What a project says of how it was made."""

    answers: Project
    kit: str
    requirements: Mapping[str, str]  # digest by id
    files: Mapping[str, bytes]  # as they were made, by path


def write(answers: Project, kit: Kit, project: Path) -> None:
    """Write the record of a project that has just been made."""
    folder = project / FOLDER
    files = sorted(path for path in project.rglob("*") if path.is_file() and not _apart(path, project))
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / BASE, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as base:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(project).as_posix(), EPOCH)
            entry.external_attr, entry.compress_type = (path.stat().st_mode & 0o777) << 16, zipfile.ZIP_DEFLATED
            base.writestr(entry, path.read_bytes())
    document = {"kit": kit.version, "answers": answers.document(), "requirements": digests(answers.service)}
    (folder / RECORD).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _apart(path: Path, project: Path) -> bool:
    """Tell whether a file belongs to the kit rather than to the project: the wheel is replaced, never compared."""
    first = path.relative_to(project).parts[0]
    return first == FOLDER or (first == "vendor" and path.suffix == ".whl")


def read(project: Path) -> Record:
    """Return the record of a project, or refuse a folder that is none."""
    folder = project / FOLDER
    try:
        document: JSON = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        with zipfile.ZipFile(folder / BASE) as base:
            files = {name: base.read(name) for name in base.namelist()}
        return Record(
            TEMPLATE.answered(document["answers"]), str(document["kit"]), dict(document["requirements"]), files
        )
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        raise KitError(
            "no-project", text("scaffold.no-project", folder=project), text("scaffold.no-project-hint")
        ) from None


def digests(slug: str) -> dict[str, str]:
    """Return a digest of each requirement that a service keeps: what it says, from which stage, how strongly."""
    found: dict[str, str] = {}
    for one in (*requirements(COMMON), *requirements(slug)):
        if not one.retired:
            said = json.dumps(
                [one.level, one.stage, one.observable, dict(one.text)], sort_keys=True, ensure_ascii=False
            )
            found[one.id] = hashlib.sha256(said.encode("utf-8")).hexdigest()[:16]
    return found
