"""A network backend whose reads and writes share one wall clock per call."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore2


class Deadlined(httpcore2.NetworkBackend):
    """Opens connections whose every read is bounded by what is left of the call's time."""

    def __init__(self) -> None:
        self._inner = httpcore2.SyncBackend()
        self._clock = threading.local()

    def until(self, moment: float) -> None:
        """Set the moment by which the call of this thread must be over."""
        self._clock.moment = moment

    def left(self, timeout: float | None) -> float:
        """The seconds that the call of this thread may still take."""
        rest: float = getattr(self._clock, "moment", time.monotonic() + 10.0) - time.monotonic()
        if rest <= 0:
            raise httpcore2.ReadTimeout("deadline")
        return min(rest, timeout) if timeout is not None else rest

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Open a connection within what is left."""
        stream = self._inner.connect_tcp(host, port, self.left(timeout), local_address, socket_options)
        return _Stream(stream, self)


class _Stream(httpcore2.NetworkStream):
    """A stream that asks the clock before it waits."""

    def __init__(self, inner: httpcore2.NetworkStream, clock: Deadlined) -> None:
        self._inner = inner
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._clock.left(timeout))
        return _Stream(inner, self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
