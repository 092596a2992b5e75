"""A socket and a web server for `serve`, `idp` and whoever serves on this machine for a moment."""

from __future__ import annotations

import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from istmo.errors import KitError
from istmo.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


def serve(app: Any, listener: socket.socket, ready: Callable[[], None], limits: Limits | None = None) -> int:
    """Serve until a signal; `ready` is called once requests are answered."""
    import uvicorn  # the web server is loaded when something is served

    from istmo.runtime.connections import guarded
    from istmo.runtime.settings import Limits

    class Server(uvicorn.Server):
        """Tells when it has started."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()
                sys.stdout.flush()

    # No access log: it would print query strings. No banner, and no trust in headers of a proxy that is not there.
    # No web sockets: nothing here speaks them.
    config = uvicorn.Config(
        app,
        http=guarded(limits or Limits()),
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    server = Server(config)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return 0
    if not server.started:
        raise KitError("not-started", text("server.not-started"), text("server.not-started-hint"))
    return 0
