"""Sends marks through every operation of a service, over a socket: in requests that are right and that are wrong."""

from __future__ import annotations

import copy
import http.client
import json
import socket
import sqlite3
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from tests.canary.sinks import Sinks
from tests.canary.values import Marks, members

from istmo.cli._server import config
from istmo.runtime import reference, telemetry
from istmo.spec import Operation, personas, spec

Wrap = Callable[[Any], Any]
CALLERS = (None, "ana", "bruno", "eva", "fito", "gov")
HEADERS = (
    "Accept", "Accept-Language", "Authorization", "Content-Type", "Correlation-Id", "Cookie", "From", "Idempotency-Key",
    "If-Match", "If-None-Match", "Istmo-On-Behalf-Of", "Origin", "Referer", "Traceparent", "Tracestate", "User-Agent",
    "X-Forwarded-For", "X-Forwarded-User",
)  # fmt: skip
HANDED_OUT = {"id", "code", "reference", "verificationCode", "receiptCode"}


@contextmanager
def served(app: Any) -> Iterator[int]:
    """The application behind the web server that `istmo serve` uses, configured as there; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config(app, grace=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)


class Sweep:
    """One service, its callers, and everything that is sent to it."""

    def __init__(self, slug: str, folder: Path) -> None:
        self.spec = spec(slug)
        self.slug = slug
        self.database = folder / "canary.db"
        self.marks = Marks()
        self.sinks = Sinks()
        self.secrets: set[str] = set()  # tokens, codes and keys that were handed out
        self.statuses: dict[str, set[int]] = defaultdict(set)
        self.pool: dict[str, list[str]] = defaultdict(list)
        self.port = 0

    def run(self, monkeypatch: Any, only: frozenset[str] = frozenset(), wrap: Wrap | None = None) -> None:
        """Send everything; `wrap` lays something around the application, `only` takes a few operations."""
        tracer = self.sinks.provider.get_tracer("istmo")
        monkeypatch.setattr(telemetry, "tracer", lambda: tracer)
        app = reference.build(
            self.slug, database=f"sqlite:///{self.database}", log=True, log_level="debug", metrics=True, telemetry=True
        )
        operations = [one for one in self.spec.operations.values() if not only or one.id in only]
        with self.sinks.listening(), served(wrap(app) if wrap else app) as self.port:
            tokens = {who: self._token(who) for who in CALLERS}
            for operation in operations:
                for who, token in tokens.items():
                    self._right(operation, who, token)
            for operation in operations:
                self._wrong(operation, tokens["ana"])
                self._broken(operation, tokens["ana"], app, monkeypatch)
            self._odd()
            self.sinks.metrics = self._send("GET", "/_health/metrics")[1].decode()
        self._read_journal()

    # What is sent

    def _right(self, operation: Operation, who: str | None, token: str | None) -> None:
        """A request as the specification wants it, with a mark wherever a free text may stand."""
        examples = list(self.spec.request_examples(operation.id).values()) or [None]
        for example in examples[:3]:
            for path in self._paths(operation):
                body, media_type = self._body(operation, example, f"{operation.id} body")
                self._call(operation, path, who, token, body, {"Content-Type": media_type} if media_type else {})
                if media_type == "application/json":  # a rule may refuse a mark where the schema takes it
                    self._call(operation, path, who, token, json.dumps(example).encode(), {"Content-Type": media_type})

    def _wrong(self, operation: Operation, token: str | None) -> None:
        """Requests with a mark where there should be something else."""
        path = self._paths(operation)[0]
        example: Any = next(iter(self.spec.request_examples(operation.id).values()), {})

        def mark(place: str) -> str:
            return self.marks.new(f"{operation.id} {place}")

        wrong: list[bytes] = [
            json.dumps(self._everywhere(example, lambda: mark("wrong body"))).encode(),
            json.dumps({**(example if isinstance(example, dict) else {}), mark("member"): mark("member")}).encode(),
            f'{{"{mark("broken JSON")}": {mark("broken JSON")}'.encode(),
            mark("no JSON").encode(),
            json.dumps({mark("twice"): 1})[:-1].encode() + b', "a": 1, "a": 2}',
        ]
        for body in wrong:
            self._call(operation, path, "ana", token, body, {"Content-Type": "application/json"})
        form = (
            f'--b\r\nContent-Disposition: form-data; name="file"; filename="{mark("file name")}"\r\n\r\nx\r\n--b--\r\n'
        )
        self._call(operation, path, "ana", token, form.encode(), {"Content-Type": "multipart/form-data; boundary=b"})
        for name in HEADERS:
            self._call(
                operation, path, "ana", token, b"{}" if operation.request else None, {name: mark(f"header {name}")}
            )
        queries = [f"{mark('query name')}={mark('query value')}", f"access_token={mark('token in a query')}"]
        queries += [f"{p.name}={mark('query ' + p.name)}" for p in operation.parameters if p.location == "query"]
        for query in queries:
            self._call(operation, f"{path}?{query}", "ana", token, None, {})
        for bad in (self._filled(operation, lambda name: mark(f"path {name}")), f"{path}/{mark('path')}"):
            self._call(operation, bad, "ana", token, None, {})
        self._call(operation, path, "ana", token, None, {}, method=mark("method").upper())

    def _broken(self, operation: Operation, token: str | None, app: Any, monkeypatch: Any) -> None:
        """The kernel and the database break, with a mark in the words of their exceptions."""
        mark = self.marks.new(f"{operation.id} exception")

        async def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError(mark) from sqlite3.OperationalError(mark)

        with monkeypatch.context() as patched:
            patched.setattr(app.kernel, "_run", fail)
            path = self._paths(operation)[0]
            body, media_type = self._body(
                operation, next(iter(self.spec.request_examples(operation.id).values()), None), ""
            )
            self._call(operation, path, "ana", token, body, {"Content-Type": media_type} if media_type else {})
        with monkeypatch.context() as patched:
            patched.setattr(app.kernel, "_send", _half(fail))
            self._call(operation, path, "ana", token, body, {"Content-Type": media_type} if media_type else {})

    def _odd(self) -> None:
        """Requests to addresses that are nobody's, and what is hardly HTTP."""
        for path in ("/{}", "/_health/{}", "/_sandbox/{}", "/.well-known/{}", "/%2e%2e/{}", "//{}", "/{}?a=b", "/{};a"):
            self._send("GET", path.format(self.marks.new("odd path")))
        upgrade = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "eA==",
            "Sec-WebSocket-Version": "13",
        }
        self._send("GET", f"/{self.marks.new('web socket')}", headers=upgrade)
        self._send("GET", "/", headers={"Host": self.marks.new("host")})
        for raw in ("{} / HTTP/1.1\r\n\r\n", "GET /{} HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n{}\r\n\r\n", "{}\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(raw.format(self.marks.new("raw bytes")).encode())
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

    # How it is sent

    def _call(
        self, operation: Operation, path: str, who: str | None, token: str | None, body: bytes | None,
        headers: dict[str, str], method: str = "",
    ) -> None:  # fmt: skip
        key = f"{self.marks.new(f'{operation.id} key')}-{uuid.uuid4().hex[:8]}"
        given = {"Idempotency-Key": key, "User-Agent": self.marks.new("agent"), **headers}
        if token is not None and "Authorization" not in headers:
            given["Authorization"] = f"Bearer {token}"
        if operation.conditional and "If-Match" not in headers and self.pool["etag"]:
            given["If-Match"] = self.pool["etag"][-1]
        status, answer, told = self._send(method or operation.method.upper(), self.spec.base_path + path, body, given)
        self.statuses[operation.id].add(status)
        self._remember(answer, told)
        if status >= 400 and answer:
            self._keep_problem(answer, who)

    def _send(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            with connection.getresponse() as answer:
                return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        except (http.client.HTTPException, ConnectionError):  # an answer that was cut off, as `_half` wants it
            return 0, b"", {}
        finally:
            connection.close()

    def _token(self, who: str | None) -> str | None:
        if who is None:
            return None
        body = json.dumps({"persona": personas()[who].persona}).encode()
        _, answer, _ = self._send("POST", "/_sandbox/tokens", body, {"Content-Type": "application/json"})
        token = str(json.loads(answer)["accessToken"])
        self.secrets.add(token)
        return token

    def _remember(self, answer: bytes, headers: dict[str, str]) -> None:
        """Keep what was handed out: ids to go on with, codes and references that nobody else may see."""
        if "etag" in headers:
            self.pool["etag"].append(headers["etag"])
        if headers.get("content-type") != "application/json":
            return
        for name, value in members(json.loads(answer)):
            if name in HANDED_OUT:
                self.pool[name].append(value)
            if name in HANDED_OUT - {"id", "code"}:
                self.secrets.add(value)

    def _keep_problem(self, answer: bytes, who: str | None) -> None:
        """Keep what a refusal said; the names of members that the caller itself has sent may be pointed at."""
        try:
            problem = json.loads(answer)
        except ValueError:  # the web server's own refusal of what is no HTTP
            self.sinks.problems.append(answer.decode())
            return
        for item in problem.get("errors", ()):
            for name in ("pointer", "name"):
                item.pop(name, None)
        if who == "ana":
            problem.pop("correlationId", None)
        self.sinks.problems.append(json.dumps(problem, ensure_ascii=False))

    # What it is made of

    def _paths(self, operation: Operation) -> list[str]:
        if "{" not in operation.path:
            return [operation.path]
        return [self._filled(operation, partial(self._value, back)) for back in (1, 2, 3)]

    def _value(self, back: int, name: str) -> str:
        values = self.pool[name] or [str(uuid.uuid4())]
        return values[-min(back, len(values))]

    @staticmethod
    def _filled(operation: Operation, value: Callable[[str], str]) -> str:
        parts = [
            quote(value(part[1:-1]), safe="") if part.startswith("{") else part for part in operation.path.split("/")
        ]
        return "/".join(parts)

    def _body(self, operation: Operation, example: Any, purpose: str) -> tuple[bytes | None, str]:
        for media_type, pointer in operation.request.items():
            if media_type == "application/json" and pointer is not None:
                return json.dumps(self._where_it_fits(example, pointer, purpose)).encode(), media_type
            if media_type == "multipart/form-data" and isinstance(example, dict):
                parts = [
                    f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                    for name, value in example.items()
                    if isinstance(value, str) and name not in {"file", "content"}
                ]
                name = self.marks.new(f"{operation.id} file name")
                disposition = f'Content-Disposition: form-data; name="file"; filename="{name}.pdf"'
                parts.append(
                    f"--b\r\n{disposition}\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7 {name}\r\n--b--\r\n"
                )
                return "".join(parts).encode(), "multipart/form-data; boundary=b"
        return None, ""

    def _where_it_fits(self, example: Any, pointer: str, purpose: str) -> Any:
        """The example with a mark in every text in which the schema takes one."""
        validator = self.spec.validator(pointer)
        body = copy.deepcopy(example)
        for holder, place in list(_texts(body)):
            before = holder[place]
            holder[place] = self.marks.new(f"{purpose} {place}")
            if validator.violations(body):
                holder[place] = before
        return body

    def _everywhere(self, example: Any, mark: Callable[[], str]) -> Any:
        body = copy.deepcopy(example)
        for holder, place in list(_texts(body)):
            holder[place] = mark()
        return body

    def _read_journal(self) -> None:
        connection = sqlite3.connect(self.database)
        self.sinks.journal = [row[0] for row in connection.execute("SELECT entry FROM journal")]
        connection.close()


def _texts(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a text in a document: what holds it, and where."""
    for place, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if isinstance(value, str):
            yield node, place
        else:
            yield from _texts(value)


def _half(fail: Callable[..., Any]) -> Callable[..., Any]:
    async def send(_call: Any, _wire: Any, out: Any) -> None:
        await out({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        await fail()

    return send
