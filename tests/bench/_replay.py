"""A bare client loop that sends what the suite sent: no steps, no checks, no report.

The identifiers, tags, tokens and codes of the first run are replaced by those that the second run is given, so
that each call does the same work in the service as it did for the suite.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from istmo_conformance.client import Answer, Client, Request

Exchange = tuple[tuple["Request", ...], tuple["Answer", ...]]
_VALUE = re.compile(r"[A-Za-z0-9_.\-]{12,}")


class Recorder:
    """A client that remembers every call and its answer, one at a time or several at once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.origin = client.origin
        self.exchanges: list[Exchange] = []

    def send(self, request: Request) -> Answer:
        answer = self._client.send(request)
        self.exchanges.append(((request,), (answer,)))
        return answer

    def send_many(self, requests: Sequence[Request]) -> list[Answer]:
        answers = self._client.send_many(requests)
        self.exchanges.append((tuple(requests), tuple(answers)))
        return answers

    def close(self) -> None:
        self._client.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a client offers
        return getattr(self._client, name)


class Today:
    """The values of then, and what stands in their place today."""

    def __init__(self) -> None:
        self._today: dict[str, str] = {}

    def text(self, text: str) -> str:
        """A text of then as it reads today."""
        return _VALUE.sub(lambda found: self._today.get(found[0], found[0]), text) if self._today else text

    def raw(self, body: bytes) -> bytes:
        """A body of then as it reads today."""
        return self.text(body.decode("latin-1")).encode("latin-1") if body else body

    def learn(self, then: bytes, now: bytes) -> None:
        """Pair the values of two JSON answers to the same call."""
        self._pair(json.loads(then or b"null"), json.loads(now or b"null"))

    def _pair(self, then: object, now: object) -> None:
        if isinstance(then, dict) and isinstance(now, dict):
            for name in then.keys() & now.keys():
                self._pair(then[name], now[name])
        elif isinstance(then, list) and isinstance(now, list):
            for one, other in zip(then, now, strict=False):
                self._pair(one, other)
        elif isinstance(then, str) and isinstance(now, str) and then != now and _VALUE.fullmatch(then):
            self._today[then] = now


class Replay:
    """Sends recorded calls again, with the values of today in the place of those of then."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._today = Today()

    def run(self, exchanges: Sequence[Exchange]) -> tuple[int, int]:
        """Send all; return how many calls, and how many got another status than the first time."""
        sent = differing = 0
        for requests, answers in exchanges:
            renewed = [self._renew(request) for request in requests]
            came = [self._client.send(renewed[0])] if len(renewed) == 1 else self._client.send_many(renewed)
            for then, now in zip(answers, came, strict=True):
                sent += 1
                differing += then.status != now.status
                if then.is_json and now.is_json:
                    self._today.learn(then.body, now.body)
        return sent, differing

    def _renew(self, request: Request) -> Request:
        headers = tuple((name, self._today.text(value)) for name, value in request.headers)
        return dataclasses.replace(
            request, path=self._today.text(request.path), headers=headers, body=self._today.raw(request.body)
        )
