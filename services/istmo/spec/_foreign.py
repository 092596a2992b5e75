"""Reading a specification that somebody else wrote: in a process of its own, with limits of time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import ClassVar, Final

from istmo.errors import KitError
from istmo.paths import data
from istmo.spec._bundle import bundle_folder
from istmo.spec._json import JSON
from istmo.spec._refusal import plain, refusal
from istmo.texts import language

__all__ = ["bundle_file", "faults_of"]

_MEMORY: Final = 1024 * 1024 * 1024
_SECONDS: Final = 30
_PATIENCE: Final = 12  # times the processor time: a busy machine must not be held against a document
_REFUSED: Final = 2
_MOST: Final = 20  # faults that are listed


def bundle_file(path: Path | str, *, root: Path | None = None) -> dict[str, JSON]:
    """Return the self-contained document of a foreign file; it may refer only to files below its folder.

    A document that stands in the standard itself may refer to all of the standard.
    """
    start = Path(path).resolve()
    standard = data("specs").resolve()
    below = root or (standard if start.is_relative_to(standard) else start.parent)
    found: dict[str, JSON] = _aside("bundle", start, below, _SECONDS)
    return found


def faults_of(path: Path | str, seconds: int = 10) -> list[str]:
    """Return what makes a self-contained file no valid OpenAPI 3.1 document, each with its place, the first 20."""
    start = Path(path).resolve()
    found: list[str] = _aside("validate", start, start.parent, seconds)
    return found


def _aside(work: str, start: Path, below: Path, seconds: int) -> JSON:
    """Do something with a file in another process: what it burns, allocates or crashes on is not ours."""
    # -P keeps a hostile working directory out of the module path of the child.
    command = [sys.executable, "-P", "-m", "istmo.spec._foreign", work, str(start), str(below), str(seconds)]
    environment = {**os.environ, "ISTMO_LANG": language()}
    try:
        done = subprocess.run(  # noqa: S603 - the interpreter itself, and two paths as arguments
            command, env=environment, capture_output=True, timeout=seconds * _PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:  # the processor time was not used up, so the document is not to blame
        raise refusal("spec-waited", file=start.name) from None
    return _answer(done, start)


def _answer(done: subprocess.CompletedProcess[bytes], start: Path) -> JSON:
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise refusal("spec-isolated", file=start.name) from None
    if done.returncode == _REFUSED:
        raise KitError(told["code"], told["message"], told["hint"])
    if done.returncode != 0:
        raise refusal("spec-isolated", file=start.name)
    return told


def _limit(seconds: int) -> None:
    try:
        import resource  # noqa: PLC0415 - absent on some systems, which then only have the time limit
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _validate(document: JSON) -> list[str]:
    """Hold a document against OpenAPI 3.1; nothing that it names is ever opened."""
    from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: PLC0415 - only the child needs it

    class Closed(OpenAPIV31SpecValidator):
        resolver_handlers: ClassVar[dict[str, JSON]] = {}  # type: ignore[misc] # the base declares it on instances

    found = []
    for error in Closed(document).iter_errors():
        found.append(f"/{'/'.join(map(str, error.absolute_path))}: {plain(error.message)}")
        if len(found) >= _MOST:
            break
    return found


def main(work: str, path: str, root: str, seconds: str) -> int:
    """Bundle or validate in this process and write the document, the faults or the refusal to standard output."""
    _limit(int(seconds))
    try:
        told: JSON = bundle_folder(Path(path), Path(root))
        if work == "validate":
            told = _validate(told)
        code = 0
    except KitError as error:
        told, code = {"code": error.code, "message": error.message, "hint": error.hint}, _REFUSED
    except (RecursionError, MemoryError):
        return 1
    sys.stdout.write(json.dumps(told))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
