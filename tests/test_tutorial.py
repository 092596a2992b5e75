"""The tutorial is true: every command of it is run, every file of it is written, and it shows what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TUTORIAL = ROOT / "docs/tutorial"
LANGUAGES = {"en": "C.UTF-8", "es": "es_HN.UTF-8"}
BLOCK = re.compile(
    r"(?:^`(?P<place>[\w./]+)`(?P<how>,[^\n]*)?\n\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL
)
BEFORE = re.compile(r", (?:before|antes de) `(.+)`")


@dataclass(frozen=True)
class Step:
    """A block of the page: commands, what they show, or a file."""

    kind: str
    text: str
    place: str = ""
    how: str = ""


def steps(language: str) -> list[Step]:
    page = (TUTORIAL / f"{language}.md").read_text(encoding="utf-8")
    found = [Step(one["kind"], one["text"], one["place"] or "", one["how"] or "") for one in BLOCK.finditer(page)]
    assert len(found) * 2 == page.count("```"), "a block was not understood"
    return found


@dataclass
class Reader:
    """Somebody who does what the page says, in a folder of their own."""

    folder: Path
    environment: dict[str, str]
    said: str = ""
    done: list[str] = field(default_factory=list)

    def take(self, step: Step) -> None:
        """Do one block."""
        if step.place:
            self.write(step)
        elif step.kind == "text":
            for line in step.text.splitlines():
                assert line in self.said, f"{line!r} was not shown by {self.done[-1]!r}:\n{self.said[-2000:]}"
        else:
            for line in step.text.splitlines():
                self.run(line)

    def run(self, line: str) -> None:
        """Run a command; its end says `# fails` where it has to."""
        command, _, fails = line.partition("  # ")
        if command.startswith("cd "):
            self.folder = self.folder / command.removeprefix("cd ")
            return
        done = subprocess.run(
            command, shell=True, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
            timeout=900,
        )  # fmt: skip
        self.said = done.stdout + done.stderr
        self.done.append(command)
        assert (done.returncode != 0) == (fails == "fails"), f"{command}: {done.returncode}\n{self.said[-3000:]}"

    def write(self, step: Step) -> None:
        """Write a file, put lines before others, or take lines out."""
        file = self.folder / step.place
        before = BEFORE.fullmatch(step.how)
        text = file.read_text(encoding="utf-8") if step.how else ""
        if before:
            assert before[1] in text
            text = text.replace(before[1], step.text + before[1], 1)
        elif step.how:
            assert step.text in text
            text = text.replace(step.text, "")
        else:
            text = step.text
        file.write_text(text, encoding="utf-8")


def environment(home: Path, language: str) -> Iterator[tuple[str, str]]:
    """What a fresh account has."""
    yield from ((name, value) for name, value in os.environ.items() if name.startswith(("UV_", "PIP_", "SSL_")))
    cache = Path("~/.cache").expanduser()  # so that nothing is fetched twice
    yield from {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(home), "LANG": LANGUAGES[language],
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR") or str(cache / "uv"),
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR") or str(cache / "pip"),
    }.items()  # fmt: skip


@pytest.mark.parametrize("language", ["en", pytest.param("es", marks=pytest.mark.slow)])
def test_who_follows_the_tutorial_gets_where_it_says(language: str, tmp_path: Path) -> None:
    (tmp_path / "istmo").symlink_to(ROOT)
    reader = Reader(tmp_path, dict(environment(tmp_path, language)))

    for step in steps(language):
        reader.take(step)

    assert len(reader.done) >= 10


def test_both_languages_ask_for_the_same() -> None:
    english, spanish = steps("en"), steps("es")

    assert [(one.kind, one.place) for one in english] == [(one.kind, one.place) for one in spanish]
    assert [one.text for one in english if one.kind != "text"] == [one.text for one in spanish if one.kind != "text"]
