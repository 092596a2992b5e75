"""What a guide shows as a program does what the guide says."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

from istmo.runtime.keys import fit_to_sign

PAGE = Path(__file__).parents[1] / "docs/guides/production.md"


def program(word: str) -> str:
    """The one program of the guide that holds a word."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (found,) = (block for block in blocks if word in block)
    return str(found)


def run(source: str, *words: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", source, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_signing_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key.json"

    made = run(program("new_private_key"), path)
    before = path.read_bytes()
    again = run(program("new_private_key"), path)

    assert (made.returncode, made.stderr) == (0, "")
    assert fit_to_sign(json.loads(before))
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert again.returncode != 0
    assert path.read_bytes() == before


def test_a_copy_of_sqlite_is_whole_while_somebody_writes(tmp_path: Path) -> None:
    source, copy = tmp_path / "istmo.db", tmp_path / "copy.db"
    with sqlite3.connect(source) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE records (id INTEGER)")
        writer.executemany("INSERT INTO records VALUES (?)", [(number,) for number in range(1000)])
        writer.commit()
        writer.execute("INSERT INTO records VALUES (1000)")

        done = run(program("backup"), source, copy)

    assert (done.returncode, done.stderr) == (0, "")
    with sqlite3.connect(copy) as found:
        assert found.execute("SELECT count(*) FROM records").fetchone() == (1000,)
    writer.close()
    found.close()
