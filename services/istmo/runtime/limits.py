"""Limits on repetition: a token bucket for each client and a window of failures for each address."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from istmo.errors import Problem

from .clock import monotonic

if TYPE_CHECKING:
    from istmo.spec import Operation

    from .keys import Keys
    from .store import Store

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
    """After so many answers of one status, an address waits until they are old enough, whichever process it meets."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    async def check(self, operation: Operation, service: str, address: str) -> None:
        """Refuse an address that has failed too often."""
        limit, now = operation.failure_limit, time.time()
        if limit is None:
            return
        seconds = float(limit["seconds"])
        place = self._place(operation, address)
        failures = [at for at in await self._store.failures(service, place, now - seconds) if at <= now]
        if len(failures) >= limit["count"]:
            raise too_many(failures[-limit["count"]] + seconds - now)

    async def note(self, operation: Operation, service: str, address: str, status: int) -> None:
        """Remember a failure, if the status is one."""
        limit = operation.failure_limit
        if limit is not None and status == limit["status"]:
            await self._store.fail(service, self._place(operation, address), time.time())

    def _place(self, operation: Operation, address: str) -> str:
        """Name the operation and the address, which itself is nobody's business."""
        return f"{operation.id}:{self._keys.mac('failures', address.encode()).hex()}"


def too_many(seconds: float) -> Problem:
    """Return the refusal that says when to come back."""
    return Problem("too-many-requests", headers={"Retry-After": str(max(1, int(seconds) + 1))})
