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
                for number, (who, token) in enumerate(tokens.items()):
                    if number == 0 or operation.allowed:  # what was read is still there for the next caller
                        Cases(self, tokens).prepare(operation)
                    self._right(operation, who, token)
            for operation in operations:
                self._wrong(operation, tokens["ana"])
                self._broken(operation, tokens["ana"], app, monkeypatch)
            self._odd()
            self.sinks.metrics = self.send("GET", "/_health/metrics")[1].decode()
        self._read_journal()

    # What is sent

    def _right(self, operation: Operation, who: str | None, token: str | None) -> None:
        """A request as the specification wants it, with a mark wherever a free text may stand."""
        examples = list(self.spec.request_examples(operation.id).values()) or [None]
        for example in examples[:3]:
            for path in self._paths(operation):
                body, media_type = self._body(operation, example, f"{operation.id} body")
                self.call(operation, path, who, token, body, {"Content-Type": media_type} if media_type else {})
                if media_type == "application/json":  # a rule may refuse a mark where the schema takes it
                    self.call(operation, path, who, token, json.dumps(example).encode(), {"Content-Type": media_type})

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
            self.call(operation, path, "ana", token, body, {"Content-Type": "application/json"})
        form = (
            f'--b\r\nContent-Disposition: form-data; name="file"; filename="{mark("file name")}"\r\n\r\nx\r\n--b--\r\n'
        )
        self.call(operation, path, "ana", token, form.encode(), {"Content-Type": "multipart/form-data; boundary=b"})
        for name in HEADERS:
            self.call(
                operation, path, "ana", token, b"{}" if operation.request else None, {name: mark(f"header {name}")}
            )
        queries = [f"{mark('query name')}={mark('query value')}", f"access_token={mark('token in a query')}"]
        queries += [f"{p.name}={mark('query ' + p.name)}" for p in operation.parameters if p.location == "query"]
        for query in queries:
            self.call(operation, f"{path}?{query}", "ana", token, None, {})
        for bad in (self._filled(operation, lambda name: mark(f"path {name}")), f"{path}/{mark('path')}"):
            self.call(operation, bad, "ana", token, None, {})
        self.call(operation, path, "ana", token, None, {}, method=mark("method").upper())

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
            self.call(operation, path, "ana", token, body, {"Content-Type": media_type} if media_type else {})
        with monkeypatch.context() as patched:
            patched.setattr(app.kernel, "_send", _half(fail))
            self.call(operation, path, "ana", token, body, {"Content-Type": media_type} if media_type else {})

    def _odd(self) -> None:
        """Requests to addresses that are nobody's, and what is hardly HTTP."""
        for path in ("/{}", "/_health/{}", "/_sandbox/{}", "/.well-known/{}", "/%2e%2e/{}", "//{}", "/{}?a=b", "/{};a"):
            self.send("GET", path.format(self.marks.new("odd path")))
        upgrade = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "eA==",
            "Sec-WebSocket-Version": "13",
        }
        self.send("GET", f"/{self.marks.new('web socket')}", headers=upgrade)
        self.send("GET", "/", headers={"Host": self.marks.new("host")})
        for raw in ("{} / HTTP/1.1\r\n\r\n", "GET /{} HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n{}\r\n\r\n", "{}\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(raw.format(self.marks.new("raw bytes")).encode())
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

    # How it is sent

    def call(
        self, operation: Operation, path: str, who: str | None, token: str | None, body: bytes | None,
        headers: dict[str, str], method: str = "",
    ) -> tuple[int, bytes]:  # fmt: skip
        key = f"{self.marks.new(f'{operation.id} key')}-{uuid.uuid4().hex[:8]}"
        given = {"Idempotency-Key": key, "User-Agent": self.marks.new("agent"), **headers}
        if token is not None and "Authorization" not in headers:
            given["Authorization"] = f"Bearer {token}"
        if operation.conditional and "If-Match" not in headers and self.pool["etag"]:
            given["If-Match"] = self.pool["etag"][-1]
        status, answer, told = self.send(method or operation.method.upper(), self.spec.base_path + path, body, given)
        self.statuses[operation.id].add(status)
        self._remember(answer, told)
        if status >= 400 and answer:
            self._keep_problem(answer, who)
        return status, answer

    def send(
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
        token = str(json.loads(self.sandbox("tokens", {"persona": personas()[who].persona}))["accessToken"])
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
            if name == "href" and value.startswith(self.spec.base_path):
                collection, _, made = value.removeprefix(self.spec.base_path).rpartition("/")
                self.pool[collection].append(made)
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
        collection = operation.path.partition("/{")[0]
        return [self._filled(operation, partial(self._value, collection, back)) for back in (1, 2, 3)]

    def _value(self, collection: str, back: int, name: str) -> str:
        values = (self.pool[collection] if name == "id" else []) or self.pool[name] or [str(uuid.uuid4())]
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
                    if isinstance(value, str) and name not in {"file", "sha256"}
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

    def sandbox(self, address: str, body: dict[str, Any]) -> bytes:
        """Use the surface of the sandbox."""
        return self.send(
            "POST", f"/_sandbox/{address}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )[1]

    def start_afresh(self) -> None:
        """Bring the fixtures back; what the journal holds until then is kept for the search."""
        self._read_journal()
        self.sandbox("reset", {})

    def _read_journal(self) -> None:
        connection = sqlite3.connect(self.database)
        self.sinks.journal += [row[0] for row in connection.execute("SELECT entry FROM journal")]
        connection.close()


class Cases:
    """Brings a record to where an action may be taken on it, by the transitions that the specification names."""

    def __init__(self, sweep: Sweep, tokens: dict[str | None, str | None]) -> None:
        self._sweep = sweep
        self._tokens = tokens
        self._operations = list(sweep.spec.operations.values())

    def prepare(self, operation: Operation) -> None:
        """Put the id of such a record in front; without one the action is refused, which is sent as well."""
        collection = operation.path.partition("/{")[0]
        if operation.allowed is not None:
            self._bring(collection, set(operation.allowed.origins))
        elif collection != operation.path and not self._posts(collection):  # what only a finished case leaves behind
            for place in {one.path.partition("/{")[0] for one in self._operations if one.allowed} - {collection}:
                self._bring(place, {"completed"})

    def _posts(self, collection: str) -> Operation | None:
        found = (one for one in self._operations if (one.path, one.method.lower()) == (collection, "post"))
        return next(found, None)

    def _bring(self, collection: str, states: set[str]) -> None:
        create = self._posts(collection)
        if create is None:
            return
        self._sweep.start_afresh()  # who has an open case may be refused another one
        for example in self._sweep.spec.request_examples(create.id).values():
            status, answer = self._try(create, collection, "ana", example)
            record = json.loads(answer) if status == 201 else {}
            if record and self._lead(record, collection, states):
                self._sweep.pool["id"].append(str(record["id"]))
                return

    def _lead(self, record: dict[str, Any], collection: str, wanted: set[str]) -> bool:
        """Take the shortest way through the actions; a record may go elsewhere by itself."""
        actions = [one for one in self._operations if one.allowed and one.path.startswith(f"{collection}/{{id}}/")]
        state = str(record.get("status"))
        for _ in range(5):
            step = _towards(actions, state, wanted)
            if state in wanted or step is None:
                break
            example: Any = next(iter(self._sweep.spec.request_examples(step.id).values()), {})
            path = step.path.replace("{id}", str(record["id"]))
            answers = (self._try(step, path, who, example) for who in ("ana", "eva", "fito", "gov"))
            taken = next((answer for status, answer in answers if status == 200), None)
            if taken is None:
                return False
            record = json.loads(taken)
            state = str(record.get("status"))
            self._pay(record)
        return state in wanted

    def _pay(self, record: dict[str, Any]) -> None:
        """Tell the service that what a case costs was paid."""
        for payment, fee in zip(record.get("paymentRequestIds", ()), record.get("fees", ()), strict=False):
            data = {"caseReference": record.get("reference"), "paymentRequestId": payment, "amount": fee.get("amount")}
            self._sweep.sandbox("events", {"type": "payments.request.paid", "data": data})

    def _try(self, operation: Operation, path: str, who: str, body: Any) -> tuple[int, bytes]:
        sent = json.dumps(body).encode()
        return self._sweep.call(operation, path, who, self._tokens[who], sent, {"Content-Type": "application/json"})


def _towards(actions: list[Operation], state: str, wanted: set[str]) -> Operation | None:
    """The first action of a shortest way from a status to a wanted one."""
    ways: list[tuple[str, Operation | None]] = [(state, None)]
    for here, first in ways:
        if here in wanted:
            return first
        for action in actions:
            assert action.allowed is not None
            if here in action.allowed.origins:
                known = {place for place, _ in ways}
                ways.extend((target, first or action) for target in action.allowed.targets if target not in known)
    return None


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
