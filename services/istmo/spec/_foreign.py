"""Reading a specification that somebody else wrote: in a process of its own, with limits of time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import ClassVar, Final, Self

from istmo.errors import KitError
from istmo.paths import data
from istmo.spec._bundle import bundle_folder
from istmo.spec._json import JSON
from istmo.spec._refusal import plain, refusal
from istmo.texts import language

__all__ = ["Reading", "bundle_file", "faults_of", "validation"]

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
    with Reading("bundle", start, below, _SECONDS) as reading:
        found: dict[str, JSON] = reading.result()
    return found


def faults_of(path: Path | str, seconds: int = 10) -> list[str]:
    """Return what makes a self-contained file no valid OpenAPI 3.1 document, each with its place, the first 20."""
    with validation(path, seconds) as reading:
        found: list[str] = reading.result()
    return found


def validation(path: Path | str, seconds: int = 10) -> Reading:
    """Begin to find out what `faults_of` returns; it is the result of the reading."""
    start = Path(path).resolve()
    return Reading("validate", start, start.parent, seconds)


class Reading:
    """A file that another process reads: what it burns, allocates or crashes on is not ours.

    It goes on by itself until its result is asked for, and no longer than the block in which it is used.
    """

    def __init__(self, work: str, start: Path, below: Path, seconds: int) -> None:
        # -P keeps a hostile working directory out of the module path of the child.
        command = [sys.executable, "-P", "-m", "istmo.spec._foreign", work, str(start), str(below), str(seconds)]
        self._file = start.name
        self._patience = seconds * _PATIENCE
        self._child = subprocess.Popen(  # noqa: S603 - the interpreter itself, and two paths as arguments
            command,
            env={**os.environ, "ISTMO_LANG": language()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._child:  # waits for the process, and closes what it wrote into
            self._child.kill()

    def result(self) -> JSON:
        """Return what the process found, once; whatever it refuses, and its death, is a `KitError`."""
        try:
            said, _ = self._child.communicate(timeout=self._patience)
        except subprocess.TimeoutExpired:  # the processor time was not used up, so the document is not to blame
            raise refusal("spec-waited", file=self._file) from None
        try:
            told = json.loads(said)
        except ValueError:
            raise refusal("spec-isolated", file=self._file) from None
        if self._child.returncode == _REFUSED:
            raise KitError(told["code"], told["message"], told["hint"])
        if self._child.returncode != 0:
            raise refusal("spec-isolated", file=self._file)
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
