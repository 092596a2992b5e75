"""A socket and a web server for `serve`, `idp` and whoever serves on this machine for a moment."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Any

from istmo.errors import KitError
from istmo.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket before anything is built, so that a taken port is told at once."""
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(target)
    except socket.gaierror:
        raise KitError("no-such-host", text("server.no-host", host=host), "--host 127.0.0.1") from None
    except OSError as error:
        message = text("server.taken", host=host, port=port, reason=error.strerror or type(error).__name__)
        raise KitError("cannot-listen", message, text("server.taken-hint")) from None
    listening.set_inheritable(True)
    return listening


def address(host: str, listening: socket.socket) -> str:
    """The address that a client on this machine uses."""
    port = listening.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, never listened on
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def serve(app: Any, listening: socket.socket, ready: Callable[[], None]) -> int:
    """Serve until a signal; `ready` is called once requests are answered."""
    import uvicorn  # the web server is loaded when something is served

    class Server(uvicorn.Server):
        """Tells when it has started."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()
                sys.stdout.flush()

    # No access log: it would print query strings. No banner, and no trust in headers of a proxy that is not there.
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, proxy_headers=False)
    server = Server(config)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        return 0
    finally:
        listening.close()
    if not server.started:
        raise KitError("not-started", text("server.not-started"), text("server.not-started-hint"))
    return 0
