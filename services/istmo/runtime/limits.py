"""Limits on repetition: a token bucket for each client and a window of failures for each address."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass

from istmo.errors import Problem

from .clock import monotonic

CLIENTS = 10_000  # remembered at most; the one heard of longest ago is forgotten first


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimiter:
    """So many requests a minute for each client, with a burst of a quarter of them."""

    def __init__(self, per_minute: int) -> None:
        self.rate = per_minute / 60.0
        self.burst = max(per_minute / 4.0, 1.0)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str) -> None:
        """Count a request, or refuse it."""
        now = monotonic()
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = self._buckets[client] = _Bucket(self.burst, now)
            if len(self._buckets) > CLIENTS:
                self._buckets.popitem(last=False)
        else:
            bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.at) * self.rate)
            bucket.at = now
            self._buckets.move_to_end(client)
        if bucket.tokens < 1.0:
            raise too_many((1.0 - bucket.tokens) / self.rate)
        bucket.tokens -= 1.0

    def reset(self) -> None:
        """Forget every client."""
        self._buckets.clear()


class FailureLimiter:
    """After so many answers of one status, an address waits until they are old enough."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def check(self, operation: str, address: str, *, count: int, seconds: float) -> None:
        """Refuse an address that has failed too often."""
        failures = self._failures.get((operation, address))
        if failures is None:
            return
        now = monotonic()
        while failures and failures[0] <= now - seconds:
            failures.popleft()
        if len(failures) >= count:
            raise too_many(failures[0] + seconds - now)

    def note(self, operation: str, address: str, *, count: int) -> None:
        """Remember a failure."""
        failures = self._failures.setdefault((operation, address), deque(maxlen=count))
        self._failures.move_to_end((operation, address))
        failures.append(monotonic())
        if len(self._failures) > CLIENTS:
            self._failures.popitem(last=False)

    def reset(self) -> None:
        """Forget every failure."""
        self._failures.clear()


def too_many(seconds: float) -> Problem:
    """Return the refusal that says when to come back."""
    return Problem("too-many-requests", headers={"Retry-After": str(max(1, int(seconds) + 1))})
