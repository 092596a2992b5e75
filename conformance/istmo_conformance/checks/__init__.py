"""Checks: atoms named as sentences, each returning what it holds against an answer.

A check never decides how grave its finding is: it yields Findings, and the caller turns them into a failure,
a warning or an observation that is attributed to the requirement it breaks.
"""

from __future__ import annotations

from istmo_conformance.checks.contract import Contract
from istmo_conformance.checks.observation import PASSIVE, observe

__all__ = ["PASSIVE", "Contract", "observe"]
