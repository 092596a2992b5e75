"""A process in which everything costly is loaded once, and from which each judgement is forked.

The runtime and the rooms are left out: a wrong variant replaces parts of them before anything else is imported.
Spoken to in JSON lines: `{"arguments": [...], "said": FILE}` in, `{"code": N}` out.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
from pathlib import Path

# What a check loads besides the runtime and the rooms.
COSTLY = (
    "fastapi", "fastapi.telemetry", "fontTools.subset", "fpdf", "httpx2", "joserfc.jws", "joserfc.jwt", "jsonschema",
    "jsonschema_rs", "openapi_spec_validator", "pydantic_settings", "pypdf", "pytest", "pytest_bdd", "python_multipart",
    "rfc8785", "yaml", "istmo.cli.command", "istmo.spec", "istmo_conformance.asgi", "istmo_conformance.commands.check",
    "istmo_conformance.commands._progress", "istmo_conformance.commands._summary", "istmo_conformance.runner",
    "istmo_conformance.steps", "istmo_conformance.plugin", "tests.wrong_services.apps",
)  # fmt: skip
LIMIT = 240  # seconds: far above what a run takes, so that a hang is a failure of the matrix and not of patience


def warm() -> None:
    """Load the code, and read the specifications into their caches."""
    for name in COSTLY:
        importlib.import_module(name)
    from istmo import spec

    for entry in spec.catalogue():
        spec.spec(entry.slug)
        for language in ("en", "es"):
            spec.bundle(entry.slug, language=language)
    for code in spec.countries():
        spec.profile(code)
    from istmo.paths import data
    from istmo_conformance import needs

    for entry in spec.catalogue():  # reads every feature and every sentence in it
        needs.by_requirement(needs.survey(data("conformance") / "features", spec.spec(entry.slug)))


def judge(arguments: list[str], said: Path) -> None:
    """Run the command line in this process and end it; never returns."""
    code = 2
    try:
        with said.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        from istmo.cli import main

        code = main(arguments)
        sys.stdout.flush()
    finally:
        os._exit(code)


def wait(child: int) -> int:
    """Return the exit code of a child; one that hangs is killed and counts as the signal."""
    descriptor = os.pidfd_open(child)
    ready, _, _ = select.select([descriptor], [], [], LIMIT)
    os.close(descriptor)
    if not ready:
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Fork a child for each line."""
    warm()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            judge(order["arguments"], Path(order["said"]))
        sys.stdout.write(json.dumps({"code": wait(child)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
