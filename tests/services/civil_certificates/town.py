"""A sandbox of the service in the test's own process, and what its people do there."""

from __future__ import annotations

import asyncio
import copy
import io
import uuid
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import httpx2
import pypdf
from tests.databases import passing

from istmo.runtime.reference import build
from istmo.spec import personas, spec

BASE = "/civil-certificates/v1"
START = "2027-03-15T15:00:00Z"
SPEC = spec("civil_certificates")


def example(name: str, **changes: Any) -> dict[str, Any]:
    """A request from the standard's examples; `about` is laid over, other members take the place of its own."""
    body: dict[str, Any] = copy.deepcopy(SPEC.example("createRequest", name))
    body["about"] |= changes.pop("about", {})
    return {**body, **changes}


def pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


class Town:
    """The service, its clock, and everybody who calls it."""

    def __init__(self, country: str = "XX") -> None:
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.database = ExitStack()
        url = self.database.enter_context(passing())
        self.app = build("civil_certificates", country=country, validate_answers=True, database=url)
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
        address = path if path.startswith(BASE) else BASE + path
        more = {} if body is None else {"json": body}
        return self.runner.run(self.client.request(method, address, headers=sent, **more))

    def get(self, who: str, path: str, status: int = 200) -> dict[str, Any]:
        answer = self.call(who, "GET", path)
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

    # ------------------------------------------------------------------ what people do

    def draft(self, who: str, name: str, **changes: Any) -> str:
        made = self.post(who, "/requests", example(name, **changes), 201)
        assert made["status"] == "draft"
        return str(made["id"])

    def submit(self, who: str, name: str, **changes: Any) -> dict[str, Any]:
        case = self.draft(who, name, **changes)
        return self.post(who, f"/requests/{case}/submit", {})

    def act(self, who: str, case: dict[str, Any], action: str, body: Any = None, status: int = 200) -> dict[str, Any]:
        return self.post(who, f"/requests/{case['id']}/{action}", body, status)

    def pay(self, case: dict[str, Any]) -> None:
        data = {"caseReference": case["reference"], "paymentRequestId": case["paymentRequestIds"][0]}
        self.event("payments.request.paid", **data, amount=case["fees"][0]["amount"])

    def issued(self, who: str, name: str, **changes: Any) -> dict[str, Any]:
        """The certificate of a request that the system decides."""
        case = self.submit(who, name, **changes)
        assert case["status"] == "approved", case
        self.pay(case)
        done = self.get(who, f"/requests/{case['id']}")
        assert done["status"] == "completed", done
        return self.certificate(who, done)

    def by_registrar(self, who: str, name: str, **changes: Any) -> dict[str, Any]:
        """The certificate of a request that a registrar decides."""
        case = self.submit(who, name, **changes)
        assert case["status"] == "submitted", case
        assert self.act("eva", case, "accept")["status"] == "in_review"
        assert self.act("eva", case, "approve")["status"] == "approved"
        self.pay(case)
        return self.certificate(who, self.act("eva", case, "issue"))

    def certificate(self, who: str, case: dict[str, Any]) -> dict[str, Any]:
        (output,) = case["outputs"]
        return self.get(who, output["href"])

    def verify(self, certificate: dict[str, Any]) -> dict[str, Any]:
        return self.post(None, "/verifications", {"verificationCode": certificate["verificationCode"]})
