"""What somebody writes without the kit: pytest-bdd, httpx2 and jsonschema-rs, no evidence and no report.

`beside.py` hands this file to pytest in a process of its own. Its scenarios send the calls of a recorded run; each
answer must have the status of then and the form that the specification declares. Only what a replay needs beyond
that, which is reading the recording and putting today's values in, is timed, so that it can be taken off.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import jsonschema_rs
import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from tests.bench._recording import CALLS, DOCUMENT, FEATURE
from tests.bench._replay import Today

JSON = Any
T = TypeVar("T")
FOLDER = Path(os.environ["BESIDE_FOLDER"])
RESULT = "plain.json"


class Suite:
    """The client, the validators, and what was sent then."""

    def __init__(self, address: str) -> None:
        self.client = httpx2.Client(base_url=address, timeout=10.0)
        self.pool = ThreadPoolExecutor(32)
        self.extra = 0.0
        self.sent = self.validated = 0
        self.then = self.timed(lambda: json.loads((FOLDER / CALLS).read_text(encoding="utf-8")))
        document = json.loads((FOLDER / DOCUMENT).read_text(encoding="utf-8"))
        self.registry = jsonschema_rs.Registry([("urn:contract", document)])
        self.validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self.today = Today()

    def timed(self, function: Callable[[], T]) -> T:
        """Do what only a replay has to do."""
        started = time.thread_time()
        try:
            return function()
        finally:
            self.extra += time.thread_time() - started

    def make(self, number: int) -> None:
        """Make one call, or several at once, and check what comes back."""
        recorded = self.then[number]
        requests = self.timed(lambda: [self.renewed(one) for one in recorded])
        several = len(requests) > 1
        answers = list(self.pool.map(self.send, requests)) if several else [self.send(requests[0])]
        assert sorted(one.status_code for one in answers) == sorted(one["status"] for one in recorded)
        for one, answer in zip(recorded, answers, strict=True):
            self.sent += 1
            if one["schema"] and one["status"] == answer.status_code:
                self.validated += 1
                self.validator(one["schema"]).validate(answer.json())
            if one["answer"] and answer.content:
                self.timed(lambda one=one, answer=answer: self.today.learn(  # type: ignore[misc] # mypy cannot infer it
                    one["answer"].encode("latin-1"), answer.content
                ))  # fmt: skip

    def renewed(self, one: JSON) -> JSON:
        """A call with the values of today."""
        headers = [(name, self.today.text(value).encode()) for name, value in one["headers"]]
        path = self.today.text(one["path"])
        return one["method"], path, headers, self.today.raw(one["body"].encode("latin-1"))

    def send(self, call: JSON) -> httpx2.Response:
        """Send one call, its address exactly as it stands."""
        method, path, headers, body = call
        request = self.client.build_request(
            method, "/", headers=headers, content=body, extensions={"target": path.encode("ascii")}
        )
        return self.client.send(request)

    def validator(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        """The validator of a schema, compiled once."""
        if pointer not in self.validators:
            schema = {"$ref": f"urn:contract{pointer}"}
            self.validators[pointer] = jsonschema_rs.Draft202012Validator(
                schema, registry=self.registry, validate_formats=True
            )
        return self.validators[pointer]


@pytest.fixture(scope="session")
def suite() -> Iterator[Suite]:
    made = Suite(os.environ["BESIDE_ADDRESS"])
    yield made
    told = {"extra": made.extra, "sent": made.sent, "validated": made.validated}
    (FOLDER / RESULT).write_text(json.dumps(told), encoding="utf-8")


@given(parsers.parse("calls {first:d} to {last:d} are made"))
@when(parsers.parse("calls {first:d} to {last:d} are made"))
@then(parsers.parse("calls {first:d} to {last:d} are made"))
def _(suite: Suite, first: int, last: int) -> None:
    for number in range(first - 1, last):
        suite.make(number)


@given("the answers are as they should be")
@when("the answers are as they should be")
@then("the answers are as they should be")
def _(suite: Suite) -> None:
    assert suite.sent


scenarios(str(FOLDER / FEATURE))
