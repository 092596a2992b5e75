"""A TCP proxy in front of a database: it delays, resets and falls silent when a test says so."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import threading
from collections.abc import Callable, Iterator
from socket import SO_LINGER, SOL_SOCKET

COMMIT = b"COMMIT\0"  # as the driver writes it


class Proxy:
    """One listening port, forwarded to a UNIX socket; its faults may change at any time."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.port = 0
        self.latency = 0.0  # seconds for each piece, in each direction
        self.silent = False  # bytes stop, connections stay
        self.refusing = False  # new connections are reset at once
        self.sees: Callable[[bytes], str] | None = None  # told each piece to the database: "", "before" or "after"
        self._loop = asyncio.new_event_loop()
        self._lines: set[asyncio.StreamWriter] = set()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self._loop.run_until_complete(self._listen())
        self._up.set()
        self._loop.run_forever()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            cut(writer)
            return
        back, there = await asyncio.open_unix_connection(self.target)
        pair = {writer, there}
        self._lines |= pair
        muted = asyncio.Event()

        async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, forth: bool) -> None:
            with contextlib.suppress(OSError):
                while piece := await source.read(65536):
                    fault = self.sees(piece) if forth and self.sees is not None else ""
                    await self._wait()
                    if fault:
                        muted.set()
                    if fault != "before" and (forth or not muted.is_set()):
                        sink.write(piece)
                        await sink.drain()
                    if fault:
                        await asyncio.sleep(0.2)  # the database does what it was told; nobody hears of it
                        break
            cut(*pair)

        await asyncio.gather(carry(reader, there, forth=True), carry(back, writer, forth=False))
        self._lines -= pair

    async def _wait(self) -> None:
        await asyncio.sleep(self.latency)
        while self.silent:  # noqa: ASYNC110 - it is another thread that ends this
            await asyncio.sleep(0.02)

    def reset(self) -> None:
        """Reset every connection."""
        self._loop.call_soon_threadsafe(lambda: cut(*self._lines))

    def start(self) -> None:
        self._thread.start()
        self._up.wait()

    def stop(self) -> None:
        self.silent = False
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        cut(*self._lines)
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        if rest:
            await asyncio.wait(rest, timeout=5)


def cut(*lines: asyncio.StreamWriter) -> None:
    """Reset connections, as a router that forgot them would."""
    for line in lines:
        if not line.transport.is_closing():
            line.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            line.transport.abort()


@contextlib.contextmanager
def proxied(target: str) -> Iterator[Proxy]:
    """A proxy for as long as the block."""
    proxy = Proxy(target)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
