"""A service full of canaries, in every place and every writing: none of them reaches a file or a terminal."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from istmo.cli import main
from istmo_conformance import runner
from istmo_conformance.commands import _summary
from istmo_conformance.redaction import Redactor
from istmo_conformance.report import bundle
from tests.conformance.conftest import Judge
from tests.conformance.standin import Standin

SECRET = "canary/s3cret+4711=word"
IDENTIFIER = "0801-1990-12345"
LEGAL_NAME = "Doña Canaria Ñandú"
PERSONAL = [IDENTIFIER, LEGAL_NAME]


class Talkative(Standin):
    """Says its secrets wherever it can: headers, bodies, addresses, refusals; plain and encoded."""

    def __init__(self) -> None:
        super().__init__("leaky-read")
        self.issued: list[str] = []

    def token(self, asked: Any) -> str:
        self.issued.append(super().token(asked))
        return self.issued[-1]

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Any:
        status, fields, content = super().answer(method, path, query, headers, body)
        if path.startswith(("/.well-known", "/_sandbox")):
            return status, fields, content
        used = headers.get("authorization", "").removeprefix("Bearer ")
        said = [*self.writings(used), *self.writings(SECRET), *self.writings(IDENTIFIER), LEGAL_NAME]
        fields = [*fields, ("set-cookie", f"session={SECRET}"), ("x-said", " ".join(quote(one) for one in said)),
                  ("link", f"</x?access_token={used}&client={quote(SECRET)}>")]  # fmt: skip
        try:
            document = json.loads(content)
        except ValueError:
            return status, fields, content + " ".join(said).encode()
        if isinstance(document, dict):
            document |= {"client_secret": SECRET, "said": said, "title": f"{LEGAL_NAME} {IDENTIFIER} {SECRET}"}
        return status, fields, json.dumps(document, ensure_ascii=False).encode()

    def writings(self, text: str) -> list[str]:
        raw = text.encode()
        wrapped = [base64.b64encode(b"x" * shift + raw + b"tail").decode() for shift in range(3)]
        return [text, quote(text, safe=""), *wrapped, base64.urlsafe_b64encode(b"user:" + raw).decode()]


def hidden_in(text: str, canaries: list[str]) -> Iterator[str]:
    """The canaries that stand in a text, in any of the writings in which they were said."""
    for canary in canaries:
        raw = canary.encode()
        forms = [canary, quote(canary), quote(canary, safe=""), json.dumps(canary)[1:-1]]
        for shift in range(3):
            written = base64.b64encode(bytes(shift) + raw).decode().rstrip("=")
            forms.append(written[4:-2])
            forms.append(written[4:-2].replace("+", "-").replace("/", "_"))
        yield from (form for form in forms if form in text)


def outputs(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Everything that a run can leave behind, as text."""
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.suffix != ".zip"}
    with zipfile.ZipFile(io.BytesIO((folder / bundle.NAME).read_bytes())) as archive:
        found |= {f"bundle/{name}": archive.read(name).decode() for name in archive.namelist()}
    capsys.readouterr()
    for words in (["show"], ["show", "--json"], ["annotations"], ["badge"], ["html"], ["junit"]):
        main(["report", words[0], str(folder / "report.json"), *words[1:]])
        found[" ".join(words)] = "".join(capsys.readouterr())
    found["badge.svg"] = (folder / "badge.svg").read_text(encoding="utf-8")
    _summary.show(json.loads((folder / "report.json").read_text(encoding="utf-8")), [], verbose=True)
    found["verbose"] = "".join(capsys.readouterr())
    return found


def test_no_canary_gets_out(judge: Judge, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    made = Redactor.__init__

    def knowing(self: Redactor, *arguments: Any, **named: Any) -> None:
        made(self, *arguments, **named)
        self.add([SECRET])
        self.add(PERSONAL, personal=True)

    monkeypatch.setattr(Redactor, "__init__", knowing)
    service = Talkative()
    found = judge(service)
    folder = Path(found.path or "").parent
    _summary.write(found.document, folder)

    assert service.issued
    assert found.document["counts"]["scenarios"]["fail"]
    canaries = [SECRET, *PERSONAL, *{part for token in service.issued for part in (token, token.split(".")[2])}]
    for name, content in outputs(folder, capsys).items():
        assert list(hidden_in(content, canaries)) == [], name
        assert len(content) > 50, name


def test_what_was_taken_out_leaves_the_rest_to_be_added_up(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where redaction changes what a verdict rests on, verification says so instead of claiming a replay."""
    from istmo_conformance.report.verify import verify
    from tests.conformance.conftest import FEATURES

    def knowing(**named: Any) -> Redactor:
        redactor = Redactor(**named)
        redactor.add(["completed"], personal=True)
        return redactor

    monkeypatch.setattr(runner, "Redactor", knowing)
    folder = Path(judge(Standin()).path or "").parent
    step = next(one for one in verify(folder, features=FEATURES).steps if one.name == "recomputed")

    assert step.holds is True
    assert "could only be added up" in step.why


def test_many_secrets_are_found_as_surely_as_few() -> None:
    secrets = [f"secret-{number:04}-{'abcdefgh'[number % 8] * 9}" for number in range(500)]
    redactor = Redactor(secrets)

    for secret in secrets[::50]:
        assert secret not in redactor.clean(f"a {secret} b")
        assert secret not in redactor.clean(f"a{secret}b {quote(secret)}")
    assert redactor.clean("nothing to hide here, nothing at all") == "nothing to hide here, nothing at all"


@pytest.mark.parametrize("opaque", [False, True])
def test_a_token_that_names_its_person_is_taken_out_whole(*, opaque: bool) -> None:
    person = "a0000000-0000-4000-8000-000000000001"
    redactor = Redactor()
    redactor.add([person], personal=True)
    parts = [json.dumps(one).encode() for one in ({"alg": "EdDSA"}, {"sub": person, "exp": 1}, {"sig": "x" * 40})]
    token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    token = f"opaque-{person}-4711-4711" if opaque else token
    redactor.learn({token: "token-ana"})

    for text in (f"/documents?access_token={token}", f"/documents?access_token={token}&a={person}", token):
        assert redactor.clean(text).startswith(text.partition("=")[0].replace(token, "")[:10])
        assert "[redacted:token-ana]" in redactor.clean(text)
        assert not {token[:12], token[-12:]} & {redactor.clean(text)[at : at + 12] for at in range(len(text))}
    assert person not in redactor.clean(f"{token} {person}")


def test_one_secret_has_one_placeholder_and_cleaning_twice_changes_nothing() -> None:
    redactor = Redactor(["first-secret", "second-secret"])
    once = redactor.clean("first-secret second-secret first-secret")

    assert once == "[redacted:1] [redacted:2] [redacted:1]"
    assert redactor.clean(once) == once
    assert Redactor().clean("[redacted:7]") == "[redacted:7]"
