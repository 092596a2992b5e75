"""Production starts with a complete safe set of settings, and with nothing less; each case here changes one of them."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from tests import production

from istmo.errors import KitError
from istmo.runtime import safety
from istmo.runtime.keys import new_private_key, weak
from istmo.runtime.settings import Settings, examine, load
from istmo.texts import catalogue

Change = Callable[[Path], dict[str, Any]]
ES256 = {"kty": "EC", "crv": "P-256", "kid": "e", "x": "AA", "y": "AA"}


def rsa(bits: int) -> dict[str, Any]:
    """The public part of an RSA key of so many bits; the modulus need not be one for its length to be read."""
    import base64

    modulus = base64.urlsafe_b64encode(((1 << bits) - 1).to_bytes(bits // 8, "big")).decode().rstrip("=")
    return {"kty": "RSA", "kid": f"r{bits}", "n": modulus, "e": "AQAB"}


def to(**changed: Any) -> Change:
    return lambda _: changed


def keys(*more: dict[str, Any]) -> Change:
    return lambda folder: {"jwks": str(production.key_set(folder, *more))}


def key_file(content: str) -> Change:
    def change(folder: Path) -> dict[str, Any]:
        path = production.signing_key(folder, 0o600)
        path.write_text(content, encoding="utf-8")
        return {"signing_key": path}

    return change


def key_mode(mode: int) -> Change:
    return lambda folder: {"signing_key": production.signing_key(folder, mode)}


def no_key_set(content: str) -> Change:
    def change(folder: Path) -> dict[str, Any]:
        (folder / "other.json").write_text(content, encoding="utf-8")
        return {"jwks": str(folder / "other.json")}

    return change


PUBLIC_OCT = {"kty": "oct", "kid": "s", "k": "c2VjcmV0"}
# What is changed, and the rules that then refuse: almost always one.
UNSAFE: list[tuple[Change, set[str]]] = [
    (to(workers=2, database="sqlite:///:memory:"), {"workers", "memory"}),
    (to(fail_points="after-commit=die"), {"fail-points"}),
    (to(metrics=True), {"open-metrics"}),
    (to(metrics=True, metrics_token="m" * 40, workers=2), {"split-metrics"}),
    (to(algorithms=("HS256",)), {"algorithms"}),
    (to(algorithms=("Ed25519", "none")), {"algorithms"}),
    (to(algorithms=("RS1",)), {"algorithms"}),
    (to(algorithms=()), {"algorithms"}),
    (to(proxies=("0.0.0.0/0",)), {"everybody"}),
    (to(proxies=("10.1.2.3", "::/0")), {"everybody"}),
    (to(database="sqlite:///:memory:"), {"memory"}),
    (to(allow_sqlite=""), {"sqlite"}),
    (to(allow_sqlite="yes"), {"sqlite"}),
    (to(jwks=""), {"no-keys"}),
    (to(jwks="http://id.test/keys"), {"clear-keys"}),
    (to(jwks="HTTP://id.test/keys"), {"clear-keys"}),
    (to(jwks="/nowhere/jwks.json"), {"unreadable-keys"}),
    (no_key_set("{}"), {"unreadable-keys"}),
    (no_key_set('{"keys": []}'), {"unreadable-keys"}),
    (no_key_set("no json"), {"unreadable-keys"}),
    (keys(PUBLIC_OCT), {"symmetric-keys"}),
    (keys(rsa(1024)), {"weak-keys"}),
    (keys(new_private_key()), {"private-keys"}),
    (to(issuer="https://issuer.sandbox.invalid"), {"issuer"}),
    (to(audience=""), {"audience"}),
    (to(base_url="http://notes.test"), {"clear-address"}),
    (to(proxies=()), {"no-proxy"}),
    (to(hosts=()), {"hosts"}),
    (to(hosts=("notes.test", "*")), {"hosts"}),
    (to(hosts=("other.test",)), {"own-host"}),
    (to(base_url="https://notes.test:8443"), {"own-host"}),
    (to(signing_key=None), {"stored-key"}),
    (key_mode(0o404), {"open-key"}),
    (key_mode(0o460), {"open-key"}),
    (key_file("{}"), {"unfit-key"}),
    (key_file("no json"), {"unfit-key"}),
    (key_file(json.dumps(PUBLIC_OCT)), {"unfit-key"}),
    (key_file(json.dumps(RSAKey.generate_key(2048).as_dict(private=True))), {"unfit-key"}),
    (to(signing_key=Path("/nowhere/key.json")), {"unfit-key"}),
    (to(sandbox_clock=datetime(2027, 1, 1, tzinfo=UTC)), {"clock"}),
    (to(private_callbacks=True), {"callbacks"}),
    (to(validate_answers=True), {"validate"}),
    (to(debug=True), {"debug"}),
    (to(operator="Istmo sandbox"), {"placeholders"}),
    (to(operator="  "), {"placeholders"}),
    (to(contact="operator@example.invalid"), {"placeholders"}),
    (to(contact="someone@example.org"), {"placeholders"}),
    (to(country="XX"), {"placeholders"}),
    (to(issuer="https://id.example.com"), {"placeholders"}),
    (to(jwks="https://id.example/keys"), {"placeholders"}),
    (to(base_url="https://notes.agency.invalid"), {"own-host", "placeholders"}),
    (to(hosts=("notes.test", "agency.invalid:443")), {"placeholders"}),
    (to(proxies=("192.0.2.0/24",)), {"placeholders"}),
]


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_LANG", "en")
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ISTMO_{name.upper()}", raising=False)


def names(wrong: list[KitError]) -> set[str]:
    """The rules behind refusals, found by their hints."""
    english = catalogue("en")
    rules = [*safety.ALWAYS, *safety.PRODUCTION]
    return {
        rule
        for rule in rules
        for error in wrong
        if error.message.startswith(english[f"unsafe.{rule}"].partition("{")[0])
    }


def test_the_complete_safe_set_starts(tmp_path: Path) -> None:
    assert load(**production.safe(tmp_path)).development_issuer is False


@pytest.mark.parametrize(
    "change",
    [
        to(database="postgresql://istmo@database/istmo", allow_sqlite=""),
        to(jwks="https://id.test/keys"),
        to(algorithms=("ES256", "PS512")),
        to(base_url="https://notes.test:8443", hosts=("notes.test:8443",)),
        to(proxies=("10.1.2.3", "fd00::/8")),
        keys(rsa(2048), ES256),
        key_mode(0o440),
        to(workers=4),
    ],
    ids=range(8),
)
def test_so_do_other_safe_choices(change: Change, tmp_path: Path) -> None:
    assert examine(**production.safe(tmp_path) | change(tmp_path))[1] == []


@pytest.mark.parametrize(
    ("change", "rules"), UNSAFE, ids=[f"{n}-{'-'.join(sorted(r))}" for n, (_, r) in enumerate(UNSAFE)]
)
def test_one_unsafe_setting_refuses_by_its_own_rule(change: Change, rules: set[str], tmp_path: Path) -> None:
    chosen = production.safe(tmp_path) | change(tmp_path)

    wrong = examine(**chosen)[1]

    assert names(wrong) == rules
    assert all(error.code == "unsafe-settings" and error.hint and error.exit_code == 2 for error in wrong)
    with pytest.raises(KitError) as refused:
        load(**chosen)
    assert refused.value.message == wrong[0].message
    assert refused.value.hint.startswith(wrong[0].hint)


def test_every_rule_refuses_something_and_speaks_both_languages() -> None:
    rules = {*safety.ALWAYS, *safety.PRODUCTION}

    assert set().union(*(tripped for _, tripped in UNSAFE)) == rules
    for language in ("en", "es"):
        spoken = catalogue(language)
        assert {f"unsafe.{rule}{end}" for rule in rules for end in ("", ".hint")} <= set(spoken)


def test_a_sandbox_on_one_machine_needs_none_of_it() -> None:
    assert examine()[1] == []
    assert names(examine(workers=2)[1]) == set()
    assert names(examine(workers=2, database="sqlite:///:memory:")[1]) == {"workers"}
    assert names(examine(algorithms=("HS512",))[1]) == {"algorithms"}


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    chosen = production.safe(tmp_path, audience="", hosts=(), proxies=())

    wrong = examine(**chosen)[1]

    assert names(wrong) == {"audience", "hosts", "no-proxy"}
    with pytest.raises(KitError, match="2 more: istmo serve --check-settings"):
        load(**chosen)


def test_placeholders_are_named_by_their_variables(tmp_path: Path) -> None:
    chosen = production.safe(tmp_path, contact="a@b.example", proxies=("2001:db8::1",))

    (error,) = examine(**chosen)[1]

    assert "ISTMO_CONTACT, ISTMO_PROXIES" in error.message


def test_every_value_that_cannot_be_read_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_COUNTRY", "honduras")
    monkeypatch.setenv("ISTMO_PROXIES", "10.1.2.3,proxy.test")

    settings, wrong = examine()

    assert settings is None
    assert [error.message.partition(":")[0] for error in wrong] == ["ISTMO_COUNTRY", "ISTMO_PROXIES"]
    monkeypatch.delenv("ISTMO_COUNTRY")
    monkeypatch.delenv("ISTMO_PROXIES")
    monkeypatch.setenv("ISTMO_LIMIT_DEPTH", "1")
    assert [error.message.partition(":")[0] for error in examine()[1]] == ["ISTMO_LIMIT_DEPTH"]


def test_lists_are_written_as_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_ALGORITHMS", "ES256, RS256")
    monkeypatch.setenv("ISTMO_PROXIES", "10.1.2.3, 10.9.0.0/16")

    found = load()

    assert found.algorithms == ("ES256", "RS256")
    assert found.proxies == ("10.1.2.3/32", "10.9.0.0/16")


def test_a_secret_comes_from_a_file_and_gives_way_to_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "istmo_database").write_text("postgresql://istmo:secret@database/istmo\n", encoding="utf-8")
    monkeypatch.setenv("ISTMO_SECRETS", str(tmp_path))
    assert load().database == "postgresql://istmo:secret@database/istmo"
    monkeypatch.setenv("ISTMO_DATABASE", "sqlite:///other.db")
    assert load().database == "sqlite:///other.db"
    monkeypatch.setenv("ISTMO_SECRETS", str(tmp_path / "nowhere"))
    with pytest.raises(KitError, match="ISTMO_SECRETS"):
        load()


def test_sqlite_in_production_is_warned_of(tmp_path: Path) -> None:
    chosen = production.safe(tmp_path)
    assert len(safety.warnings(load(**chosen))) == 1
    assert safety.warnings(load(**{**chosen, "database": "postgresql://database/istmo"})) == []
    assert safety.warnings(load()) == []


def test_a_key_of_the_helpers_is_what_the_rules_ask_for(tmp_path: Path) -> None:
    assert stat.S_IMODE(production.signing_key(tmp_path).stat().st_mode) == 0o400
    assert weak(rsa(2040))
    assert not weak(rsa(2048))
    assert not weak(RSAKey.generate_key(2048).as_dict(private=False))
