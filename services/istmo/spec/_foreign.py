"""Reading a specification that somebody else wrote: in a process of its own, with limits of time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from istmo.errors import KitError
from istmo.paths import data
from istmo.spec._bundle import bundle_folder
from istmo.spec._json import JSON
from istmo.spec._refusal import refusal
from istmo.texts import language

__all__ = ["bundle_file"]

_MEMORY: Final = 1024 * 1024 * 1024
_SECONDS: Final = 30
_REFUSED: Final = 2


def bundle_file(path: Path | str, *, root: Path | None = None) -> dict[str, JSON]:
    """Return the self-contained document of a foreign file; it may refer only to files below its folder.

    A document that stands in the standard itself may refer to all of the standard.
    """
    start = Path(path).resolve()
    standard = data("specs").resolve()
    below = root or (standard if start.is_relative_to(standard) else start.parent)
    # -P keeps a hostile working directory out of the module path of the child.
    command = [sys.executable, "-P", "-m", "istmo.spec._foreign", str(start), str(below)]
    environment = {**os.environ, "ISTMO_LANG": language()}
    try:
        done = subprocess.run(  # noqa: S603 - the interpreter itself, and two paths as arguments
            command, env=environment, capture_output=True, timeout=_SECONDS + 5, check=False
        )
    except subprocess.TimeoutExpired:
        raise refusal("spec-isolated", file=start.name) from None
    return _answer(done, start)


def _answer(done: subprocess.CompletedProcess[bytes], start: Path) -> dict[str, JSON]:
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise refusal("spec-isolated", file=start.name) from None
    if done.returncode == _REFUSED:
        raise KitError(told["code"], told["message"], told["hint"])
    if done.returncode != 0:
        raise refusal("spec-isolated", file=start.name)
    found: dict[str, JSON] = told
    return found


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415 - absent on some systems, which then only have the time limit
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: str, root: str) -> int:
    """Bundle in this process and write the document, or the refusal, to standard output."""
    _limit()
    try:
        told: JSON = bundle_folder(Path(path), Path(root))
        code = 0
    except KitError as error:
        told, code = {"code": error.code, "message": error.message, "hint": error.hint}, _REFUSED
    except (RecursionError, MemoryError):
        return 1
    sys.stdout.write(json.dumps(told))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
