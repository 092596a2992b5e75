"""The deployment and pipeline files of a project: those of the kit, with the values of the project in them.

Each replacement must be found, or the kit's own file has changed and this list with it: nothing is left half done.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from istmo.errors import KitError
from istmo.paths import data
from istmo.scaffold.answers import CONTACT
from istmo.scaffold.kit import Kit
from istmo.scaffold.service import Project
from istmo.spec import slugs
from istmo.texts import text

__all__ = ["lay"]

IMAGE: Final = "registry.agency.invalid/istmo:0.1.0"
ACTION: Final = ".github/actions/istmo/action.yml"
FLOW: Final = ".github/workflows/conformance.yml"
KIT: Final = '"istmo[conformance] @ git+https://git.example.invalid/istmo.git@v0.1.0"'
APP: Final = "my_service.main:app"


def lay(answers: Project, project: Path, kit: Kit) -> None:
    """Write the manifests and the pipelines into a project."""
    source = data("templates")
    settings = {
        "ISTMO_COUNTRY: XX": f"ISTMO_COUNTRY: {_text(answers.country)}",
        'ISTMO_OPERATOR: ""': f"ISTMO_OPERATOR: {_text(answers.agency)}",
        f"ISTMO_CONTACT: {CONTACT}": f"ISTMO_CONTACT: {_text(answers.contact)}",
    }
    image = {IMAGE: f"registry.agency.invalid/{answers.project}:0.1.0"}
    for path in sorted((source / "deployment" / "kubernetes").rglob("*.yaml")):
        place = project / "deployment" / "kubernetes" / path.relative_to(source / "deployment" / "kubernetes")
        content = path.read_text(encoding="utf-8")
        wanted = {**settings, **image}
        _write(place, content, {old: new for old, new in wanted.items() if old in content})
    _copy(source / "deployment" / "compose.yaml", project / "deployment" / "compose.yaml",
          {**settings, **image, "name: istmo\n": f"name: {answers.project}\n"})  # fmt: skip
    _pipelines(answers, source / "ci", project, _text(kit.installed_by("conformance")))


def _pipelines(answers: Project, source: Path, project: Path, installed: str) -> None:
    """Write the pipelines; the service that the kit's own files name is an example of a slug."""
    action, flow = source / "github" / "action.yml", source / "github" / "conformance.yml"
    example = next(slug for slug in slugs() if slug in flow.read_text(encoding="utf-8"))
    install = {"python -m pip install --quiet .": "python -m pip install --quiet --find-links vendor ."}
    app = f"{answers.package}.app:build"
    _copy(action, project / ACTION, {KIT: installed, example: answers.service, **_untold(action)})
    _copy(flow, project / FLOW, {example: answers.service, APP: app, **install, **_untold(flow)})
    changes = {KIT: installed, example: answers.service, 'ISTMO_APP: ""': f'ISTMO_APP: "{app}"', **install}
    _copy(source / "gitlab" / "conformance.gitlab-ci.yml", project / ".gitlab-ci.yml", changes)


def _untold(path: Path) -> dict[str, str]:
    """Return the line that tells where to copy a file: in a project it lies there."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return {line: "" for line in lines if line.startswith("# Copy it to ")}


def _text(value: str) -> str:
    """Return a text as a value of YAML on one line, quoted whatever it is."""
    return str(yaml.safe_dump(value, default_style='"', allow_unicode=True, width=10_000)).strip()


def _copy(source: Path, target: Path, changes: Mapping[str, str]) -> None:
    _write(target, source.read_text(encoding="utf-8"), changes)


def _write(target: Path, content: str, changes: Mapping[str, str]) -> None:
    for old, new in changes.items():
        if old not in content:
            raise KitError(
                "template", text("scaffold.template", file=target.name, what=old), text("scaffold.template-hint")
            )
        content = content.replace(old, new)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content, encoding="utf-8")
