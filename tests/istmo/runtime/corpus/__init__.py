"""What a hostile client sends: named cases by family, none of which knows a service."""

from __future__ import annotations

from ._calls import Call, Case, Tools, Value
from .addresses import ADDRESSES
from .bodies import BODIES
from .forms import FORMS
from .headers import HEADERS
from .tokens import TOKENS
from .values import VALUES

CASES: tuple[Case, ...] = (*BODIES, *FORMS, *TOKENS, *HEADERS, *ADDRESSES)

__all__ = ["CASES", "VALUES", "Call", "Case", "Tools", "Value"]
