"""A right service in production, with tokens of an identity provider: a run that may write fails nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from istmo.names import kebab
from istmo.spec import personas
from istmo_conformance.report.verify import verify
from tests import behind_proxy, production
from tests.cli.conftest import Done

Run = Callable[..., Done]
SLUG = "civil_certificates"
AUDIENCE = f"urn:istmo:service:{kebab(SLUG)}"
PROGRAM = """
import json, sys, time, uuid
from joserfc import jwt
from joserfc.jwk import OKPKey

persona, asked, now = PERSONAS[sys.argv[1]], json.loads(sys.argv[3]), int(time.time())
claims = {
    "iss": asked.get("issuer", "https://id.test"), "aud": asked.get("audience", AUDIENCE), "sub": persona["subject"],
    "iat": now, "nbf": now, "exp": now + 3600, "jti": str(uuid.uuid4()), "client_id": "suite", "country": "HN",
    "scope": " ".join(asked.get("scopes") or sys.argv[2].split()), "acr": asked.get("acr", persona["acr"]),
    **asked.get("claims", {}),
}
key = OKPKey.import_key(json.loads(KEY))
head = {"alg": "Ed25519", "typ": asked.get("type", "at+jwt"), "kid": key.kid}
told = {name: value for name, value in claims.items() if value is not None}
print(jwt.encode(head, told, key, algorithms=["Ed25519"]))
"""


@pytest.fixture
def subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The subject file of a service in production, and the environment in which it runs."""
    settings = production.environment(
        tmp_path, hosts=(behind_proxy.HOST,), base_url=f"https://{behind_proxy.HOST}", proxies=("127.0.0.1",),
        audience=AUDIENCE, log="false",
    )  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    known = {one.alias: {"subject": one.subject, "acr": one.acr} for one in personas().values() if one.scopes}
    key = (tmp_path / "provider.json").read_text(encoding="utf-8")
    told = f"PERSONAS, AUDIENCE, KEY = {known!r}, {AUDIENCE!r}, {key!r}\n"
    (tmp_path / "issue_token.py").write_text(told + PROGRAM, encoding="utf-8")
    command = json.dumps([sys.executable, str(tmp_path / "issue_token.py"), "{persona}", "{scope}", "{asked}"])
    path = tmp_path / "istmo.toml"
    path.write_text(
        f'[subject]\nservice = "{SLUG}"\napp = "tests.behind_proxy:application"\nmode = "write"\n'
        f'[tokens]\nkind = "command"\ncommand = {command}\n' + "".join(f"[personas.{alias}]\n" for alias in known),
        encoding="utf-8",
    )
    return path


def test_a_right_service_in_production_fails_nothing(istmo: Run, tmp_path: Path, subject: Path) -> None:
    istmo("check", "--subject", str(subject), "--output", str(tmp_path / "out"))

    report = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))
    verdicts = {word: {one["id"] for one in report["requirements"] if one["verdict"] == word}
                for word in ("pass", "fail", "error")}  # fmt: skip
    steps = {one.name: one for one in verify(tmp_path / "out/bundle.istmo.zip").steps}
    assert (report["target"]["environment"], report["mode"]) == ("production", "write")
    assert verdicts["fail"] | verdicts["error"] == set()
    assert len(verdicts["pass"]) > 60
    assert steps["recomputed"].holds is True, steps["recomputed"].why
