"""The documentation is true: links lead somewhere, commands exist and do what the page says."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from istmo.cli.table import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", "build", "dist", "reports", "node_modules"} & set(path.relative_to(ROOT).parts)
    and "{{" not in str(path)  # pages of projects are true where they are rendered: tests/istmo/scaffold
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(path: Path) -> Iterator[list[str]]:
    """The command lines of a page: those of its code blocks that begin with `istmo` or `make`."""
    for _, block in FENCE.findall(path.read_text(encoding="utf-8")):
        for line in block.splitlines():
            words = line.removeprefix("$ ")
            if words.startswith(("istmo ", "make ")) and not re.match(r"istmo: ", words):
                yield shlex.split(words, comments=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [target.partition("#")[0] for target in LINK.findall(text) if "://" not in target]

    assert [target for target in targets if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_in_a_page_exists(page: Path) -> None:
    makefiles = [ROOT / "Makefile", *(ROOT / "templates" / "service").glob("*/Makefile")]
    targets = set(re.findall(r"^([a-z-]+):", "".join(file.read_text("utf-8") for file in makefiles), re.MULTILINE))
    for program, *words in commands(page):
        first = next((word for word in words if not word.startswith("-") and "=" not in word), None)
        known = targets if program == "make" else {*COMMANDS, "COMMAND"}
        assert first is None or first in known, (program, words)


def test_every_option_in_a_page_exists() -> None:
    from click import Context, Group

    from istmo.cli._main import load

    known: set[str] = {"--lang", "--help", "--version"}
    for place in COMMANDS.values():
        command = load(place)
        below = list(command.commands.values()) if isinstance(command, Group) else []
        for one in (command, *below):
            known |= {name for parameter in one.get_params(Context(one)) for name in parameter.opts}
    wrong = [
        (str(page.relative_to(ROOT)), word)
        for page in PAGES
        for program, *words in commands(page)
        if program == "istmo"
        for word in words
        if word.startswith("-") and word.partition("=")[0] not in known
    ]

    assert wrong == []


def test_every_command_is_described() -> None:
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")

    assert [word for word in COMMANDS if f"## istmo {word}" not in page and f"`istmo {word}`" not in page] == []


def test_what_the_readme_shows_of_the_catalogue_is_what_is_printed() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = next(block for _, block in FENCE.findall(readme) if block.startswith("$ istmo services\n"))
    command = [sys.executable, "-m", "istmo", "services", "--lang", "en"]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert block.partition("\n")[2].strip() == done.stdout.strip()


def test_the_error_that_the_reference_shows_is_what_is_printed() -> None:
    page = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
    command = [sys.executable, "-m", "istmo", "serve", "civil_certificate", "--lang", "en"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.strip() in page


def test_make_lists_its_targets() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)

    for target in ("demo", "test", "lint", "types", "check", "kill-matrix"):
        assert re.search(rf"^  {target} ", done.stdout, re.MULTILINE), target


def test_every_code_of_an_error_is_in_the_reference() -> None:
    page = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
    codes: dict[str, str] = {}
    for place in ("services", "conformance/istmo_conformance"):
        for path in (ROOT / place).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                    code = node.args[0]
                    if node.func.id in {"KitError", "Undecided", "Gone", "refusal"} and isinstance(code, ast.Constant):
                        codes[str(code.value)] = str(path.relative_to(ROOT))

    assert {code: path for code, path in codes.items() if f"`{code}`" not in page} == {}
