"""The subject file: what is in order is read, and everything else is refused with its place and a hint."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istmo import texts
from istmo.errors import KitError
from istmo.spec import personas
from istmo_conformance import _subject_check, subject_file, subject_init
from istmo_conformance.modes import Mode
from istmo_conformance.subject_file import NAME, cast_of, load

DOCS = Path(__file__).parents[2] / "docs"
WHOLE = """
[subject]
service = "civil-certificates"
url = "https://services.example.org"
name = "Registro civil en línea"
version = "2.4.1"
country = "HN"
environment = "sandbox"
stage = 4
beyond = true
mode = "write"

[tokens]
kind = "client-credentials"
url = "https://id.example.org/oauth2/token"
client_id = "istmo-suite"
client_secret_env = "ISTMO_CLIENT_SECRET"

[personas.ana]
subject = "4711"
identifiers = ["0801-1988-12345"]
given_names = ["Nadie"]
birth_date = 1988-05-12
[personas.eva]
scope = "officer"

[[waivers]]
requirement = "common/trace-context"
reason = "The gateway drops the header."
owner = "Operations"
expires = 2027-06-30
"""


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_chosen", "en")


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / NAME
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(folder: Path, content: str | bytes) -> KitError:
    with pytest.raises(KitError) as caught:
        load(written(folder, content))
    assert caught.value.hint
    return caught.value


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    found = load(written(tmp_path, WHOLE))

    assert (found.service, found.country, found.stage, found.mode) == ("civil_certificates", "HN", 4, Mode.WRITE)
    assert found.personas["ana"].identifiers == ("0801-1988-12345",)
    assert found.waivers[0].expires == date(2027, 6, 30)
    assert found.beyond
    ana = cast_of(found.personas)["ana"]
    assert (ana.subject, ana.birth_date) == ("4711", "1988-05-12")
    assert ana.name is not None
    assert ana.name["givenNames"] == ["Nadie"]
    assert ana.name["familyNames"] == personas()["ana"].name["familyNames"]  # type: ignore[index] # ana has a name
    assert cast_of({}) == dict(personas())


def test_what_evidence_says_of_it_names_nobody_and_no_variable(tmp_path: Path) -> None:
    found = load(written(tmp_path, WHOLE))

    told = json.dumps(found.told)
    assert "client-credentials" in told
    assert found.digest in told
    for secret in ("ISTMO_CLIENT_SECRET", "4711", "0801-1988-12345", "istmo-suite"):
        assert secret not in told


SUBJECT = '[subject]\nservice = "civil_certificates"\n'
BAD: list[tuple[str, str | bytes, str, str]] = [
    ("cut", WHOLE[: WHOLE.index("civil-cert") + 4], "subject-syntax", "end of document"),
    ("an odd line", "[subject]\n\nservice = = 1\n", "subject-syntax", "line 3"),
    ("no TOML", "{}", "subject-syntax", "is not TOML"),
    ("not UTF-8", b"\xff\xfe", "subject-unreadable", "UTF-8 at byte 0"),
    ("empty", "", "subject-missing", "subject"),
    ("no service", '[subject]\nurl = "https://a.example"\n', "subject-missing", ":1: subject.service"),
    ("unknown key", SUBJECT + "stag = 3\n", "subject-unknown-key", f"{NAME}:3: subject.stag"),
    ("unknown table", SUBJECT + "[waiver]\n", "subject-unknown-key", ":3: waiver"),
    ("wrong type", SUBJECT + 'stage = "4"\n', "subject-value", ":3: subject.stage"),
    ("a flag as a number", SUBJECT + "stage = true\n", "subject-value", "subject.stage"),
    ("out of range", SUBJECT + "stage = 6\n", "subject-value", ":3: subject.stage"),
    ("no mode", SUBJECT + 'mode = "fully"\n', "subject-value", ":3: subject.mode"),
    ("no address", SUBJECT + 'url = "services.example.org"\n', "subject-value", ":3: subject.url"),
    ("unknown service", '[subject]\nservice = "civil_certificate"\n', "unknown-service", "civil_certificate"),
    ("a user in an address", SUBJECT + 'url = "https://me:pass@a.example"\n', "subject-secret", ":3: subject.url"),
    ("a secret", SUBJECT + '[tokens]\nkind = "static"\nclient_secret = "hunter2hunter2"\n', "subject-secret",
     ":5: tokens.client_secret"),
    ("a token", SUBJECT + '[personas.ana]\ntoken = "abc"\n', "subject-secret", ":4: personas.ana.token"),
    ("a token somewhere", SUBJECT + '[tokens]\nkind = "command"\ncommand = ["x", "eyJhbGciOiJIUzI1NiJ9.e30.x"]\n',
     "subject-secret", "tokens.command"),
    ("a secret as a variable", SUBJECT + '[personas.ana]\ntoken_env = "s3cr3t-value!"\n', "subject-secret",
     ":4: personas.ana.token_env"),
    ("unknown persona", SUBJECT + '[personas.anna]\nscope = "x"\n', "subject-unknown-key", ":3: personas.anna"),
    ("nobody has a token", SUBJECT + '[personas.nobody]\nscope = "x"\n', "subject-unknown-key", "personas.nobody"),
    ("a kind without its url", SUBJECT + '[tokens]\nkind = "client-credentials"\n', "subject-missing", "tokens.url"),
    ("a kind without its command", SUBJECT + '[tokens]\nkind = "command"\n', "subject-missing", "tokens.command"),
    ("no client", SUBJECT + '[tokens]\nkind = "client-credentials"\nurl = "https://a.example/t"\n[personas.ana]\n',
     "subject-missing", "personas.ana.client_id"),
    ("a secret in the clear", SUBJECT + '[tokens]\nkind = "client-credentials"\nurl = "http://a.example/t"\n',
     "subject-value", ":5: tokens.url"),
    ("a waiver of nothing", SUBJECT + '[[waivers]]\nrequirement = "common/trace-contex"\nreason = "because it is"\n'
     'owner = "me"\nexpires = 2027-01-01\n', "subject-waiver", ":4: waivers[0].requirement"),
    ("a waiver without end", SUBJECT + '[[waivers]]\nrequirement = "common/trace-context"\n'
     'reason = "because it is"\nowner = "me"\n', "subject-missing", "waivers[0].expires"),
    ("a moment as a day", SUBJECT + '[[waivers]]\nrequirement = "common/trace-context"\nreason = "because it is"\n'
     'owner = "me"\nexpires = 2027-01-01T10:00:00Z\n', "subject-value", ":7: waivers[0].expires"),
    ("waived twice", SUBJECT + 2 * ('[[waivers]]\nrequirement = "common/trace-context"\nreason = "because it is"\n'
     'owner = "me"\nexpires = 2027-01-01\n'), "subject-waiver", ":9: waivers[1].requirement"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("content", "code", "place"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_what_is_not_in_order_is_refused_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes, code: str, place: str, language: str
) -> None:
    monkeypatch.setattr(texts, "_chosen", language)
    error = refused(tmp_path, content)

    assert error.code == code
    assert place in error.message or language == "es"
    said = f"{error.message} {error.hint}"
    for secret in ("hunter2", "eyJhbGci", "s3cr3t", "me:pass"):
        assert secret not in said


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (SUBJECT + "stag = 3\n", "stage"),
        (SUBJECT + '[tokens]\nkind = "static"\nclient_secret = "hunter2hunter2"\n', "client_secret_env"),
        (SUBJECT + '[personas.anna]\nscope = "x"\n', "ana"),
        ('[subject]\nservice = "civil_certificate"\n', "civil_certificates"),
        (SUBJECT + '[[waivers]]\nrequirement = "common/trace-contex"\nreason = "because it is"\nowner = "me"\n'
         "expires = 2027-01-01\n", "common/trace-context"),
        (SUBJECT + 'stage = "4"\n', "For example: 4"),
    ],
)  # fmt: skip
def test_a_hint_says_what_to_write_instead(tmp_path: Path, content: str, hint: str) -> None:
    assert hint in refused(tmp_path, content).hint


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(KitError) as caught:
            load(path)
        assert caught.value.code == "subject-unreadable"
    assert refused(tmp_path, b"#" * (subject_file.LARGEST + 1)).code == "subject-unreadable"


def test_the_file_that_lies_here_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert subject_file.found(None) is None
    written(tmp_path, SUBJECT)
    found = subject_file.found(None)
    assert found is not None
    assert found.service == "civil_certificates"


def test_the_schema_is_valid_and_says_of_every_key_what_it_means_in_both_languages() -> None:
    schema = _subject_check.schema()
    jsonschema.Draft202012Validator.check_schema(schema)

    for header, table, _ in subject_init.tables():
        for name, rule in {"": table, **table["properties"]}.items():
            assert rule["description"], (header, name)
            assert rule["x-description-es"], (header, name)
            assert not name or jsonschema.Draft202012Validator(rule).is_valid(rule["examples"][0]), (header, name)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_file_to_begin_with_is_in_order_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(texts, "_chosen", language)
    path = tmp_path / NAME

    subject_init.write(path, {"service": "civil_certificates", "url": "https://services.example.org"})

    found = load(path)
    assert (found.service, found.url, found.tokens.kind) == (
        "civil_certificates", "https://services.example.org", "sandbox",
    )  # fmt: skip
    content = path.read_text(encoding="utf-8")
    assert ("never holds a secret" in content) is (language == "en")
    with pytest.raises(KitError) as caught:
        subject_init.write(path, {})
    assert caught.value.code == "subject-exists"
    assert path.read_text(encoding="utf-8") == content


def test_every_example_of_the_file_to_begin_with_is_in_order(tmp_path: Path) -> None:
    lines = subject_init.drawn({}, "en").splitlines()
    live = [line.removeprefix("# ") for line in lines if "=" in line or line.removeprefix("# ").startswith("[")]
    kept = [line for line in live if not line.startswith(("It ", "Every ", "app ="))]
    named = tmp_path / "src/my_service/national/profile.yaml"
    named.parent.mkdir(parents=True)
    named.write_text("{}", encoding="utf-8")

    found = load(written(tmp_path, "\n".join(line for line in kept if " = " in line or line.startswith("["))))

    assert found.waivers
    assert found.personas["ana"].token_env == "ISTMO_TOKEN_ANA"


def test_the_reference_page_is_drawn_from_the_schema() -> None:
    page = (DOCS / "reference/subject-file.md").read_text(encoding="utf-8")

    assert subject_init.page().strip() in page, "python -m istmo_conformance.subject_init"


def ending(act: Callable[[], object]) -> str:
    """The code with which something is refused; any other exception goes on."""
    try:
        act()
    except KitError as error:
        return error.code
    return "in order"


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(content: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        path.write_text(content, encoding="utf-8", errors="replace")
        assert re.match("in order|subject-|unknown-", ending(lambda: load(path)))


keys = st.sampled_from(["subject", "service", "tokens", "kind", "waivers", "expires", "personas", "ana", "mode", "x"])
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(keys, values, max_size=4))
def test_no_document_breaks_the_check(document: dict[str, Any]) -> None:
    held = ending(lambda: _subject_check.hold(document, _subject_check.Places(Path(NAME), "")))

    assert re.match("in order|subject-|unknown-", held)
