"""Evidence survives a kill and holds no secret."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from istmo_conformance.evidence import MARK, Evidence, Redactor, read
from istmo_conformance.report.html import pretty

SECRET = "s3cret/token+value=="


@pytest.mark.parametrize(
    "text", [SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode(), f"a {SECRET} b {SECRET}"]
)
def test_a_known_secret_is_gone_in_every_form(text: str) -> None:
    cleaned = Redactor([SECRET]).clean(text)

    assert MARK in cleaned
    assert SECRET not in cleaned
    assert quote(SECRET, safe="") not in cleaned


def test_what_looks_like_a_token_is_gone_although_nobody_knew_it() -> None:
    assert Redactor().clean("Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln") == "Bearer [redacted:1]"
    assert Redactor().clean('{"accessToken": "opaque"}') == '{"accessToken": "[redacted:1]"}'


def test_secret_headers_are_gone_by_name() -> None:
    assert Redactor().headers([("Authorization", "Basic x"), ("Accept", "y")]) == {
        "authorization": "Basic [redacted:1]", "accept": "y",
    }  # fmt: skip


def test_control_characters_do_not_reach_a_terminal() -> None:
    assert "\x1b" not in Redactor().clean("\x1b[31mred")


def test_records_are_on_disk_as_soon_as_they_are_written(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "deep" / "evidence.jsonl", Redactor([SECRET]))
    evidence.write("header", token=SECRET)

    assert read(evidence.path) == [{"record": "header", "previous": "0" * 64, "token": "[redacted:1]"}]
    evidence.close()


def test_a_torn_last_line_is_dropped_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "evidence.jsonl"
    path.write_text('{"record":"header"}\n{"record":"ca')
    assert read(path) == [{"record": "header"}]

    path.write_text('{"record":"he\n{"record":"case"}\n')
    with pytest.raises(ValueError, match="Unterminated"):
        read(path)


def test_half_a_character_reaches_no_file(tmp_path: Path) -> None:
    sink = Evidence(tmp_path / "evidence.jsonl", Redactor())
    sink.write("case", reason="half \ud800 a character")
    sink.close()
    assert "half \ufffd a character" in sink.path.read_text(encoding="utf-8")
    assert pretty('{"a": "\\ud800"}').encode()
