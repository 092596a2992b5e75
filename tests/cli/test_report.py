"""Reports in their other forms: readable by people, safe from what a judged service says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from istmo_conformance.report import badge, build, github, html, junit
from istmo_conformance.verdict import OF_REQUIREMENTS

from .conftest import PAYLOADS, Done, Record, written

Run = Callable[..., Done]
VOID = {"meta", "br"}


class Page(HTMLParser):
    """What is in a page: elements, attributes, balance and texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold an end against its beginning."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take note of a text."""
        self.words.append(data)


def page_of(records: list[Record]) -> Page:
    return Page(html.render(build(records).document, "es"))


def test_the_page_is_whole_and_stands_alone(records: list[Record]) -> None:
    page = page_of(records)

    assert page.open == []
    names = {name for name, _ in page.elements}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "input", "base", "svg"}
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "style", "srcset"}]
        assert (attributes.get("href") or "#").startswith("#")
    policy = next(one for _, one in page.elements if one.get("http-equiv") == "Content-Security-Policy")
    assert str(policy["content"]).startswith("default-src 'none'; style-src 'sha256-")


def test_every_inner_link_has_its_target(records: list[Record]) -> None:
    page = page_of(records)
    ids = [one["id"] for _, one in page.elements if "id" in one]

    assert len(ids) == len(set(ids))
    assert {str(one["href"])[1:] for _, one in page.elements if "href" in one} <= set(ids)


def test_both_languages_stand_in_the_page(records: list[Record]) -> None:
    page = page_of(records)
    text = " ".join(page.words)
    sections = [one["lang"] for name, one in page.elements if name == "section"]

    assert sections == ["es", "en"]
    assert "No conforme" in text
    assert "Not conformant" in text
    assert "Se cumple: ñ." in text
    assert "It holds." in text
    assert 'expected only "status", found "holder"' in text
    assert "listRequests" in text


def test_headings_never_skip_a_level(records: list[Record]) -> None:
    levels = [int(name[1]) for name, _ in page_of(records).elements if re.fullmatch("h[1-6]", name)]

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_nothing_that_a_service_says_becomes_active(hostile: list[Record]) -> None:
    rendered = html.render(build(hostile).document, "en")
    page = Page(rendered)

    assert page.open == []
    assert not {name for name, _ in page.elements} & {"script", "img", "svg"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", rendered)
    text = "".join(page.words)
    assert PAYLOADS[0] in text
    assert "{{ 7 * 7 }}" in text


def test_junit_is_valid_whatever_a_service_says(hostile: list[Record]) -> None:
    root = ET.fromstring(junit.render(build(hostile).document))

    assert root.get("failures") == str(len(PAYLOADS) + 1)
    assert root.get("tests") == str(len(PAYLOADS) + 1)


def test_junit_names_requirements_and_never_paints_the_unjudged_green(records: list[Record]) -> None:
    root = ET.fromstring(junit.render(build(records).document))
    cases = {case.get("name"): case for case in root.iter("testcase")}

    assert [one.get("value") for one in cases["reveals"].iter("property") if one.get("name") == "requirement"] == [
        "civil_certificates/reveals-least"
    ]
    assert cases["reveals"].find("failure") is not None
    assert cases["revoked"].find("error") is not None
    assert cases["fine"].find("failure") is None
    assert cases["civil_certificates/correlation: listRequests"].find("failure") is not None


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_badge_says_the_verdict(records: list[Record], lang: str) -> None:
    root = ET.fromstring(badge.render(build(records).document, lang))

    assert {"en": "not conformant", "es": "no conforme"}[lang] in str(root.get("aria-label"))


def test_show_ends_with_the_exit_code_of_the_verdict(istmo: Run, report_file: Path) -> None:
    done = istmo("report", "show", str(report_file))

    assert done.code == 1
    assert "NOT CONFORMANT" in done.out
    assert 'expected only "status", found "holder"' in done.out
    assert "civil_certificates/revoked" in done.out


@pytest.mark.parametrize("form", ["html", "junit", "badge"])
def test_a_report_is_turned_into_its_forms(istmo: Run, report_file: Path, form: str) -> None:
    output = report_file.parent / "out"

    done = istmo("report", form, str(report_file), "--output", str(output))

    assert (done.code, done.err) == (0, "")
    assert output.stat().st_size > 200


def test_the_evidence_of_a_killed_run_is_interrupted_and_never_conformant(
    istmo: Run, records: list[Record], tmp_path: Path
) -> None:
    path = tmp_path / "evidence.jsonl"
    lines = [json.dumps(record) for record in records if record["record"] != "finish"]
    path.write_text("\n".join(lines)[:-20], encoding="utf-8")

    done = istmo("report", "show", str(path))

    assert done.code == 3
    assert "INTERRUPTED" in done.out


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, 0.99])
def test_a_cut_report_is_refused(istmo: Run, report_file: Path, keep: float) -> None:
    whole = report_file.read_bytes()
    report_file.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])

    done = istmo("report", "html", str(report_file))

    assert done.code == 2
    assert "error bad-report" in done.err
    assert "hint: " in done.err
    assert not (report_file.parent / "report.html").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"{}",
        b'{"format": "other"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format": "istmo-report/1"}',
        b"null",
        b"1e999",
    ],
)
def test_a_foreign_file_is_refused(istmo: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)

    done = istmo("report", "show", str(path))

    assert done.code == 2
    assert "error bad-report" in done.err


def test_a_report_with_a_member_of_the_wrong_kind_is_refused(istmo: Run, records: list[Record], tmp_path: Path) -> None:
    path = written(records, tmp_path)
    document = json.loads(path.read_text(encoding="utf-8"))
    document["requirements"][0]["verdict"] = "excellent"
    path.write_text(json.dumps(document), encoding="utf-8")

    done = istmo("report", "show", str(path))

    assert done.code == 2
    assert "/requirements/0/verdict" in done.err


def test_a_missing_file_and_a_folder_are_refused(istmo: Run, tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        assert istmo("report", "show", str(path)).code == 2


def test_annotations_point_at_the_scenario_and_stay_on_their_lines(
    records: list[Record], hostile: list[Record]
) -> None:
    lines = github.render(build(records).document, "en").splitlines()

    assert lines[0].startswith("::error title=civil_certificates/correlation::") or lines[0].startswith("::error file=")
    assert any(
        line.startswith("::error file=conformance/features/civil_certificates/verification.feature,line=1,title=")
        for line in lines
    )
    assert all(re.match("::(error|warning) [^:]*::.", line) for line in lines)
    for line in github.render(build(hostile).document, "en").splitlines():
        assert line.startswith("::error ")


def test_the_page_tells_source_call_and_meaning(records: list[Record]) -> None:
    records[0]["requirements"] = [{**one, "source": "Sheet 7, rule <3>"} for one in records[0]["requirements"]]
    page = page_of(records)
    words = " ".join(page.words)

    assert "Sheet 7, rule <3>" in words
    assert "For citizens this means" in words
    assert "Para la ciudadanía esto significa" in words
    assert "curl -i -X POST http://127.0.0.1:8000/civil-certificates/v1/verifications" in words


def test_a_call_as_a_line_cannot_run_anything_else() -> None:
    call = {"method": "GET", "path": "/x'; rm -rf $HOME `id`", "requestHeaders": {"a": "'\n;"}, "requestBody": ""}

    words = shlex.split(html.curl(call, "https://services.example.org/base"))

    assert words[:5] == ["curl", "-i", "-X", "GET", "https://services.example.org/x'; rm -rf $HOME `id`"]
    assert words[5:] == ["-H", "a: '\n;"]


def test_every_outcome_can_be_shown_alone(records: list[Record]) -> None:
    page = page_of(records)
    targets = [str(one["href"]) for name, one in page.elements if name == "a" and "-only-" in str(one.get("href"))]

    assert {"#en-only-fail", "#es-only-fail", "#en-only-pass", "#en-only-not-testable"} <= set(targets)
    style = html.render(build(records).document, "en")
    assert all(f".only-{word}:target" in style for word in OF_REQUIREMENTS)
