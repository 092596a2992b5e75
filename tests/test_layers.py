"""Who may import whom: read from the sources themselves, as a second opinion beside the import contracts."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOMES = {
    "istmo": ROOT / "services/istmo",
    "istmo_services": ROOT / "services/istmo_services",
    "istmo_conformance": ROOT / "conformance/istmo_conformance",
}
# Package -> what it must never import, not even inside a function.
FORBIDDEN = {
    "istmo": {"istmo_services", "istmo_conformance"},
    "istmo_services": {"istmo_conformance", "istmo.cli"},
    "istmo_conformance": {"istmo_services", "istmo.runtime"},
}


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("package", FORBIDDEN)
def test_no_package_looks_upwards(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in HOMES[package].rglob("*.py")
        for name in imported(path)
        for banned in FORBIDDEN[package]
        if name == banned or name.startswith(banned + ".")
    ]

    assert wrong == []


def test_the_suite_does_not_even_name_the_rooms() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in HOMES["istmo_conformance"].rglob("*.py")
        if "istmo_services" in path.read_text(encoding="utf-8")
    ]

    assert wrong == []


def test_the_kernel_knows_no_service_by_name() -> None:
    slugs = [path.parent.name for path in (ROOT / "specs").glob("*/service.yaml")]
    texts = HOMES["istmo"] / "texts"
    wrong = [
        f"{path.relative_to(ROOT)} names {slug}"
        for path in HOMES["istmo"].rglob("*.py")
        # Examples in the help of commands name a service, as examples must.
        if path.parent != texts
        for slug in slugs
        if any(
            isinstance(node, ast.Constant) and node.value == slug
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]

    assert wrong == []


def test_the_import_contracts_hold() -> None:
    tool = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
