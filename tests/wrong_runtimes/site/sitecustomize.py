"""Spoils every Python that a judged test starts: only their environment has this folder on its path."""

from __future__ import annotations

import os
import traceback

name = os.environ.get("ISTMO_TEST_WRONG_RUNTIME")
if name:
    try:
        from tests.wrong_runtimes._register import spoil

        spoil(name)
    except BaseException:  # noqa: BLE001 - Python would go on with the right runtime, and prove nothing
        traceback.print_exc()
        os._exit(70)
