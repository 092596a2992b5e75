{% set it = facts(cookiecutter) -%}
"""What {{ it.countries.en }} adds to the rules of the region: pure functions, values in, a refusal or nothing out.

A nation may ask more of what it adds itself, the members of the open object `national`. It may not refuse what the
regional standard accepts: a request without `national` is taken from everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from istmo.errors import Problem

if TYPE_CHECKING:
    from istmo.spec import Profile

Json = Mapping[str, Any]


def refused(operation_id: str, body: Json, today: date, profile: Profile) -> Problem | None:
    """Return why the nation refuses a body that keeps the contract, or nothing."""
    national = body.get("national") or {}
    return _office(national, profile)


# CHANGE THIS: an example of a national rule; `national/schema.json` describes its member.
def _office(national: Json, profile: Profile) -> Problem | None:
    """Only an office that the profile lists may be named as the one where the answer is fetched."""
    wanted = national.get("office")
    offices = profile.service({{ it.answers.service|tojson }}).get("offices") or ()
    if wanted is None or wanted in {office["identifier"] for office in offices}:
        return None
    errors = [{"in": "body", "pointer": "/national/office", "code": "unknown-code"}]
    return Problem("validation-failed", errors=errors)
