"""A network backend with one wall clock per call, and one address per host for the whole run."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterable
from typing import Any, TypeAlias

import httpcore2

from istmo.errors import Undecided
from istmo_conformance.words import say

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of(text: str) -> Address | None:
    """The address that a host is, when it is no name; one that stands in the other family is what it stands for."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    inner = found.ipv4_mapped or found.sixtofour if isinstance(found, ipaddress.IPv6Address) else None
    return inner or found


def resolve(host: str, port: int, *, private: bool) -> str:
    """Return the one address of a host; a name that leads inside a network is refused unless that is meant.

    Whoever writes `127.0.0.1` or `localhost` means it. A name of a stranger may lead anywhere, today here and
    tomorrow to the keys of the machine that runs the suite.
    """
    if address_of(host) is not None:
        return host
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if private or host == "localhost" or host.endswith(".localhost"):
        return found[0]
    for text in found:
        address = address_of(text)
        if address is None or not address.is_global or address.is_multicast:
            raise Undecided(
                "target-private",
                say("{host} leads to an address inside a network", "{host} lleva a una dirección interna de una red",
                    host=host),
                say("if that is meant, add --private", "si es lo que se quiere, agregue --private"),
            )  # fmt: skip
    return found[0]


class Deadlined(httpcore2.NetworkBackend):
    """Opens connections whose every read is bounded by what is left of the call's time."""

    def __init__(self, *, private: bool = False) -> None:
        self._inner = httpcore2.SyncBackend()
        self._clock = threading.local()
        self._private = private
        self._pinned: dict[str, str] = {}

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
        """Open a connection within what is left, to the address that the host had at first."""
        self._name(host, port)
        stream = self._inner.connect_tcp(self._pinned[host], port, self.left(timeout), local_address, socket_options)
        return _Stream(stream, self)

    def _name(self, host: str, port: int) -> None:
        if host in self._pinned:
            return
        try:
            self._pinned[host] = resolve(host, port, private=self._private)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(str(error)) from None


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
