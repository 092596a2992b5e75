"""The table of sentences: bilingual, unambiguous, documented; clauses and values read as they are meant."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from istmo.errors import Finding, KitError
from istmo.paths import ROOT
from istmo_conformance import values, vocabulary
from istmo_conformance.clauses import CLAUSES, describe, read_clauses
from istmo_conformance.steps import contract, fees, fetching, forms, judging, writing
from istmo_conformance.steps.__main__ import render
from istmo_conformance.vocabulary import TABLE, recognise

NAMES = re.compile(r"\{([a-z_]+?)(?:_?[0-9]*)\}")


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.en)
def test_each_sentence_says_the_same_in_both_languages(entry: vocabulary.Sentence) -> None:
    assert entry.en != entry.es
    assert set(NAMES.findall(entry.en)) == set(NAMES.findall(entry.es))


@pytest.mark.parametrize("entry", CLAUSES, ids=lambda entry: entry.en)
def test_each_clause_says_the_same_in_both_languages(entry: Any) -> None:
    assert entry.en != entry.es
    assert set(NAMES.findall(entry.en)) == set(NAMES.findall(entry.es))


@pytest.mark.parametrize("entry", [*TABLE, *CLAUSES], ids=lambda entry: entry.en)
def test_every_name_of_a_wording_may_hold_something(entry: Any) -> None:
    for wording in (entry.en, entry.es):
        assert vocabulary.expression(wording).groupindex.keys() == set(re.findall(r"{(.*?)}", wording))


def test_the_vocabulary_stays_small() -> None:
    assert len(TABLE) <= 80


def test_the_reference_is_current() -> None:
    path = ROOT / "docs" / "reference" / "steps.md"

    assert path.read_text(encoding="utf-8") == render(), (
        "run: python -m istmo_conformance.steps > docs/reference/steps.md"
    )


def test_a_coroutine_is_no_step() -> None:
    async def never_awaited(_: Any) -> None:
        """Do nothing."""

    with pytest.raises(KitError) as caught:
        vocabulary.sentence("when", en="x", es="y")(never_awaited)  # type: ignore[arg-type] # the point

    assert caught.value.code == "async-step"


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        ("when", "ana calls createRequest", {"who": "ana", "operation": "createRequest", "tail": ""}),
        ("when", "ana llama a submit del caso para ese recurso", {"operation": "submit del caso"}),
        ("when", "someone entitled calls each public reading operation", {"set": "public reading operation"}),
        ("when", "a year passes", {"span": "a year"}),
        ("when", "pasan 3 días", {"span": "3 días"}),
        ("then", 'the answer is 409 "illegal-transition"', {"statuses": "409", "code": "illegal-transition"}),
        ("then", "cada respuesta es 400, 404 o 422", {"every": "cada", "statuses": "400, 404 o 422", "code": None}),
        ("then", '"/fees/0/amount" is {"amount": "5.00"}', {"thing": '"/fees/0/amount"'}),
        ("then", '"status" is its "status"', {"value": 'its "status"'}),
        ("then", '"id" no es lo recordado como "x"', {"thing": '"id"', "negated": "no"}),
        ("then", 'each header "Age" is absent', {"thing": 'each header "Age"', "presence": "absent"}),
        (
            "then",
            '"dueBy" is 5 working days after "submittedAt"',
            {"workdays": "5 working days", "start": "submittedAt"},
        ),
        ("then", '"dueBy" es un día hábil después de "submittedAt"', {"workdays": "un día hábil"}),
        ("when", 'the minutes of "automaticMinutes" pass', {"span": 'the minutes of "automaticMinutes"'}),
    ],
)
def test_a_sentence_is_recognised(kind: str, text: str, values: dict[str, str]) -> None:
    match = recognise(kind, text)

    assert match is not None
    assert values.items() <= match.values.items()


@pytest.mark.parametrize("text", ["ana calls", "the answer is 999", "the answer is not", "a fortnight passes"])
def test_what_nobody_said_is_not_recognised(text: str) -> None:
    assert [kind for kind in vocabulary.KINDS if recognise(kind, text)] == []


def test_clauses_are_read_in_any_order_and_language() -> None:
    call = describe("ana", ' where "/copies" is 11, without "/about" and with header "Accept" as "a, b and c"')

    assert call.changes == [("/copies", "11"), ("/about", None)]
    assert call.headers == {"Accept": "a, b and c"}
    assert describe("ana", ' donde "/a" es "x y z" y sin "/b"').changes == [("/a", '"x y z"'), ("/b", None)]


def test_a_body_is_sent_as_its_clauses_say() -> None:
    assert describe("ana", " with a body of 3 levels").body == "[[[]]]"
    assert describe("ana", ' en la codificación "gzip"').encoding == "gzip"
    assert describe("ana", ' con un token hecho como "alg-none"').token == "alg-none"
    assert describe("ana", ' from the page "place", if it has changed').page == "place"


def test_a_wording_may_say_a_number_twice() -> None:
    found = recognise("when", "ana lee todas las páginas de listFees, de 100 en 100")
    assert found is not None
    assert found.values == {"who": "ana", "operation": "listFees", "number": "100", "number_2": "100"}


def test_a_number_of_times_at_once_is_not_one_after_the_other() -> None:
    assert (describe("ana", " 10 times at once").times, describe("ana", " 10 times at once").parallel) == (10, True)
    assert describe("ana", " 10 veces").parallel is False


@pytest.mark.parametrize(
    "tail",
    [
        " in the rain",
        'where "/a" is 1',
        ' where "/a" is nothing',
        " for",
    ],
)
def test_an_unknown_clause_is_refused(tail: str) -> None:
    with pytest.raises(KitError):
        list(read_clauses(tail))


@pytest.mark.parametrize("tail", [' with a token made as "gold"', ' in the encoding "x"'])
def test_a_kind_that_nobody_knows_is_refused(tail: str) -> None:
    with pytest.raises(KitError):
        describe("ana", tail)


IT = {"id": "7", "verificationCode": "abc", "receipt": {"code": "xyz"}, "list": [{"a": 1}, {"a": 2}]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11", 11), ("true", True), ('"a\\"b"', 'a"b'), ('{"a": [1]}', {"a": [1]}),
        ("its verification code", "abc"), ('su "verificationCode"', "abc"), ('its "/list/-1/a"', 2),
        ("its code", "xyz"),
        ('the remembered "x"', 5), ("today", "2027-03-15"), ("hoy", "2027-03-15"),
        ("3 days after today", "2027-03-18"), ("3 días antes de hoy", "2027-03-12"), ("a text of 3 characters", "xxx"),
        ("a list of 3 levels", [[[]]]), ("un objeto de 2 miembros", {"0": None, "1": None}),
    ],
)  # fmt: skip
def test_a_value_is_what_it_says(text: str, expected: Any) -> None:
    values.check_value(text)

    assert values.resolve(text, it=IT, known={"x": 5}, today=date(2027, 3, 15)) == expected


def test_what_the_service_did_not_show_is_its_fault() -> None:
    with pytest.raises(Finding):
        values.resolve("its number", it={}, known={}, today=date(2027, 3, 15))


def test_changes_leave_the_example_alone() -> None:
    example = {"a": {"b": [1, 2]}}
    before = json.dumps(example)

    assert values.changed(example, "/a/b/0", 9) == {"a": {"b": [9, 2]}}
    assert values.changed(example, "/a/b/-", 3) == {"a": {"b": [1, 2, 3]}}
    assert values.changed(example, "/a/c/d", 1) == {"a": {"b": [1, 2], "c": {"d": 1}}}
    assert values.changed(example, "a", values.MISSING) == {}
    assert json.dumps(example) == before


class Written:
    """Takes what a step is given."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}


@pytest.mark.parametrize(("text", "side"), [("dos antes de tres", "before"), ("two after three", "after")])
def test_a_step_is_given_its_choice_in_english(monkeypatch: pytest.MonkeyPatch, text: str, side: str) -> None:
    monkeypatch.setattr(vocabulary, "TABLE", [])

    def act(world: Written, **given: str) -> None:
        """Keep what is given."""
        world.given = given

    vocabulary.sentence("when", en="two {side} three", es="dos {side} de tres")(act)
    world = Written()
    vocabulary.perform("when", text, world)
    recognise.cache_clear()

    assert world.given == {"side": side}


@pytest.mark.parametrize(
    ("name", "acted"),
    [
        ("agreement", contract.AGREEMENTS),
        ("judge", forms.JUDGES),
        ("linked", fetching.FETCHED),
        ("quality", judging.QUALITIES),
        ("quoted", fees.QUOTED),
        ("sort", writing.SORTS),
    ],
)
def test_each_choice_has_its_act(name: str, acted: dict[str, Any]) -> None:
    assert {en for en, _ in vocabulary.CHOICES[name]} == set(acted)


def test_each_choice_is_in_both_languages_and_used() -> None:
    wordings = " ".join(entry.en for entry in TABLE)

    assert [name for name in vocabulary.CHOICES if f"{{{name}}}" not in wordings] == []
    assert [pair for pairs in vocabulary.CHOICES.values() for pair in pairs if not all(pair)] == []
