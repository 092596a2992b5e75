"""Rewrite the expected results and print what changed: `python -m tests.conformance.expected [SLUG...]`."""

from __future__ import annotations

import sys

from tests.conformance import expected

for line in expected.write(*sys.argv[1:]) or ["nothing changed"]:
    print(line)  # noqa: T201 - this is a command
