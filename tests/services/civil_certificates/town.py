"""A town with a civil register: what its people do beside what people do everywhere."""

from __future__ import annotations

import copy
import io
from typing import Any

import pypdf
from tests.services import town as towns

from istmo.spec import spec

BASE = "/civil-certificates/v1"
SPEC = spec("civil_certificates")


def example(name: str, **changes: Any) -> dict[str, Any]:
    """A request from the standard's examples; `about` is laid over, other members take the place of its own."""
    body: dict[str, Any] = copy.deepcopy(SPEC.example("createRequest", name))
    body["about"] |= changes.pop("about", {})
    return {**body, **changes}


def pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


class Town(towns.Town):
    """The service, its clock, and everybody who calls it."""

    def __init__(self, country: str = "XX") -> None:
        super().__init__("civil_certificates", country)

    def example(self, name: str, **changes: Any) -> dict[str, Any]:
        return example(name, **changes)

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
