"""Every call of a run as evidence keeps it, and the answers that it gives back to whoever runs the suite again.

What was asked is kept as a digest, because the suite makes the same request again from the seed; what was answered
is kept whole, because no one else can say it again. Bodies that were seen before are named by their digest.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, TypeAlias

from istmo.errors import Finding, KitError
from istmo_conformance.client import Answer, Client, HttpClient, Meanwhile, Request
from istmo_conformance.redaction import CUT, MARK, Redactor

JSON: TypeAlias = Any
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
KEPT_WHOLE: Final = 1024 * 1024
KEPT_RAW: Final = 256 * 1024
WORTH_NAMING: Final = 256
CLEANED: Final = 128 * 1024
MOST_FIELDS: Final = 100
LONGEST_FIELD: Final = 8192
MOST_CALLS: Final = 3000
TOKENS: Final = "/_sandbox/tokens"
FEATURE: Final = "property"  # of cases that no feature tells: generated calls
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was made: it was answered, or broke with an error."""

    request: Request
    answer: Answer | None
    error: Exception | None = None


class Recorder:
    """A client that keeps what passes through it until somebody takes it."""

    def __init__(self, inner: Client) -> None:
        self.inner = inner
        self.origin = inner.origin
        self.made: list[Made] = []
        self._work: Callable[[], None] = _nothing
        self._waits = isinstance(inner, HttpClient)

    def attend(self, work: Meanwhile) -> None:
        """Have work done while an answer is awaited; where nobody can wait for it, before anything is sent."""
        self._work = partial(work, _never)
        if isinstance(self.inner, HttpClient):
            self.inner.meanwhile = work

    def send(self, request: Request) -> Answer:
        """Send one call and keep it."""
        if not self._waits:
            self._work()
        try:
            answer = self.inner.send(request)
        except Exception as error:
            self.made.append(Made(request, None, error))
            raise
        self._keep(request, answer)
        return answer

    def send_many(self, requests: Sequence[Request]) -> list[Answer]:
        """Send calls at the same time and keep them in the order given."""
        self._work()
        try:
            answers = self.inner.send_many(requests)
        except Exception as error:
            self.made.append(Made(requests[0], None, error))
            raise
        for request, answer in zip(requests, answers, strict=True):
            self._keep(request, answer)
        return answers

    def _keep(self, request: Request, answer: Answer) -> None:
        """Keep a call; of a body that is larger than anybody reads, no more than its beginning and its digest."""
        if len(request.body) > CLEANED:
            beginning, whole = request.body[: CUT * 32], request.whole or _sha256(request.body)
            answer.request = request = replace(request, body=beginning, whole=whole)
        self.made.append(Made(request, answer))

    def take(self) -> list[Made]:
        """What was kept since the last time."""
        made, self.made = self.made, []
        return made

    def close(self) -> None:
        """Close the client behind."""
        self.inner.close()


def _nothing() -> None:
    """What is done where nobody asked for anything."""


def _never() -> bool:
    return False


@dataclass
class Scribe:
    """Writes calls down without secrets."""

    redactor: Redactor
    sandbox: bool = True
    bodies: set[str] = field(default_factory=set)

    def tell(self, made: Sequence[Made], *, detailed: bool) -> list[JSON]:
        """Calls as records; `detailed` adds what was asked, for people."""
        known, told = self.redactor.known, []
        for one in made[:MOST_CALLS]:
            # In the order in which things were said, so that a replay meets every secret in the same order.
            asked = fingerprint(one.request, self.redactor)
            if one.answer is not None and one.answer.is_json:
                self.redactor.notice(one.answer.body[:KEPT_WHOLE].decode("utf-8", errors="replace"))
            told.append(self._call(one, asked))
        if self.redactor.known > known:
            told = [self._again(call) for call in told]
        for call, one in zip(told, made, strict=False):
            call["path"] = self.redactor.clean(one.request.path)
            if detailed:
                call.update(self._readable(one, whole="body" in call))
        return told

    def _call(self, made: Made, asked: str) -> JSON:
        told: JSON = {"method": made.request.method, "request": asked}
        if made.answer is None:
            told["error"] = self._error(made.error)
        else:
            self._answer(told, made.answer)
        return told

    def _again(self, call: JSON) -> JSON:
        """A call in which a secret may stand that became known after it."""
        if isinstance(call.get("body"), str):
            call["body"] = self.redactor.hide(call["body"])
        if "headers" in call:
            call["headers"] = [[name, self.redactor.header(name, value)] for name, value in call["headers"]]
        return call

    def _readable(self, made: Made, *, whole: bool) -> JSON:
        """What people want to see of a call beside the answer that is kept."""
        request, answer = made.request, made.answer
        sent = {"headers": self.redactor.headers(request.headers), "body": self.redactor.body(request.body)}
        if answer is None or whole:
            return {"sent": sent}
        readable = _text(answer.body[:KEPT_WHOLE]) is not None
        return {"sent": sent, "excerpt": self.redactor.body(answer.body) if readable else f"{len(answer.body)} bytes"}

    def _answer(self, told: JSON, answer: Answer) -> None:
        before = self.redactor.changes
        fields = [[name, self.redactor.header(name, value)] for name, value in answer.fields[:MOST_FIELDS]]
        told |= {"status": answer.status, "micros": round(answer.seconds * 1e6), "headers": fields}
        told |= self._body(answer)
        whole = len(answer.fields) <= MOST_FIELDS and all(len(value) <= LONGEST_FIELD for _, value in answer.fields)
        if answer.request.path == TOKENS:
            told |= {"token": facts} if (facts := _facts(answer, self.redactor)) else {}
        elif self.redactor.changes > before or not whole:
            told["partial"] = True

    def _body(self, answer: Answer) -> JSON:
        """A body: as text, as base64 where it is none, by its digest where it was seen before or may not be kept."""
        raw = answer.body
        if not raw:
            return {"body": ""}
        text = _text(raw)
        if text is None or len(raw) > KEPT_WHOLE:
            return self._raw(raw)
        cleaned = self.redactor.hide(text)
        digest = _sha256(cleaned.encode("utf-8"))
        if digest in self.bodies:
            return {"same": digest}
        if len(cleaned) >= WORTH_NAMING:
            self.bodies.add(digest)
        return {"body": cleaned}

    def _raw(self, raw: bytes) -> JSON:
        digest = _sha256(raw)
        if digest in self.bodies:
            return {"same": digest}
        # What stands compressed inside a file cannot be searched: near real persons it is not kept.
        if len(raw) > KEPT_RAW or not self.sandbox or self.redactor.personal or self.redactor.reveals(raw):
            return {"digest": digest, "size": len(raw), "partial": True}
        self.bodies.add(digest)
        return {"raw": base64.b64encode(raw).decode()}

    def _error(self, error: Exception | None) -> JSON:
        kind = type(error).__name__
        told = {"kind": kind, "message": self.redactor.clean(str(error))}
        if isinstance(error, KitError):
            told |= {"code": error.code, "message": self.redactor.clean(error.message),
                     "hint": self.redactor.clean(str(error.hint or ""))}  # fmt: skip
        return told


def fingerprint(request: Request, redactor: Redactor) -> str:
    """The SHA-256 of a request without its secrets: the same request has the same one in every run of a seed."""
    body = request.body
    if 0 < len(body) <= CLEANED and (text := _text(body)) is not None:
        body = redactor.hide(text).encode("utf-8")
    document = {
        "method": request.method,
        "path": redactor.hide(request.path),
        "headers": [[name, redactor.header(name, value)] for name, value in request.headers],
        "body": request.whole or (_sha256(body) if body else ""),
    }
    return _sha256(_CANONICAL.encode(document).encode())


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _text(raw: bytes) -> str | None:
    """The text of a body, or None for what is no clean UTF-8."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def _facts(answer: Answer, redactor: Redactor) -> JSON:
    """What steps read of a token: algorithm, key, audience, and which claims it has; nothing of a person."""
    from istmo_conformance.forging import parts_of

    try:
        document = answer.json()
        header, claims = parts_of(str(document.get("accessToken"))) if isinstance(document, dict) else ({}, {})
    except Finding:
        return {}
    kept = {name: header[name] for name in ("alg", "kid", "typ") if isinstance(header.get(name), str)}
    named = {name: claims[name] for name in ("iss", "aud") if name in claims}
    return redactor.tree({"header": kept, "claims": named, "names": sorted(claims)}) if kept else {}


def stand_in(label: str, facts: Mapping[str, JSON] | None) -> str:
    """A token without power in the place of one that was taken out: same algorithm, key name and audience."""
    if not facts:
        return f"stand-in-for-{label}"
    header = json.dumps(facts["header"], separators=(",", ":")).encode()
    unsaid = dict.fromkeys(facts.get("names", ()), "")
    named = "jti" in unsaid or "names" not in facts  # a token without the claim has a stand-in without it
    claims = json.dumps({**unsaid, **facts["claims"], "jti": label} if named else {**unsaid, **facts["claims"]},
                        separators=(",", ":")).encode()  # fmt: skip
    parts = (header, claims, hashlib.sha256(label.encode()).digest() * 2)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


class Reader:
    """Gives the answers of a transcript back."""

    def __init__(self, calls: Iterable[JSON] = ()) -> None:
        """Learn every body first: the call that holds it may be one that a second run does not come to."""
        self._bodies: dict[str, bytes] = {}
        for call in calls:
            if "body" in call or "raw" in call:
                self._body(call)

    def answer(self, call: JSON, request: Request, label: str = "") -> Answer:
        """The answer of a call, or the error that it ended with; a token in it may get another label."""
        if "error" in call:
            raise _raised(call["error"])
        fields = tuple((str(name), str(value)) for name, value in call["headers"])
        body = self._body(call)
        if call["path"] == TOKENS:
            body = _PLACED.sub(lambda found: stand_in(label or found[1].decode(), call.get("token")).encode(), body)
        return Answer(int(call["status"]), fields, body, call["micros"] / 1e6, request)

    def _body(self, call: JSON) -> bytes:
        if "same" in call:
            return self._bodies[call["same"]]
        if "digest" in call:
            return b""
        body = base64.b64decode(call["raw"]) if "raw" in call else call["body"].encode("utf-8")
        self._bodies[_sha256(body)] = body
        return body


_PLACED: Final = re.compile(rb"\[redacted:(token-[0-9a-f]+)\]")


def _raised(error: JSON) -> Exception:
    """The error with which a call ended."""
    from istmo.errors import Undecided
    from istmo_conformance.client import Gone, Late

    if error["kind"] in {"Finding", "Late"}:
        return (Late if error["kind"] == "Late" else Finding)(error["message"])
    kinds = {"Gone": Gone, "Undecided": Undecided}
    return kinds.get(error["kind"], KitError)(error.get("code", "call"), error["message"], error.get("hint", ""))


def read_by_people(call: JSON) -> JSON:
    """A call as reports show it."""
    shown = {name: call[name] for name in ("who", "operation", "method", "status")}
    shown["seconds"] = round(call["micros"] / 1e6, 4)
    if "sent" in call:
        body = call.get("body")
        shown |= {
            "path": call["path"][:500], "requestHeaders": call["sent"]["headers"], "requestBody": call["sent"]["body"],
            "headers": {name: value[:500] for name, value in call["headers"][:60]},
            "body": body[:2048] if isinstance(body, str) else call.get("excerpt", ""),
        }  # fmt: skip
    return shown


__all__ = ["MARK", "Made", "Reader", "Recorder", "Scribe", "fingerprint", "read_by_people", "stand_in"]
