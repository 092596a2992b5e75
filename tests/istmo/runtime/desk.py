"""A service of requests whose room does only what a test tells it, behind the real contract of civil certificates."""

from __future__ import annotations

import copy
import json
import uuid
from functools import cache
from types import SimpleNamespace
from typing import Any

import httpx2
from tests.istmo.runtime.host import Host

from istmo.errors import Problem
from istmo.runtime import fees
from istmo.runtime.cases import Automatic, Case, CaseDraft
from istmo.runtime.service import Collection, Service
from istmo.runtime.work import Work
from istmo.spec import Spec, bundle, personas

SLUG = "civil_certificates"
BASE = "/civil-certificates/v1"
ROOM_ONLY = ("/certificate", "/verifications", "/corrections")
PDF = b"%PDF-1.7\nhello\n%%EOF\n"
HIGH = "urn:istmo:loa:high"
SUBJECTS = {alias: one.subject for alias, one in personas().items()}

Json = dict[str, Any]


@cache
def contract() -> str:
    document = bundle(SLUG)
    paths = {path: item for path, item in document["paths"].items() if not path.startswith(ROOM_ONLY)}
    return json.dumps({**document, "paths": paths})


class Room:
    """Hooks that a test changes as it likes."""

    def __init__(self) -> None:
        self.next: list[Automatic] = []
        self.lines: list[Json] = []
        self.refused: set[str] = set()
        self.outputs: list[Json] = []
        self.events: list[str] = []
        self.twins = False

    def draft(self, _: Work, body: Json) -> Json:
        return {"type": body["certificateType"]}

    async def submitted(self, work: Work, case: CaseDraft) -> None:
        if self.twins:
            case.keys["open"] = case.doc["certificateType"]
        if self.lines:
            await fees.bill(work, case, self.lines)

    async def automatic(self, work: Work, case: CaseDraft) -> Automatic | None:
        work.upstream("register")
        return self.next.pop(0) if self.next and not case.blocked_by(self.next[0].action) else None

    async def guard(self, _work: Work, _case: CaseDraft, action: str) -> None:
        if action in self.refused:
            raise Problem("conflict")

    async def issued(self, _work: Work, _case: CaseDraft) -> list[Json]:
        return self.outputs

    def event(self, _work: Work, kind: str, _data: Json) -> None:
        self.events.append(kind)


class Desk(Host):
    """The running service, with people who call it."""

    def __init__(self, room: Room | None = None, *, document: Json | None = None, **settings: Any) -> None:
        self.room = room or Room()
        spec = Spec(document or json.loads(contract()), SLUG)
        cases = [Case("requests", self.room)]
        collections = [Collection("requests", unique=("open",))]
        service = Service(SLUG, SimpleNamespace(), cases, collections, spec=spec, code="CIV")
        super().__init__(service, **settings)
        self.tokens: dict[tuple[str, str], str] = {}

    def call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        return self.do(self.client.request(method, path if path.startswith("/_") else BASE + path, **more))

    def be(self, who: str | None, **asked: Any) -> dict[str, str]:
        """Return the headers of a persona."""
        if who is None:
            return {}
        key = (who, json.dumps(asked, sort_keys=True))
        if key not in self.tokens:
            answer = self.call("POST", "/_sandbox/tokens", json={"persona": who, **asked})
            assert answer.status_code == 200, answer.text
            self.tokens[key] = answer.json()["accessToken"]
        return {"Authorization": f"Bearer {self.tokens[key]}"}

    def ask(
        self,
        who: str | None,
        method: str,
        path: str,
        body: Any = None,
        *,
        mandate: str = "",
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        headers = {**self.be(who), **(headers or {})}
        if method == "POST":
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        if mandate:
            headers["Istmo-On-Behalf-Of"] = mandate
        content = {} if body is None else {"json": body}
        return self.call(method, path, headers=headers, **content)

    def draft(self, who: str = "ana", body: Json | None = None, **more: Any) -> Json:
        answer = self.ask(who, "POST", "/requests", body or request(), **more)
        assert answer.status_code == 201, answer.text
        found: Json = answer.json()
        return found

    def act(self, who: str, case: Json, action: str, body: Json | None = None, **more: Any) -> httpx2.Response:
        return self.ask(who, "POST", f"/requests/{case['id']}/{action}", body, **more)

    def done(self, who: str, case: Json, action: str, body: Json | None = None, **more: Any) -> Json:
        answer = self.act(who, case, action, body, **more)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def get(self, who: str | None, case: Json) -> httpx2.Response:
        return self.ask(who, "GET", f"/requests/{case['id']}")

    def upload(
        self, who: str = "ana", data: bytes = PDF, kind: str = "application/pdf", **fields: str
    ) -> httpx2.Response:
        headers = {**self.be(who), "Idempotency-Key": str(uuid.uuid4())}
        form = {"type": "identity-card", **fields}
        return self.call("POST", "/documents", headers=headers, files={"file": ("name", data, kind)}, data=form)

    def clock(self, now: str | None) -> None:
        answer = self.call("PUT", "/_sandbox/clock", json={"now": now})
        assert answer.status_code == 200, answer.text
        self.tokens.clear()

    def event(self, kind: str, data: Json, **more: Any) -> httpx2.Response:
        return self.call("POST", "/_sandbox/events", json={"type": kind, "data": data, **more})

    def pay(self, case: Json) -> httpx2.Response:
        return self.event("payments.request.paid", {"caseReference": case["reference"]})


def request(**more: Any) -> Json:
    body: Json = {
        "applicant": {"kind": "person", "id": "me"},
        "certificateType": "birth",
        "about": {"relationship": "self", "person": {"name": {"givenNames": ["Ana"], "familyNames": ["Paz"]}}},
        "format": "full-copy",
        "delivery": "post",
        "copies": 1,
    }
    return {**copy.deepcopy(body), **more}


def mandate(**more: Any) -> Json:
    return {
        "principal": {"kind": "person", "id": "me"},
        "representative": {"kind": "person", "id": SUBJECTS["bruno"]},
        "services": ["civil-certificates"],
        "scopes": ["civil-certificates:read", "civil-certificates:write"],
        "validFrom": "2020-01-01T00:00:00-06:00",
        **more,
    }
