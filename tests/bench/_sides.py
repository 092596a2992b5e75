"""One side of the comparison in a process of its own: `python -m tests.bench._sides SIDE FOLDER [WORD=VALUE...]`.

It prints one line of JSON when it answers: its port, and the headers that a client must send.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

HOST = "notes.test"


def main(side: str, folder: Path, words: dict[str, str]) -> int:
    """Serve until a signal."""
    from istmo.cli import _server

    if "sample" in words:
        from ._sampler import on_signals

        on_signals(folder / words["sample"])
    if "core" in words:
        os.sched_setaffinity(0, {int(words["core"])})
    with _server.listening("127.0.0.1", 0) as (listener, _):
        if side == "ours":
            return _ours(folder, words, listener)
        from . import _plain

        build = {"idiomatic": _plain.idiomatic, "lean": _plain.lean}[side]
        return _plainly(build(f"{folder}/{side}.db", words.get("synchronous", "NORMAL")), listener)


def _told(listener: socket.socket, headers: dict[str, str]) -> Callable[[], None]:
    def tell() -> None:
        print(json.dumps({"port": listener.getsockname()[1], "headers": headers}), flush=True)

    return tell


def _plainly(app: Any, listener: socket.socket) -> int:
    """Serve as `uvicorn --no-access-log` does: uvloop and httptools, which the package brings."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _told(listener, {"Host": HOST})()

    Server(uvicorn.Config(app, access_log=False, log_level="warning")).run(sockets=[listener])
    return 0


def _ours(folder: Path, words: dict[str, str], listener: socket.socket) -> int:
    """Serve as `istmo serve` does in production, behind a proxy on this machine; log lines go to standard error."""
    from istmo.cli import _server
    from istmo.cli._workers import Crew
    from istmo.runtime import create_app, logs
    from istmo.runtime.settings import Limits, load
    from tests.production import safe

    from . import _applications

    limits = Limits(requests_per_minute=10**9)  # one token stands for everybody here
    chosen = safe(folder, proxies=("127.0.0.1",), hosts=(HOST,), limits=limits)
    settings = load(**(chosen | {"database": words["database"]} if "database" in words else chosen))
    logs.configure(settings.log_level)
    told = _told(listener, {"Host": HOST, "X-Forwarded-Proto": "https", "Authorization": f"Bearer {_token(folder)}"})

    def work(ready: Callable[[], None]) -> int:
        app = create_app(_applications.service(), settings=settings)
        if words.get("together") == "no":
            from istmo.runtime.store import sqlite

            sqlite.BATCH = 1  # one commit for each unit
        return _server.serve(app, listener, ready, limits=settings.limits)

    workers = int(words.get("workers", "1"))
    return work(told) if workers == 1 else Crew(workers, work).run(told)


def _token(folder: Path) -> str:
    """A token of the provider whose keys the settings name."""
    import time

    from joserfc import jwt
    from joserfc.jwk import OKPKey

    from ._applications import OWNER

    private = json.loads((folder / "provider.json").read_text(encoding="utf-8"))
    now = int(time.time())
    claims = {
        "iss": "https://id.test", "sub": OWNER, "aud": "urn:test:notes", "client_id": "bench", "azp": "bench",
        "iat": now, "nbf": now, "exp": now + 36000, "jti": str(uuid.uuid4()),
        "scope": "applications:read applications:write", "acr": "urn:istmo:loa:substantial",
    }  # fmt: skip
    header = {"alg": "Ed25519", "typ": "at+jwt", "kid": private["kid"]}
    return jwt.encode(header, claims, OKPKey.import_key(private), algorithms=["Ed25519"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), dict(word.split("=", 1) for word in sys.argv[3:])))
