"""Rewrite the expected results and print what changed: `python -m tests.conformance.expected`."""

from __future__ import annotations

from tests.conformance import expected

for line in expected.write() or ["nothing changed"]:
    print(line)  # noqa: T201 - this is a command
