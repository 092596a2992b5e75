"""What goes wrong while somebody else resets the sandbox is held against nobody."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from istmo_conformance.report.verify import verify
from tests.cli.conftest import Done
from tests.cli.test_serve import serving

Run = Callable[..., Done]
SLUG = "civil_certificates"


@contextmanager
def disturbing(origin: str) -> Iterator[None]:
    """Reset the sandbox as often as another run does."""
    over = threading.Event()

    def reset() -> None:
        headers = {"Content-Type": "application/json"}
        while not over.wait(0.02):
            asked = urllib.request.Request(f"{origin}/_sandbox/reset", b"{}", headers, method="POST")
            urllib.request.urlopen(asked, timeout=10).close()

    thread = threading.Thread(target=reset)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_right_service_fails_nothing_while_another_run_uses_its_sandbox(istmo: Run, tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    output = tmp_path / "out"
    with serving(tmp_path / "served", "serve", SLUG, ISTMO_LOG="false") as (_, origin), disturbing(origin):
        done = istmo("check", origin, "--service", SLUG, "--output", str(output))
    found = json.loads((output / "report.json").read_text(encoding="utf-8"))
    causes = [(one["cause"] or {}).get("name") for one in found["scenarios"]]

    assert done.code == 3, done.out
    assert found["verdict"] == "interrupted"
    assert {one["verdict"] for one in found["scenarios"]} & {"fail", "error"} == set()
    assert causes.count("sandbox-shared") == 1
    assert "let one check run at a time" in done.out
    steps = {one.name: one for one in verify(output / "bundle.istmo.zip").steps}
    assert steps["recomputed"].holds is True, steps["recomputed"].why
