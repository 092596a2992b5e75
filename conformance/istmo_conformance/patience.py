"""Waits where a service asks for patience: whoever answers 429 has done nothing, and says when to come again.

An operation whose contract names a limit of its own is let alone: there the answer is what is judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from istmo_conformance.client import Answer, Client, Request

TOO_MANY = 429
LONGEST = 60  # seconds that are waited for one answer
TRIES = 3
BUDGET = 300  # seconds that a run waits altogether


class Patient:
    """A client that comes again when it is told to, within bounds."""

    def __init__(self, client: Client, limited: Callable[[Request], bool], pause: Callable[[float], None]) -> None:
        self._client = client
        self._limited = limited
        self._pause = pause
        self._waited = 0
        self._vain = False  # whether it was in vain once: then nothing is waited for any more
        self.origin = client.origin

    def send(self, request: Request) -> Answer:
        """Send one call until it is heard."""
        answer = self._client.send(request)
        return answer if answer.status != TOO_MANY else self._heard(request, answer)

    def send_many(self, requests: Sequence[Request]) -> list[Answer]:
        """Send calls at the same time, and those that were not heard again, one after the other."""
        answers = self._client.send_many(requests)
        return [self._heard(request, answer) for request, answer in zip(requests, answers, strict=True)]

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    def _heard(self, request: Request, answer: Answer) -> Answer:
        for _ in range(TRIES):
            seconds = self._asked(request, answer)
            if seconds is None:
                break
            self._waited += seconds
            self._pause(seconds)
            answer = self._client.send(request)
        else:
            self._vain = answer.status == TOO_MANY
        return answer

    def _asked(self, request: Request, answer: Answer) -> int | None:
        """The seconds to wait, or nothing where there is nothing to wait for."""
        if answer.status != TOO_MANY or self._limited(request):
            return None
        told = answer.header("retry-after") or ""
        if re.fullmatch(r"[0-9]{1,4}", told) is None:
            return None
        seconds = int(told)
        bearable = seconds <= LONGEST and self._waited + seconds <= BUDGET and not self._vain
        return seconds if bearable else None
