"""A sandbox of a service in the test's own process, and what people do in any of them."""

from __future__ import annotations

import asyncio
import copy
import uuid
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import httpx2
from tests.databases import passing

from istmo.runtime.reference import build
from istmo.spec import catalogue, personas, spec

START = "2027-03-15T15:00:00Z"


class Town:
    """A service, its clock, and everybody who calls it."""

    def __init__(self, slug: str, country: str = "XX") -> None:
        self.spec = spec(slug)
        self.base = self.spec.base_path
        (entry,) = (one for one in catalogue() if one.slug == slug)
        self.cases = f"/{entry.case['collection']}"
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.database = ExitStack()
        url = self.database.enter_context(passing())
        self.app = build(slug, country=country, validate_answers=True, database=url)
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://istmo.test")
        self.runner.run(self.stack.enter_async_context(self.client))
        self.tokens: dict[str, str] = {}

    def close(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.run(self.app.state.istmo.store.close())
        self.runner.close()
        self.database.close()

    def fresh(self) -> None:
        self.sandbox("POST", "reset", {})
        self.at(START)

    def at(self, moment: str) -> None:
        self.sandbox("PUT", "clock", {"now": moment})
        self.tokens.clear()

    def sandbox(self, method: str, path: str, body: dict[str, Any]) -> httpx2.Response:
        answer = self.runner.run(self.client.request(method, f"/_sandbox/{path}", json=body))
        assert answer.is_success, answer.text
        return answer

    def event(self, kind: str, **data: Any) -> None:
        self.sandbox("POST", "events", {"type": kind, "data": data})

    def subject(self, who: str) -> str:
        return personas()[who].subject

    def token(self, who: str) -> str:
        if who not in self.tokens:
            answer = self.sandbox("POST", "tokens", {"persona": personas()[who].persona})
            self.tokens[who] = answer.json()["accessToken"]
        return self.tokens[who]

    def call(self, who: str | None, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        sent = {"Idempotency-Key": str(uuid.uuid4()), **{name.replace("_", "-"): v for name, v in headers.items()}}
        if who is not None:
            sent["Authorization"] = f"Bearer {self.token(who)}"
        address = path if path.startswith(self.base) else self.base + path
        more = {} if body is None else {"json": body}
        return self.runner.run(self.client.request(method, address, headers=sent, **more))

    def get(self, who: str | None, path: str, status: int = 200, **headers: str) -> dict[str, Any]:
        answer = self.call(who, "GET", path, **headers)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def post(self, who: str | None, path: str, body: Any = None, status: int = 200, **headers: str) -> dict[str, Any]:
        answer = self.call(who, "POST", path, body, **headers)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def refused(self, who: str | None, path: str, body: Any, status: int, code: str) -> dict[str, Any]:
        problem = self.post(who, path, body, status)
        assert problem["code"] == code, problem
        return problem

    # ------------------------------------------------------------------ cases

    def example(self, name: str, **changes: Any) -> dict[str, Any]:
        """A case as given, from the standard's examples, with other members."""
        body: dict[str, Any] = copy.deepcopy(self.spec.example(self.spec.cases[0].create.id, name))
        return {**body, **changes}

    def draft(self, who: str, name: str, **changes: Any) -> str:
        made = self.post(who, self.cases, self.example(name, **changes), 201)
        assert made["status"] == "draft"
        return str(made["id"])

    def submit(self, who: str, name: str, **changes: Any) -> dict[str, Any]:
        case = self.draft(who, name, **changes)
        return self.post(who, f"{self.cases}/{case}/submit", {})

    def act(self, who: str, case: dict[str, Any], action: str, body: Any = None, status: int = 200) -> dict[str, Any]:
        return self.post(who, f"{self.cases}/{case['id']}/{action}", body, status)

    def pay(self, case: dict[str, Any]) -> None:
        data = {"caseReference": case["reference"], "paymentRequestId": case["paymentRequestIds"][0]}
        self.event("payments.request.paid", **data, amount=case["fees"][0]["amount"])
