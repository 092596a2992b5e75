"""Hostile input against every operation of every service: no 5xx, no echo, nothing stored, nothing wrong taken.

The short run gives each case to one operation of each kind and each operation one case of each family; the long run
(`make test-slow`) gives everything to everybody.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from tests.istmo.runtime.corpus import CASES, VALUES, judge, run, share
from tests.istmo.runtime.corpus.field import Answer, Field, Ready

from istmo.runtime.trace import SAFE_HEADERS
from istmo.spec import catalogue

SLUGS = [entry.slug for entry in catalogue()]
SAFE = {name.decode(): value.decode() for name, value in SAFE_HEADERS}


@pytest.fixture
def field(request: pytest.FixtureRequest) -> Iterator[Field]:
    found = Field(request.param)
    yield found
    found.close()


def test_there_are_many_cases_and_each_has_a_name() -> None:
    names = [str(case) for case in (*CASES, *VALUES)]

    assert len(names) == len(set(names)) >= 300


def test_the_short_run_gives_each_case_to_each_kind_and_each_family_to_each_operation() -> None:
    for peers in share.kinds().values():
        given: set[str] = set()
        for one in peers:
            cases = list(share.cases_of(one.slug, one.operation, CASES))
            able = [case for case in CASES if case.applies(one.operation)]
            assert {case.family for case in cases} == {case.family for case in able}, one.operation.id
            given |= {str(case) for case in cases}
        assert given == {str(case) for case in CASES if any(case.applies(one.operation) for one in peers)}


@pytest.mark.parametrize("field", SLUGS, indirect=True)
def test_every_operation_refuses_a_share_of_everything(field: Field) -> None:
    found: list[str] = []
    reached: Counter[bool] = Counter()
    for ready in field.ready():
        field.restore(ready.state)
        answer = field.host.do(field.send(ready.calls[0]))
        reached[answer.status < 400] += 1
        field.restore(ready.state)
        found += run.run_share(field, ready, CASES, VALUES)
    assert found == []
    # A corpus that only ever meets closed doors proves little: most operations serve the call before it is spoilt.
    assert reached[True] > 3 * reached[False]


@pytest.mark.slow
@pytest.mark.parametrize("field", SLUGS, indirect=True)
def test_every_operation_refuses_everything(field: Field) -> None:
    found: list[str] = []
    for ready in field.ready():
        field.restore(ready.state)
        found += run.run_all(field, ready, CASES, VALUES)
    assert found == []


# ---------------------------------------------------------------------- the judge itself


@pytest.fixture
def ready() -> Iterator[tuple[Field, Ready]]:
    found = Field(SLUGS[0])
    yield found, next(one for one in found.ready() if one.operation.request_required and one.calls[0].body[:1] == b"{")
    found.close()


def problem(status: int, **members: object) -> Answer:
    document = {
        "type": "urn:istmo:problem:malformed-json",
        "title": "The body is not valid JSON",
        "status": status,
        "code": "malformed-json",
        "correlationId": "11111111-1111-4111-8111-111111111111",
        **members,
    }
    headers = {**SAFE, "content-type": "application/problem+json", "correlation-id": str(document["correlationId"])}
    return Answer(status, headers, json.dumps(document).encode())


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (problem(400), ""),
        (problem(422), "422 with code malformed-json"),
        (problem(400, code="no-such-code"), "400 with code no-such-code"),
        (problem(400, detail="canary-value"), "the problem repeats the refused value"),
        (problem(400, detail='File "store.py"'), "the problem tells of the inside"),
        (problem(400, title=7), "not as the schema of problems says"),
        (Answer(400, {**SAFE, "content-type": "text/html"}, b"<h1>Bad</h1>"), "400 is no problem but text/html"),
        (Answer(400, problem(400).headers | {"x": "a\r\nb"}, problem(400).body), "header x holds a line end"),
        (Answer(500, {}, b"oops"), "500 b'oops'"),
        (Answer(201, SAFE, b"{}"), "taken with 201"),
        (Answer(201, {}, b"{}"), "header cache-control is missing"),
    ],
)
def test_the_judge_sees_what_is_wrong(ready: tuple[Field, Ready], answer: Answer, fault: str) -> None:
    one = ready[1]
    found = judge.faults(one, one.calls[0], answer, refused=True, needle="canary-value")

    assert any(line.startswith(fault) for line in found) if fault else found == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [(b"[]", "taken, but [] type"), (b'{"a":1,"a":1}', "taken, but a member stands twice"), (b"NaN", "taken, but NaN")],
)
def test_the_judge_asks_another_reader_about_what_was_taken(
    ready: tuple[Field, Ready], body: bytes, fault: str
) -> None:
    one = ready[1]
    taken = Answer(200, SAFE, b"{}")

    assert judge.faults(one, one.calls[0], taken, refused=False) == []
    found = judge.faults(one, one.calls[0].with_body(body), taken, refused=False)
    assert any(line.startswith(fault) for line in found)


def test_the_judge_sees_what_a_refused_call_has_stored(ready: tuple[Field, Ready]) -> None:
    field, one = ready
    field.restore(one.state)
    before = field.digest()
    field.connection.execute("INSERT INTO counter (service, name, value) VALUES ('x', 'x', 1)")

    assert field.digest() != before
    field.restore(one.state)
    assert field.digest() == before
