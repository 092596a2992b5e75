"""What a linter cannot say: reasons beside exceptions, no leftovers, nothing that points outside the project."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).name
SUFFIXES = {".py", ".md", ".yaml", ".yml", ".toml", ".json", ".csv", ".feature", ".css", ".j2", ".mjs", ""}
LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK)\b")
# An exception to a rule with nothing behind it but the code of the rule.
BARE = re.compile(r"#\s*(noqa(:\s*[A-Z0-9, ]+)?|type:\s*ignore(\[[a-z-, ]+\])?)\s*$")
CODES_ONLY = re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:)")


def texts() -> dict[str, str]:
    """Every text file that belongs to the project."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    paths = [ROOT / name for name in names if name and Path(name).suffix in SUFFIXES and Path(name).name != HERE]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths if path.is_file()}


def lines(pattern: re.Pattern[str], suffix: str = "") -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts().items()
        if name.endswith(suffix)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_every_exception_to_a_rule_gives_its_reason() -> None:
    assert [line for line in lines(BARE, ".py") if "/models/" not in line] == []


def test_every_exception_names_its_rule() -> None:
    assert lines(CODES_ONLY, ".py") == []


def test_nothing_was_left_behind() -> None:
    assert lines(LEFTOVER) == []


def test_files_are_tidy() -> None:
    wrong = [name for name, text in texts().items() if text and (not text.endswith("\n") or "\r" in text)]

    assert wrong == []


def test_no_test_is_skipped() -> None:
    # The suite itself skips a scenario where a profile has no such thing; a test of ours never does.
    found = lines(re.compile(r"pytest\.(mark\.(skip|xfail)|skip\(|xfail\()"), ".py")

    assert [line for line in found if line.startswith("tests/")] == []
