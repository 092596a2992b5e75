"""A socket and a web server for `serve`, `idp` and whoever serves on this machine for a moment."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from istmo.errors import KitError
from istmo.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    import uvicorn

    from istmo.runtime.settings import Limits


@contextmanager
def listening(host: str, port: int) -> Iterator[tuple[socket.socket, str]]:
    """A listening socket and the address that a client on this machine uses.

    It is opened before anything is built, so that a taken port is told at once.
    """
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError:
        raise KitError("no-such-host", text("server.no-host", host=host), "--host 127.0.0.1") from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(target)
            listener.listen()
        except OSError as error:
            message = text("server.taken", host=host, port=port, reason=error.strerror or type(error).__name__)
            raise KitError("cannot-listen", message, text("server.taken-hint")) from None
        taken = listener.getsockname()[1]
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
        yield listener, f"http://[{shown}]:{taken}" if ":" in shown else f"http://{shown}:{taken}"


@dataclass(frozen=True)
class Ending:
    """How a server stops: it says so at once, waits for others to notice, then lets what is under way end."""

    pause: float = 0.0  # seconds in which it still takes new connections
    grace: int = 5  # seconds in which requests under way may end; after them the caller repeats with the same key
    drain: Callable[[], None] | None = None  # called when the signal has come
    failure: Callable[[], KitError | None] | None = None  # why the application did not start


def config(app: Any, *, grace: int, limits: Limits | None = None) -> uvicorn.Config:
    """Return how the web server behaves; its own lines go where those of the kernel go."""
    import uvicorn  # the web server is loaded when something is served

    from istmo.runtime.connections import guarded
    from istmo.runtime.settings import Limits

    # No access log: it would print query strings. No banner, and no trust in headers of a proxy that is not there.
    # No web sockets: nothing here speaks them, and their log lines name paths.
    return uvicorn.Config(
        app,
        http=guarded(limits or Limits()),
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=grace,
    )


YOUNG = 10_000  # objects after which Python looks for cycles: requests under way hold thousands and leave none


def _settle() -> None:
    """Let the garbage collector leave alone what was loaded before the first request and lives as long as the process.

    It would else walk over all specifications and schemas again and again, for nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


def _server(app: Any, ready: Callable[[], None], ending: Ending, limits: Limits | None) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        """Tells when it has started, and stops in the agreed order."""

        stop_at: float | None = None

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            self.loop = asyncio.get_running_loop()
            await super().startup(sockets)
            if self.started:
                _settle()
                ready()
                sys.stdout.flush()

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            """Begin to stop; a second signal ends the pause, a third one by the keyboard everything."""
            if self.stop_at is None and self.started:
                self.stop_at = time.monotonic() + ending.pause
                if ending.drain is not None:
                    self.loop.call_soon_threadsafe(ending.drain)
                return
            super().handle_exit(sig, frame)
            self._captured_signals.clear()  # it stopped as it was told: that is no death by a signal

        async def on_tick(self, counter: int) -> bool:
            if self.stop_at is not None and time.monotonic() >= self.stop_at:
                self.should_exit = True
            return await super().on_tick(counter)

    return Server(config(app, grace=ending.grace, limits=limits))


def serve(
    app: Any,
    listener: socket.socket,
    ready: Callable[[], None],
    ending: Ending = Ending(),
    limits: Limits | None = None,
) -> int:
    """Serve until a signal; `ready` is called once requests are answered."""
    server = _server(app, ready, ending, limits)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return 0
    except SystemExit:
        if server.started:
            raise
    if not server.started:
        failure = ending.failure() if ending.failure is not None else None
        raise failure or KitError("not-started", text("server.not-started"), text("server.not-started-hint"))
    return 0
