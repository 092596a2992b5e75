"""Pages over lists that are no records: fees, forms and other lists that the standard or the profile brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import paging
from .work import Page

if TYPE_CHECKING:
    from .work import Answer, Work


def answer(work: Work, items: Sequence[Any], limit: int, cursor: str | None, **members: Any) -> Answer:  # noqa: ANN401 - JSON members
    """Answer one page of a list whose order never changes while the service runs."""
    purpose = paging.purpose(work, None, {})
    start = paging.read(work, cursor, purpose)
    end = start + limit
    following = paging.write(work, end, purpose) if end < len(items) else None
    link = paging.link(work, following) if following else None
    return Page([], limit, following, link).answer(items[start:end], **members)
