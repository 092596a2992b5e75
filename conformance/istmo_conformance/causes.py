"""Why something could not be judged, told once: a cause, and everything that waits for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from istmo.errors import Finding

JSON: TypeAlias = Any
Kind: TypeAlias = Literal["target", "sandbox", "token", "operation", "set-up", "mode", "subject"]


@dataclass(frozen=True)
class Cause:
    """One broken link: what it is, which one, and what it said; two scenarios that share all three share a cause."""

    kind: Kind
    name: str
    what: str = ""
    message: str = field(default="", compare=False)

    @property
    def told(self) -> JSON:
        """The form in which evidence carries it."""
        return {"kind": self.kind, "name": self.name, "what": self.what, "message": self.message}


@dataclass(eq=False)
class Blocked(Finding):
    """A scenario cannot go on, for a reason that nobody is judged for here."""

    cause: Cause = field(kw_only=True)
    # Whether it blocks wherever it happens, or only where a set-up needs it.
    anywhere: bool = field(default=False, kw_only=True)
