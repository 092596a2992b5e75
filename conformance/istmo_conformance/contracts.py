"""Contracts that services serve, read in processes of their own because a stranger wrote them."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from istmo import spec as specs
from istmo.spec import Reading

JSON: TypeAlias = Any


def bundled(body: bytes) -> dict[str, JSON]:
    """The self-contained document of a served contract."""
    with _file(body) as file:
        return specs.bundle_file(file)


class Contracts:
    """What is wrong with served contracts; finding it out takes most of a second, so one can begin ahead."""

    def __init__(self) -> None:
        self._begun: tuple[bytes, Reading] | None = None

    @contextlib.contextmanager
    def looked_at(self, body: bytes) -> Iterator[None]:
        """Look at a contract while other things are done; an empty one is nobody's."""
        with contextlib.ExitStack() as ends:
            if body:
                with contextlib.suppress(OSError):  # then it is done, or told, when somebody asks
                    self._begun = body, ends.enter_context(specs.validation(ends.enter_context(_file(body))))
            try:
                yield
            finally:
                self._begun = None

    def faults(self, body: bytes) -> list[str]:
        """What makes a contract no valid OpenAPI 3.1 document, each with its place."""
        if self._begun is not None and self._begun[0] == body:
            (_, reading), self._begun = self._begun, None  # a result is told once
            found: list[str] = reading.result()
            return found
        with _file(body) as file:
            return specs.faults_of(file)


@contextlib.contextmanager
def _file(body: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="istmo-") as folder:
        file = Path(folder) / "openapi.json"
        file.write_bytes(body)
        yield file
