"""What a nation does on its first day, from a wheel alone: make a project, test it, serve it, check it, break a rule."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from istmo.names import kebab
from istmo.spec import catalogue, countries

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://[0-9.]+:[0-9]+")
# Three that differ in language, currencies, time zone and forms of identifiers; the others are slow tests.
TRIED = ("HN", "PA", "BZ")
EVERY = [
    pytest.param(entry.slug, country, marks=[] if country in TRIED else [pytest.mark.slow])
    for entry in catalogue()
    for country in countries()
]


@dataclass(frozen=True)
class Kit:
    """The kit installed from its wheel, far from the checkout."""

    bin: Path
    home: Path

    def environment(self) -> dict[str, str]:
        """What a fresh account has, and nothing of the tests' own."""
        kept = {name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_", "SSL_"))}
        return {**kept, "PATH": os.environ["PATH"], "HOME": str(self.home), "ISTMO_LANG": "en"}

    def run(self, *words: str | Path, folder: Path, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        done = subprocess.run(
            [str(word) for word in words], cwd=folder, env=self.environment(), capture_output=True, text=True,
            check=False, timeout=600,
        )  # fmt: skip
        assert not ok or done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """A fresh environment with the wheel of this checkout, and what the scaffold needs."""
    folder = tmp_path_factory.mktemp("kit")
    script = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", script, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    wheel = folder / built.stdout.strip().splitlines()[-1]
    found = Kit(folder / "venv" / "bin", folder / "home")
    found.home.mkdir()
    cache = os.environ.get("UV_CACHE_DIR") or str(Path("~/.cache/uv").expanduser())
    os.environ.setdefault("UV_CACHE_DIR", cache)  # what is installed again and again is fetched once
    if shutil.which("uv"):
        found.run("uv", "venv", "--quiet", "--python", sys.executable, found.bin.parent, folder=folder)
        found.run("uv", "pip", "install", "--quiet", "--python", found.bin / "python", f"{wheel}[scaffold]", folder=folder)
    else:
        found.run(sys.executable, "-m", "venv", found.bin.parent, folder=folder)
        found.run(found.bin / "python", "-m", "pip", "install", "--quiet", f"{wheel}[scaffold]", folder=folder)
    return found


@contextmanager
def served(kit: Kit, project: Path, slug: str, country: str) -> Iterator[str]:
    """Serve the project as `make run` does, on a free port; yields the address."""
    words = [project / ".venv/bin/istmo", "serve", slug, "--country", country, "--port", "0"]
    words += ["--database", "sqlite:///:memory:"]
    with subprocess.Popen(
        [str(word) for word in words], cwd=project, env=kit.environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield next(found[0] for line in process.stdout if (found := ADDRESS.search(line)))
        finally:
            process.terminate()


def verdict(kit: Kit, project: Path, address: str, slug: str, *only: str) -> tuple[int, dict[str, str]]:
    """The exit code of a check over HTTP, and the verdict on each requirement."""
    words: list[str | Path] = [project / ".venv/bin/istmo", "check", address, "--service", slug, "--output", "checked"]
    done = kit.run(*words, *(word for one in only for word in ("--select", one)), folder=project, ok=False)
    report = json.loads((project / "checked/report.json").read_text(encoding="utf-8"))
    return done.returncode, {one["id"]: one["verdict"] for one in report["requirements"]}


def lost(slug: str) -> dict[str, str]:
    """Read which rule of a room a nation loses here, and the requirement that must turn red: the room brings it."""
    found: dict[str, str] = yaml.safe_load((ROOT / "tests/services" / slug / "lost.yaml").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(("slug", "country"), EVERY)
def test_a_project_conforms_as_it_is_and_turns_red_where_a_rule_is_lost(
    slug: str, country: str, kit: Kit, tmp_path: Path
) -> None:
    kit.run(kit.bin / "istmo", "new", slug, "--country", country, folder=tmp_path)
    project = tmp_path / f"{country.lower()}-{kebab(slug)}"

    tested = kit.run("make", "test", folder=project)
    with served(kit, project, slug, country) as address:
        code, right = verdict(kit, project, address, slug)
    rule = lost(slug)
    room = next(project.glob(f"src/*/{slug}")) / rule["file"]
    text = room.read_text(encoding="utf-8")
    assert rule["old"] in text
    room.write_text(text.replace(rule["old"], rule["new"]), encoding="utf-8")
    with served(kit, project, slug, country) as address:
        code_then, wrong = verdict(kit, project, address, slug, slug)

    assert re.search(r"\d+ passed", tested.stdout)
    assert code == 0
    assert right[rule["requirement"]] == "pass"
    assert code_then == 1
    assert [one for one, word in wrong.items() if word == "fail"] == [rule["requirement"]]


def test_a_bare_project_says_what_is_left_and_is_not_conformant(kit: Kit, tmp_path: Path) -> None:
    slug = catalogue()[0].slug
    kit.run(kit.bin / "istmo", "new", slug, "--country", "HN", "--bare", "--project", "bare", folder=tmp_path)
    project = tmp_path / "bare"

    kit.run("make", "test", folder=project)
    checked = kit.run("make", "check", folder=project, ok=False)

    report = json.loads((project / "reports/report.json").read_text(encoding="utf-8"))
    assert checked.returncode != 0
    assert report["verdict"] != "conformant"
    assert "- [ ]" in (project / "CHECKLIST.md").read_text(encoding="utf-8")
