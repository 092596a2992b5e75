"""The files of a deployment as their own tools read them, and that these tools would have found a fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.templates.deployment import COMPOSE, CONTAINERFILE, HOME, KUBERNETES, ROOT, files

BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
YAML = sorted([*HOME.rglob("*.yaml"), *WORKFLOWS])
STYLE = """{extends: default, rules: {document-start: disable, truthy: {check-keys: false},
  line-length: {max: 120}, octal-values: {forbid-implicit-octal: true, forbid-explicit-octal: true}}}"""
# The oldest cluster whose pods can pause without a shell, and the newest that the schemas know.
CLUSTERS = ("1.30", "1.37")


def lint(tool: str, *words: str | Path) -> tuple[int, str]:
    done = subprocess.run([BIN / tool, *words], capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


def broken(path: Path, old: str, new: str, folder: Path) -> Path:
    """A copy of a file with one thing changed."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    copy = folder / path.name
    copy.write_text(text.replace(old, new), encoding="utf-8")
    return copy


def test_the_container_file_has_no_finding() -> None:
    code, said = lint("hadolint", "--no-color", "--failure-threshold", "style", CONTAINERFILE)

    assert (code, said) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("FROM python:3.12-slim-bookworm AS build", "FROM python:latest AS build", "DL3007"),
        ("USER 10001:10001", "USER root", "DL3002"),
        ("WORKDIR /opt/istmo", "WORKDIR opt", "DL3000"),
        ('CMD ["istmo", "serve"', 'CMD istmo serve "$PORT" # [', "DL3025"),
    ],
)
def test_a_fault_in_the_container_file_would_be_found(old: str, new: str, rule: str, tmp_path: Path) -> None:
    code, said = lint("hadolint", "--no-color", broken(CONTAINERFILE, old, new, tmp_path))

    assert code == 1
    assert rule in said


def test_the_compose_file_fits_its_schema() -> None:
    code, said = lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)

    assert code == 0, said


def test_a_fault_in_the_compose_file_would_be_found(tmp_path: Path) -> None:
    wrong = broken(COMPOSE, "depends_on:", "dependson:", tmp_path)

    code, said = lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", wrong)

    assert code == 1
    assert "dependson" in said


@pytest.mark.parametrize("version", CLUSTERS)
def test_every_manifest_fits_its_schema(version: str) -> None:
    code, said = lint("kubernetes-validate", "--strict", "-k", version, *files())

    assert code == 0, said
    assert said.count("passed for resource") == sum(path.read_text("utf-8").count("\nkind: ") for path in files())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("maxUnavailable: 0", "maxUnavailables: 0"),
        ("containerPort: 8000", "containerPort: http"),
        ("      containers:\n", "      container:\n"),
    ],
)
def test_a_fault_in_a_manifest_would_be_found(old: str, new: str, tmp_path: Path) -> None:
    wrong = broken(KUBERNETES / "service/deployment.yaml", old, new, tmp_path)

    code, said = lint("kubernetes-validate", "--strict", "-k", CLUSTERS[0], wrong)

    assert code != 0
    assert "did not validate" in said


def test_the_yaml_is_tidy() -> None:
    code, said = lint("yamllint", "--strict", "--format", "parsable", "-d", STYLE, *YAML)

    assert (code, said) == (0, "")


def test_untidy_yaml_would_be_found(tmp_path: Path) -> None:
    wrong = broken(COMPOSE, "restart: unless-stopped", "restart: unless-stopped\n    restart: always", tmp_path)

    assert "duplication of key" in lint("yamllint", "--strict", "-d", STYLE, wrong)[1]


def test_the_workflows_fit_their_schema() -> None:
    assert WORKFLOWS
    code, said = lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)

    assert code == 0, said
