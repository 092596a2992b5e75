"""Everything that can be wrong with a profile is found, with its place and a way out."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from istmo import texts
from istmo.errors import KitError
from istmo.paths import data
from istmo.spec import ProfileFault, check_profile, countries, load_yaml
from istmo.spec._patterns import unfit

FOLDER = data("specs") / "profiles"
HN: dict[str, Any] = load_yaml(FOLDER / "HN.yaml")
DO: dict[str, Any] = load_yaml(FOLDER / "DO.yaml")
Change = Callable[[dict[str, Any]], object]


def faults(folder: Path, document: Any, name: str = "HN.yaml") -> list[ProfileFault]:
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
    return check_profile(path)


@pytest.mark.parametrize("code", countries())
def test_nothing_is_wrong_with_the_profiles_of_the_standard(code: str) -> None:
    assert check_profile(FOLDER / f"{code}.yaml") == []


def scheme(document: dict[str, Any], **changes: object) -> None:
    document["identifierSchemes"][0]["value"].update(changes)


def renamed(document: dict[str, Any], old: str, new: str) -> None:
    document[new] = document.pop(old)


def with_rates(document: dict[str, Any], *spans: tuple[str | None, str | None]) -> None:
    document["taxes"]["valueAdded"]["rates"]["value"] = [
        {"code": "standard", "percent": "15.0000", "validFrom": first, "validTo": last} for first, last in spans
    ]


def doubled(document: dict[str, Any]) -> None:
    document["identifierSchemes"].append(document["identifierSchemes"][0])


def moved_twice(document: dict[str, Any]) -> None:
    document["holidays"]["value"]["override"] = [{"date": "2026-10-07", "name": "x"}] * 2


def cora(document: dict[str, Any], **changes: object) -> None:
    document["personas"]["cora-minor"]["identifiers"][0].update(changes)


def ended(document: dict[str, Any], day: str) -> None:
    document["instruments"]["apostille"]["value"]["validTo"] = day


def sampled(document: dict[str, Any], kind: str, value: str) -> None:
    scheme(document, samples={**SAMPLES, kind: [value]})


def flagged(document: dict[str, Any], name: str, value: object) -> None:
    document["flags"] = {name: {**document["iban"], "value": value}}


SAMPLES = {"valid": ["0801199012345"], "badFormat": [], "badChecksum": []}
SCHEME = "/identifierSchemes/0/value"
# A row each, however long: what is wrong, where, and how it came to be so.
CASES: list[tuple[str, str, Change]] = [
    ("unquoted", "/numeric/value", lambda d: d["numeric"].update(value=340)),
    ("unquoted", "/currencies/value/0/numeric", lambda d: d["currencies"]["value"][0].update(numeric=340)),
    ("unknown-key-near", "/timezone", lambda d: renamed(d, "timeZone", "timezone")),
    ("unknown-key-near", "/flags/dueday", lambda d: d.update(flags={"dueday": {}})),
    ("unknown-key", "/zzzzzz", lambda d: d.update(zzzzzz=1)),
    ("unknown-key-near", "/taxes/valueAded", lambda d: d["taxes"].update(valueAded={})),
    ("unknown-key-near", f"{SCHEME}/algoritm", lambda d: scheme(d, algoritm=None)),
    ("unknown-key-near", "/iban/asof", lambda d: d["iban"].update(asof="2026-01-01")),
    ("missing", "", lambda d: d.pop("timeZone")),
    ("missing", "/iban", lambda d: d["iban"].pop("asOf")),
    ("missing", "/identifierSchemes/0/value", lambda d: d["identifierSchemes"][0]["value"].pop("pattern")),
    ("unsourced", "/iban/source", lambda d: d["iban"].update(source=None)),
    ("unsourced", "/iban/asOf", lambda d: d["iban"].update(asOf=None)),
    ("empty", "/iban/value", lambda d: d["iban"].update(value=None)),
    ("type", "/iban/value", lambda d: d["iban"].update(confidence="unknown", source=None, asOf=None)),
    ("form", "/iban/asOf", lambda d: d["iban"].update(asOf="2026-02-30")),
    ("form", "/iban/asOf", lambda d: d["iban"].update(asOf="24.11.2026")),
    ("enum", "/iban/confidence", lambda d: d["iban"].update(confidence="certain")),
    ("enum", f"{SCHEME}/checksum", lambda d: scheme(d, checksum="refuse")),
    ("enum", "/currencies/value/0/minorDigits", lambda d: d["currencies"]["value"][0].update(minorDigits=0)),
    ("type", "/languages/value", lambda d: d["languages"].update(value="es")),
    ("form", "/subdivisions/value/0/code", lambda d: d["subdivisions"]["value"][0].update(code="Atlántida")),
    ("schema", "/languages/value", lambda d: d["languages"].update(value=["es"])),
    ("other-country", "/country/value", lambda d: d["country"].update(value="GT")),
    ("no-zone", "/timeZone/value", lambda d: d["timeZone"].update(value="America/Tegucigulpa")),
    ("language", "/defaultLanguage/value", lambda d: d["defaultLanguage"].update(value="fr")),
    ("no-calendar", "/holidays/value/library", lambda d: d["holidays"]["value"].update(library="HX")),
    ("twice", "/holidays/value/override", moved_twice),
    ("twice", "/currencies/value", lambda d: d["currencies"]["value"].append(d["currencies"]["value"][0])),
    ("twice", "/subdivisions/value", lambda d: d["subdivisions"]["value"].append(d["subdivisions"]["value"][0])),
    ("twice", "/identifierSchemes", doubled),
    ("currency", "/fees/vat/value/0/amount/currency", lambda d: d.update(fees={"vat": {**d["iban"], "value": [
        {"code": "A", "title": {"en": "a", "es": "a"}, "amount": {"amount": "1.00", "currency": "USD"}}]}})),
    ("subdivision", "/subdivisions/value/0/code", lambda d: d["subdivisions"]["value"][0].update(code="GT-AT")),
    ("subdivision", "/subdivisions/value/0/code", lambda d: d["subdivisions"]["value"][0].update(formerCodes=["GT-X"])),
    ("parent", "/subdivisions/value/0/parent", lambda d: d["subdivisions"]["value"][0].update(parent="HN-ZZ")),
    ("scheme-country", f"{SCHEME}/scheme", lambda d: scheme(d, scheme="gt-dni")),
    ("algorithm", f"{SCHEME}/algorithm", lambda d: scheme(d, algorithm="hn.dmi")),
    ("samples-needed", "/identifierSchemes/0/value", lambda d: scheme(d, checksum="warn")),
    ("samples-unneeded", f"{SCHEME}/samples/badChecksum", lambda d: sampled(d, "badChecksum", "0801199012346")),
    ("sample", f"{SCHEME}/samples/valid/0", lambda d: sampled(d, "valid", "1901199012345")),
    ("sample", f"{SCHEME}/samples/badFormat/0", lambda d: sampled(d, "badFormat", "0801199012345")),
    ("span", "/identifierSchemes/0/value/validTo", lambda d: scheme(d, validFrom="2026-01-02", validTo="2026-01-01")),
    ("pattern-portable", f"{SCHEME}/pattern", lambda d: scheme(d, pattern=r"^\d{13}$")),
    ("pattern-portable", f"{SCHEME}/pattern", lambda d: scheme(d, pattern="^(?=0)[0-9]{13}$")),
    ("pattern-anchors", f"{SCHEME}/pattern", lambda d: scheme(d, pattern="[0-9]{13}")),
    ("pattern-syntax", f"{SCHEME}/pattern", lambda d: scheme(d, pattern="^[0-9{13}$")),
    ("pattern-endless", f"{SCHEME}/pattern", lambda d: scheme(d, pattern="^([0-9]+)+$")),
    ("pattern-portable", "/flags/plateRegex/value", lambda d: flagged(d, "plateRegex", r"^\w$")),
    ("persona", "/personas/cora-minor/identifiers/0/value", lambda d: cora(d, value="1901201910003")),
    ("persona-scheme", "/personas/cora-minor/identifiers/0/scheme", lambda d: cora(d, scheme="xx-id")),
    ("unknown-key-near", "/personas/cora-major", lambda d: renamed(d["personas"], "cora-minor", "cora-major")),
    ("phone-example", "/telephone/value/example", lambda d: d["telephone"]["value"].update(example="+50411234567")),
    ("pattern-portable", "/telephone/value/pattern", lambda d: d["telephone"]["value"].update(pattern=r"^\+504\d{8}$")),
    ("iban", "/iban/value/sample", lambda d: d["iban"]["value"].update(sample="SV62CENR00000000000000700025")),
    ("iban", "/iban/value/sample", lambda d: d["iban"]["value"].update(length=27)),
    ("missing", "/iban/value", lambda d: d["iban"]["value"].pop("length")),
    ("span", "/taxes/valueAdded/rates/value/0/validTo", lambda d: with_rates(d, ("2026-01-02", "2026-01-01"))),
    ("overlap", "/taxes/valueAdded/rates/value/1", lambda d: with_rates(d, (None, None), ("2026-01-01", None))),
    ("span", "/instruments/apostille/value/validTo", lambda d: ended(d, "2000-01-01")),
    ("unknown-key-near", "/instruments/apostile", lambda d: renamed(d["instruments"], "apostille", "apostile")),
    ("service", "/authorities/vats", lambda d: renamed(d["authorities"], "vat", "vats")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "pointer", "change"), CASES, ids=[f"{n}-{code}" for n, (code, *_) in enumerate(CASES)]
)
def test_what_is_wrong_is_found_at_its_place(code: str, pointer: str, change: Change, tmp_path: Path) -> None:
    document = copy.deepcopy(HN)
    change(document)

    found = faults(tmp_path, document)

    assert (code, pointer) in {(one.code, one.pointer) for one in found}
    for one in found:
        assert one.message
        assert "{" not in one.message


def test_rows_that_follow_each_other_do_not_overlap(tmp_path: Path) -> None:
    document = copy.deepcopy(HN)
    with_rates(document, (None, "2025-12-31"), ("2026-01-01", None))

    assert faults(tmp_path, document) == []


def test_a_draft_may_have_any_name(tmp_path: Path) -> None:
    assert faults(tmp_path, HN, "draft.yaml") == []
    assert [one.code for one in faults(tmp_path, HN, "GT.yaml")] == ["other-country"]


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "HN.yaml"
    text = (FOLDER / "HN.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace('"340"', "340").replace("America/Tegucigalpa", "America/Nowhere"), encoding="utf-8")

    found = check_profile(path)

    assert [one.code for one in found] == ["unquoted", "no-zone", "unquoted"]
    assert [one.line for one in found] == sorted(one.line for one in found)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "340" in lines[found[0].line - 1]
    assert "America/Nowhere" in "".join(lines[found[1].line - 1 : found[1].line + 1])


def test_a_suggestion_names_the_nearest_key(tmp_path: Path) -> None:
    document = copy.deepcopy(HN)
    renamed(document, "telephone", "telefone")

    (found,) = faults(tmp_path, document)

    assert found.hint == texts.text("profile.unknown-key-near.hint", near="telephone", name="", limit="", known="")


@pytest.mark.parametrize(
    "document", [None, [], "text", 7, {}, {"country": None}, {"country": {"value": "HN"}}, {"country": []}]
)
def test_no_document_is_too_odd_to_be_told(document: Any, tmp_path: Path) -> None:
    if isinstance(document, dict):
        assert faults(tmp_path, document)
    else:
        with pytest.raises(KitError) as refused:
            faults(tmp_path, document)
        assert refused.value.code == "profile-not-an-object"


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, "", "x", "^(a+)+$", [], [[]], {}, {"value": 1}, "\u202e", "9" * 400]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_part_may_be_anything(tmp_path: Path, data: st.DataObject) -> None:
    """Wherever something odd stands, findings come out and never an error of the program."""
    document = copy.deepcopy(DO)
    node: Any = document
    while True:
        keys: list[Any] = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            node[key] = data.draw(ODD)
            break
        node = node[key]
    assert all(isinstance(one, ProfileFault) for one in faults(tmp_path, document, "DO.yaml"))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "profile-not-an-object"),
        (b"a: [", "spec-syntax"),
        (b"a: &x [1]\nb: *x\n", "spec-alias"),
        (b"country: 1\ncountry: 2\n", "spec-duplicate-key"),
        (b"\xff\xfe", "spec-encoding"),
        (b"a: !!python/object:os.system x\n", "spec-tag"),
        (b"[" * 200, "spec-too-deep"),
        (b"x" * (3 * 1024 * 1024), "spec-too-large"),
        (b"a: 1\n---\nb: 2\n", "spec-syntax"),
    ],
)
def test_a_file_that_is_no_profile_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "HN.yaml"
    path.write_bytes(content)

    with pytest.raises(KitError) as refused:
        check_profile(path)
    assert refused.value.code == code


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, code in [(tmp_path / "none.yaml", "spec-not-found"), (tmp_path, "spec-unreadable")]:
        with pytest.raises(KitError) as refused:
            check_profile(path)
        assert refused.value.code == code


def test_a_hostile_pattern_costs_no_time(tmp_path: Path) -> None:
    document = copy.deepcopy(HN)
    for pattern in (
        "^([0-9]{1,30}){1,30}$",
        "^(0|00){1,40}$",
        "^(([0-9]?){20}){20}$",
        "^" + "(" * 300 + ")" * 300 + "$",
    ):
        scheme(document, pattern=pattern, samples={**SAMPLES, "valid": ["0" * 63 + "x"]})
        begun = time.monotonic()
        assert faults(tmp_path, document)
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("^[0-9]{9}$", None),
        ("^((1[0-3]|[1-9])(AV|PI)?|PE|E|N)-[0-9]{1,4}$", None),
        ("^[*+?(){}]{3}$", None),
        (r"^\+504[0-9]{8}$", None),
        (r"^\(a\)$", None),
        ("^[0-9]{1,}$", "endless"),
        ("^(a?){2}$", "endless"),
        ("^(a{2}){2}$", None),
        ("^((a|b)c){2}$", "endless"),
        (r"^(a)\1$", "portable"),
        ("^(?!a)b$", "portable"),
        ("^a", "anchors"),
        ("^($", "syntax"),
        ("^a{99999999999}$", "syntax"),
    ],
)
def test_patterns_are_fit_or_not(pattern: str, reason: str | None) -> None:
    assert unfit(pattern) == reason


def test_every_finding_has_its_text_and_every_text_its_finding() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (Path(__file__).parents[3] / "services/istmo/spec").glob("_profile_*.py")
    )
    reasons = {"portable", "anchors", "syntax", "endless"}
    told = {key.removeprefix("profile.") for key in texts.catalogue("en") if re.fullmatch(r"profile\.[a-z-]+", key)}

    assert told - {f"pattern-{reason}" for reason in reasons} == {word for word in told if f'"{word}"' in source}
    assert {f"pattern-{reason}" for reason in reasons} <= told
