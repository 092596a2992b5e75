"""Calls to an ASGI application in this process, without a socket.

The application lives on an event loop of its own in a background thread, so that its lifespan and its
workers run as they would behind a server, and several calls can be in it at the same time.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping, Sequence
from typing import Any, TypeAlias, TypeVar

from istmo.errors import Finding, KitError
from istmo_conformance.client import DEADLINE, Answer, Late, Request, refuse_encoding, text_of

Message: TypeAlias = MutableMapping[str, Any]
App: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
T = TypeVar("T")


class AsgiClient:
    """A client whose network is a function call."""

    def __init__(self, app: App, *, deadline: float = DEADLINE) -> None:
        self.origin = "http://istmo.test"
        self._app = app
        self._deadline = deadline
        self._state: dict[str, Any] = {}
        self._inbox: asyncio.Queue[Message] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="istmo-app", daemon=True)
        self._thread.start()
        try:
            self._lifespan: asyncio.Task[None] | None = self._do(self._startup())
        except BaseException:
            self._stop()
            raise

    def send(self, request: Request) -> Answer:
        """Send one call within the deadline."""
        return self._do(self._call(request))

    def send_many(self, requests: Sequence[Request]) -> list[Answer]:
        """Have all calls in the application at the same time."""
        return self._do(self._gather(requests))

    def close(self) -> None:
        """Shut the application down and end its thread."""
        if not self._loop.is_running():
            return
        try:
            self._do(self._shutdown())
        finally:
            self._stop()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._loop.is_running():
            self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=self._deadline * 3)

    async def _gather(self, requests: Sequence[Request]) -> list[Answer]:
        return list(await asyncio.gather(*(self._call(request) for request in requests)))

    async def _call(self, request: Request) -> Answer:
        started = time.perf_counter()
        exchange = _Exchange(request)
        try:
            await asyncio.wait_for(self._app(self._scope(request), exchange.receive, exchange.send), self._deadline)
        except TimeoutError:
            raise Late(f"the answer was not complete within {self._deadline:g} s") from None
        except Finding:
            raise
        except Exception as error:
            if exchange.status is None:
                raise Finding(f"the application raised {type(error).__name__} instead of answering") from error
        finally:
            exchange.forget()
        if exchange.status is None:
            raise Finding("the application ended without an answer")
        refuse_encoding(exchange.fields)
        body = b"".join(exchange.parts)
        return Answer(exchange.status, exchange.fields, body, time.perf_counter() - started, request)

    def _scope(self, request: Request) -> Message:
        path, _, query = request.path.partition("?")
        headers = [(b"host", b"istmo.test"), (b"accept-encoding", b"identity")]
        headers += [(name.lower().encode("ascii"), value.encode("utf-8")) for name, value in request.headers]
        if request.body or request.method in {"POST", "PUT", "PATCH"}:
            headers.append((b"content-length", str(len(request.body)).encode("ascii")))
        return {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1",
            "method": request.method, "scheme": "http", "path": _unquoted(path), "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"), "root_path": "", "headers": headers,
            "client": ("127.0.0.1", 50000), "server": ("istmo.test", 80), "state": dict(self._state),
        }  # fmt: skip

    async def _startup(self) -> asyncio.Task[None] | None:
        """Run the lifespan protocol as far as the start-up; an application without it is fine."""
        inbox: asyncio.Queue[Message] = asyncio.Queue()
        answered: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._inbox, self._outbox = inbox, asyncio.Queue[Message]()
        outbox = self._outbox

        async def run() -> None:
            scope: Message = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self._state}
            try:
                await self._app(scope, inbox.get, outbox.put)
            except Exception as error:  # noqa: BLE001 - whatever the application raises is its fault
                if not answered.done():
                    await outbox.put({"type": "lifespan.unsupported", "message": type(error).__name__})

        task = asyncio.create_task(run())
        await inbox.put({"type": "lifespan.startup"})
        getter = asyncio.create_task(outbox.get())
        await asyncio.wait({getter, task}, return_when=asyncio.FIRST_COMPLETED, timeout=self._deadline)
        if not getter.done() and not outbox.empty():
            await getter
        if not getter.done():
            getter.cancel()
            return None
        message = getter.result()
        if message["type"] == "lifespan.startup.failed":
            raise KitError("app-start", "the application refused to start", str(message.get("message", ""))[:500])
        return task if message["type"] == "lifespan.startup.complete" else None

    async def _shutdown(self) -> None:
        if self._lifespan is None or self._inbox is None:
            return
        await self._inbox.put({"type": "lifespan.shutdown"})
        await asyncio.wait({self._lifespan}, timeout=self._deadline)
        self._lifespan.cancel()


def _unquoted(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path, errors="replace")


class _Exchange:
    """The two halves of one ASGI conversation."""

    def __init__(self, request: Request) -> None:
        self._body = request.body
        self._cap = request.cap
        self._sent = False
        self._size = 0
        self.status: int | None = None
        self.fields: tuple[tuple[str, str], ...] = ()
        self.parts: list[bytes] = []

    async def receive(self) -> Message:
        if self._sent:
            await asyncio.sleep(3600)
        self._sent = True
        body = self._body
        self.forget()
        return {"type": "http.request", "body": body, "more_body": False}

    def forget(self) -> None:
        """Let go of what was to be sent: an application may hold on to the conversation for long."""
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            self.fields = tuple((text_of(name).lower(), text_of(value)) for name, value in message.get("headers", ()))
        elif message["type"] == "http.response.body":
            part = message.get("body", b"")
            self._size += len(part)
            if self._size > self._cap:
                raise Finding(f"the body is larger than {self._cap} bytes")
            self.parts.append(bytes(part))
