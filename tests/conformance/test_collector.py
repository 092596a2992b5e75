"""The garbage collector looks less often during a run, and as before after it."""

from __future__ import annotations

import gc
import subprocess
import sys

from istmo_conformance import collector


def test_a_run_leaves_the_collector_as_it_was() -> None:
    found, before = gc.get_threshold(), (900, 11, 12)  # a command that ran in this process has set its own
    gc.set_threshold(*before)
    try:
        with collector.unhurried():
            assert gc.get_threshold()[0] > before[0]
        assert gc.get_threshold() == before
    finally:
        gc.set_threshold(*found)


def test_a_process_that_ends_does_not_look_any_more() -> None:
    code = (
        "import atexit, gc; from istmo_conformance import collector\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "collector.look_seldom(); collector.look_seldom(); print(gc.get_freeze_count() > 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
