"""Rooms that tell by their time what their words conceal."""

from __future__ import annotations

import time
from typing import Any

from tests.parts import Parts
from tests.wrong_runtimes._register import wrong

REGISTER = "istmo_services.civil_certificates.register"
SEARCH = 0.15  # seconds of work in an archive


@wrong(
    "civil_certificates/no-record-takes-as-long",
    "What is not in the register is looked for in an archive.",
    "tests/services/civil_certificates/test_certificates.py::"
    "test_a_rejection_takes_as_long_whether_an_entry_exists_or_not",
)
def archive_searched_for_the_unknown(runtime: Parts) -> None:
    right = runtime.original(REGISTER, "look_up")

    names = runtime.original("istmo_services.civil_certificates.rules", "full_name")

    async def look_up(work: Any, request: Any, *more: Any, **named: Any) -> Any:
        known = await work.find("entry-names", name=names(request["about"]["person"]["name"]), limit=1)
        if not known:
            until = time.process_time() + SEARCH
            while time.process_time() < until:
                pass
        return await right(work, request, *more, **named)

    runtime.replace(REGISTER, look_up=look_up)
