"""What stands in `templates/deployment`, read as data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from istmo.runtime.settings import SECRETS, Limits, Settings

ROOT = Path(__file__).parents[2]
HOME = ROOT / "templates/deployment"
CONTAINERFILE = HOME / "Containerfile"
COMPOSE = HOME / "compose.yaml"
KUBERNETES = HOME / "kubernetes"
README = HOME / "README.md"
# Every variable that the kit reads; ISTMO_LANG is the command line's.
VARIABLES = {
    *(f"ISTMO_{name.upper()}" for name in Settings.model_fields if name != "limits"),
    *(f"ISTMO_LIMIT_{name.upper()}" for name in Limits.model_fields),
    SECRETS,
    "ISTMO_LANG",
}
# What an agency writes in the place of each placeholder.
FILLED = {
    "ISTMO_COUNTRY": "HN",
    "ISTMO_OPERATOR": "Registro Nacional",
    "ISTMO_CONTACT": "services@agency.test",
    "ISTMO_BASE_URL": "https://services.agency.test",
    "ISTMO_HOSTS": "services.agency.test",
    "ISTMO_PROXIES": "127.0.0.1",
    "ISTMO_ISSUER": "https://id.agency.test",
    "ISTMO_AUDIENCE": "urn:agency:services",
}


@dataclass(frozen=True)
class Instruction:
    """One instruction of a container file, with the number of the stage that it belongs to."""

    stage: int
    word: str
    rest: str

    @property
    def command(self) -> list[str]:
        """The words of an instruction in exec form."""
        words = json.loads(self.rest[self.rest.index("[") :])
        assert all(isinstance(word, str) for word in words)
        return list(words)


def instructions() -> list[Instruction]:
    """The instructions of the container file; comments are gone, continued lines are joined."""
    lines = [line for line in CONTAINERFILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found, stage = [], -1
    for line in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            stage += word == "FROM"
            found.append(Instruction(stage, word, rest.strip()))
    return found


def one(word: str) -> Instruction:
    """The only instruction of a kind in the last stage."""
    last = max(item.stage for item in instructions())
    (found,) = (item for item in instructions() if item.word == word and item.stage == last)
    return found


def image_environment() -> dict[str, str]:
    """What the image sets."""
    return dict(pair.split("=", 1) for pair in one("ENV").rest.split())


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return document


def files() -> list[Path]:
    """The manifests, without the lists of them."""
    return sorted(path for path in KUBERNETES.rglob("*.yaml") if path.name != "kustomization.yaml")


def manifests() -> list[dict[str, Any]]:
    return [document for path in files() for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def kind(name: str) -> list[dict[str, Any]]:
    return [document for document in manifests() if document["kind"] == name]


def pods() -> list[dict[str, Any]]:
    """The templates of pods."""
    found = [document["spec"]["template"] for document in [*kind("Deployment"), *kind("Job")]]
    assert len(found) == 2
    return found


def containers() -> Iterator[dict[str, Any]]:
    for pod in pods():
        yield from pod["spec"]["containers"]


def compose_settings() -> dict[str, str]:
    return dict(compose()["services"]["istmo"]["environment"])


def cluster_settings() -> dict[str, str]:
    (found,) = kind("ConfigMap")
    return dict(found["data"])
