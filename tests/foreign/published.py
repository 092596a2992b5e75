"""Writes the published texts of a service into a folder, as JSON and CSV that any language can read.

    python -m tests.foreign.published FOLDER

Nothing of the kit's own code goes there: the bundled contract in both languages, the country profile, the entry of the
catalogue, the cast of the sandbox, and the code lists.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import yaml

from istmo.paths import data
from istmo.spec import bundle

SPECS = data("specs")
SLUG = "civil_certificates"


def publish(folder: Path, slug: str = SLUG, country: str = "XX") -> Path:
    """Write everything that a developer of a service is given."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {
        "openapi": bundle(slug),
        "openapi.es": bundle(slug, language="es"),
        "profile": _yaml(SPECS / "profiles" / f"{country}.yaml"),
        "personas": _yaml(SPECS / "common" / "personas.yaml"),
        "service": _yaml(SPECS / slug / "service.yaml"),
    }
    for name, document in found.items():
        (folder / f"{name}.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    lists = ("common/problems", "common/codelists/violations", f"{slug}/codelists/certificate-types")
    for name in lists:
        shutil.copy(SPECS / f"{name}.csv", folder)
    return folder


def _yaml(path: Path) -> object:
    found: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    print(publish(Path(sys.argv[1])))  # noqa: T201  # the command says where it wrote
