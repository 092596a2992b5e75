"""What the suite sent in one run over HTTP, told by scenario and step, for somebody else to send again.

`python -m tests.bench._recording ADDRESS SLUG FOLDER` runs the suite, watched, and writes what it sent into the folder.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ._replay import Recorder

if TYPE_CHECKING:
    from istmo.spec import Operation
    from istmo_conformance.client import Answer, Client, Request

JSON = Any
CALLS, DOCUMENT, FEATURE = "calls.json", "openapi.json", "recorded.feature"


@dataclass
class Recording:
    """The steps of each scenario, and how many exchanges had been made when each of them ended."""

    ends: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    steps: list[tuple[str, int]] = field(default_factory=list)
    recorders: list[Recorder] = field(default_factory=list)
    operations: dict[int, Operation] = field(default_factory=dict)

    def step(self, kind: str) -> None:
        """A step has ended."""
        self.steps.append((kind, len(self.recorders[-1].exchanges)))

    def scenario(self, name: str) -> None:
        """A scenario has ended; what was still sent after its last step belongs to it."""
        if self.steps:
            self.steps[-1] = (self.steps[-1][0], len(self.recorders[-1].exchanges))
        self.ends[name], self.steps = self.steps, []


@contextmanager
def _watching(recording: Recording) -> Iterator[None]:
    """Watch steps and client; the suite must not know that it is watched."""
    from istmo_conformance import plugin, vocabulary
    from istmo_conformance.target import Target

    performed, opened = vocabulary.perform, Target.open

    def performing(kind: str, *given: Any, **named: Any) -> None:
        try:
            performed(kind, *given, **named)
        finally:
            recording.step(kind)

    def opening(target: Target) -> Client:
        recording.recorders.append(Recorder(opened(target)))
        return recording.recorders[-1]

    setattr(plugin, "perform", performing)
    setattr(Target, "open", opening)
    try:
        yield
    finally:
        setattr(plugin, "perform", performed)
        setattr(Target, "open", opened)


def record(address: str, slug: str, folder: Path) -> None:
    """Run the suite against an address and write what it sent into a folder."""
    from istmo_conformance.runner import run
    from istmo_conformance.target import Target

    recording = Recording()
    with _watching(recording), tempfile.TemporaryDirectory() as output:
        run(
            Target.url(address, slug), Path(output),
            progress=lambda name, *_: recording.scenario(name),
            heard=lambda one, _: recording.operations.update(
                {} if one.operation is None else {id(one.answer): one.operation}
            ),
        )  # fmt: skip
    _write(recording, slug, folder)


def _write(recording: Recording, slug: str, folder: Path) -> None:
    from istmo import spec as specs

    exchanges = recording.recorders[-1].exchanges
    told = [[_told(recording, *pair) for pair in zip(*one, strict=True)] for one in exchanges]
    (folder / CALLS).write_text(json.dumps(told), encoding="utf-8")
    (folder / DOCUMENT).write_text(json.dumps(specs.spec(slug).document), encoding="utf-8")
    lines, made = ["Feature: What was recorded", ""], 0
    for name, steps in recording.ends.items():
        lines.append(f"  Scenario: {name}")
        for kind, end in steps:
            sentence = f"calls {made + 1} to {end} are made" if end > made else "the answers are as they should be"
            lines.append(f"    {kind.title()} {sentence}")
            made = max(made, end)
        lines.append("")
    (folder / FEATURE).write_text("\n".join(lines), encoding="utf-8")


def _told(recording: Recording, request: Request, answer: Answer) -> JSON:
    """One call and its answer: what to send, and what must come back."""
    operation = recording.operations.get(id(answer))
    declared = operation.response(answer.status) if operation and operation.method == request.method else None
    schema = declared.media.get(answer.media_type) if declared and answer.is_json else None
    return {
        "method": request.method, "path": request.path, "headers": request.headers,
        "body": request.body.decode("latin-1"), "status": answer.status,
        "schema": quote(schema, safe="#/~") if schema else "",
        "answer": answer.body.decode("latin-1") if answer.is_json else "",
    }  # fmt: skip


if __name__ == "__main__":
    record(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
