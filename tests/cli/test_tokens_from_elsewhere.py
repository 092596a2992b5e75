"""A right service is judged with tokens that no sandbox gave to the suite: it fails nothing, its evidence holds."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from istmo.spec import personas
from istmo_conformance.report.verify import verify
from tests.cli.conftest import Done
from tests.cli.test_serve import serving

Run = Callable[..., Done]
SLUG = "civil_certificates"
SHARE = ("tokens", "authentication", "challenges", "rights", "privacy", "drafts", "exchange", "mandates")
SUBJECT = "00000000-1111-4222-8333-444444444444"
IDENTIFIER = "XX-55555-1234"
PROGRAM = """
import json, pathlib, sys, urllib.request

def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(ORIGIN + "/_sandbox" + path, data, headers, method=method)
    return urllib.request.urlopen(request).read().decode()

asked = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
kept, moment = pathlib.Path(FOLDER, sys.argv[1]), asked.pop("issuedAt", None)
if KEPT and kept.exists():
    sys.exit(print(kept.read_text()))
if moment:
    now = json.loads(call("GET", "/clock"))["now"]
    call("PUT", "/clock", {"now": moment})
token = call("POST", "/tokens", {"persona": NAMES[sys.argv[1]], **asked})
if moment:
    call("PUT", "/clock", {"now": now})
kept.write_text(token)
print(token)
"""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The reference over HTTP."""
    with serving(tmp_path_factory.mktemp("served"), "serve", SLUG, ISTMO_LOG="false") as (_, url):
        yield url


def judged(istmo: Run, folder: Path, origin: str, *words: str, kept: bool = False) -> Path:
    """The reports of a run whose tokens a program gives, which may know no clock."""
    names = {alias: one.persona for alias, one in personas().items() if alias != "nobody"}
    told = f"ORIGIN, FOLDER, KEPT, NAMES = {origin!r}, {str(folder)!r}, {kept!r}, {names!r}\n"
    (folder / "issue_token.py").write_text(told + PROGRAM, encoding="utf-8")
    command = json.dumps([sys.executable, str(folder / "issue_token.py"), "{persona}", *words])
    own = f'subject = "{SUBJECT}"\nidentifiers = ["{IDENTIFIER}"]\ngiven_names = ["Anacleta"]\n'
    tables = "".join(f"[personas.{alias}]\n{own if alias == 'ana' else ''}" for alias in names)
    base = f"{origin}/civil-certificates/v1"
    (folder / "istmo.toml").write_text(
        f'[subject]\nservice = "{SLUG}"\nurl = "{base}"\n[tokens]\nkind = "command"\ncommand = {command}\n{tables}',
        encoding="utf-8",
    )
    chosen = [word for name in SHARE for word in ("--select", f"common/{name}/")]
    istmo("check", "--subject", str(folder / "istmo.toml"), "--output", str(folder / "out"), *chosen)
    return folder / "out"


def verdicts(out: Path) -> dict[str, set[str]]:
    """The requirements by verdict."""
    found: dict[str, set[str]] = {}
    for one in json.loads((out / "report.json").read_text(encoding="utf-8"))["requirements"]:
        found.setdefault(one["verdict"], set()).add(one["id"])
    return found


def ensure_evidence(out: Path) -> None:
    """The verdicts follow from the evidence, in which no name of a persona stands, and no token."""
    written = "".join(path.read_text(encoding="utf-8") for path in out.iterdir() if path.suffix != ".zip")
    assert not [secret for secret in (SUBJECT, IDENTIFIER, "Anacleta", "access_token=ey") if secret in written]
    (step,) = [one for one in verify(out / "bundle.istmo.zip").steps if one.name == "recomputed"]
    assert step.holds is True, step.why


def test_a_program_that_gives_every_token_is_as_good_as_a_sandbox(istmo: Run, tmp_path: Path, origin: str) -> None:
    out = judged(istmo, tmp_path, origin, "{asked}")

    found = verdicts(out)
    assert {"fail", "error"} & found.keys() == set()
    needing = {"common/token-time-window", "common/scope-required", "common/token-issuer-and-audience"}
    assert needing <= found["pass"]
    ensure_evidence(out)


def test_with_plain_tokens_only_what_needs_others_is_left_open(istmo: Run, tmp_path: Path, origin: str) -> None:
    out = judged(istmo, tmp_path, origin)

    found = verdicts(out)
    assert {"fail", "error"} & found.keys() == set()
    assert "common/token-time-window" in found["not-testable"]
    assert {"common/others-see-nothing", "common/draft-expires"} <= found["pass"]
    ensure_evidence(out)


def test_tokens_that_do_not_know_the_clock_prove_nothing_against_a_service(
    istmo: Run, tmp_path: Path, origin: str
) -> None:
    out = judged(istmo, tmp_path, origin, kept=True)

    found = verdicts(out)
    assert {"fail", "error"} & found.keys() == set()
    assert "common/draft-expires" in found["not-testable"]
    ensure_evidence(out)
