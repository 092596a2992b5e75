"""A call as a scenario describes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from istmo.spec import Operation


@dataclass
class Call:
    """A call as a scenario describes it."""

    who: str
    operation: Operation | None = None
    example: str | None = None
    changes: list[tuple[str, str | None]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    query: str = ""
    aim: str = "it"
    target: str = ""
    body: str | None = None
    media: str | None = None
    given: str | None = None
    token: str = "plain"  # noqa: S105  # the kind of token, not one
    tag: str = "current"
    repeated: bool = False
    same_key: bool = False
    odd_key: bool = False
    twice: bool = False
    times: int = 1
    parallel: bool = False
    undeclared_method: bool = False
    each_method: bool = False
    encoding: str | None = None
    page: str = ""
    token_in_address: bool = False
    attached: tuple[str, int] | None = None
    message: str | None = None
