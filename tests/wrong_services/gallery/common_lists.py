"""Wrong lists and wrong refusals of actions."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App, Call

PAGING, PARAMETER = "istmo.runtime.paging", "istmo.runtime.binding:BoundParameter"
MACHINE, VIEW, TABLE = "istmo.runtime.cases._machine:Case", "istmo.runtime.cases._view", "istmo.runtime.cases._table"
WORK = "istmo.runtime.work:Work"
Json = dict[str, Any]


def _problem(code: str, **members: object) -> Exception:
    from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

    return Problem(code, **members)  # type: ignore[arg-type] # passed on as they came


# Pages


def _reading(reference: Reference, step: int) -> App:
    """Build the reference with pages that go on a step from where they should."""
    original = reference.original(PAGING, "read")

    def read(work: Any, cursor: str | None, what_for: bytes) -> int:
        position: int = original(work, cursor, what_for)
        return position if cursor is None else position + step

    reference.replace(PAGING, read=read)
    return reference.app()


@wrong(
    "common/paging-complete",
    "Between two pages an item is lost.",
    also=("common/cursor-private",),  # the owner herself does not find the place again
)
def page_skips_one(reference: Reference) -> App:
    return _reading(reference, 1)


@wrong(
    "common/paging-complete",
    "Each page begins with the last item of the page before.",
    also=("common/cursor-private",),  # the owner herself does not find the place again
)
def page_repeats_last(reference: Reference) -> App:
    return _reading(reference, -1)


@wrong("common/paging-complete", "A last page of one item is never named.")
def last_item_never_named(reference: Reference) -> App:
    original = reference.original(WORK, "page")

    async def page(self: Any, kind: str, *, limit: int = 20, **about: Any) -> Any:
        found = await original(self, kind, limit=limit, **about)
        more = await original(self, kind, limit=limit + 1, **about)
        if more.next_cursor is None:
            found.next_cursor = found.link = None
        return found

    reference.replace(WORK, page=page)
    return reference.app()


def _limit(call: Call, change: Any) -> None:
    """Put another limit into the query of a list."""
    pairs = dict(parse_qsl(call.query, keep_blank_values=True, encoding="latin-1"))
    if call.operation is not None and pairs.get("limit", "").isdigit() and call.operation.parameter("limit"):
        limit = int(pairs["limit"])
        if change(limit) != limit:
            call.query = urlencode({**pairs, "limit": str(change(limit))}, encoding="latin-1")


@wrong("common/parameter-range", "A limit out of range is brought into it.", also=("common/constraints-hold",))
def limit_clamped(reference: Reference) -> App:
    return reference.asking(
        lambda call: _limit(call, lambda limit: min(max(limit, 1), 100) if limit < 10**6 else limit)
    )


@wrong("common/parameter-range", "A limit of 0 means as many as there are.", also=("common/constraints-hold",))
def limit_zero_means_all(reference: Reference) -> App:
    return reference.asking(lambda call: _limit(call, lambda limit: limit or 100))


def _range_refused(reference: Reference, refuse: Any) -> App:
    original = reference.original(PARAMETER, "violations")

    def violations(self: Any, value: Any) -> list[Json]:
        items: list[Json] = original(self, value)
        return refuse(self, items) if items and self.name == "limit" else items

    reference.replace(PARAMETER, violations=violations)
    return reference.app()


@wrong("common/parameter-range", "A limit out of range is refused as if it were no number.")
def range_refused_as_malformed(reference: Reference) -> App:
    def refuse(parameter: Any, items: list[Json]) -> Any:
        raise parameter.refusal(items[0]["code"])

    return _range_refused(reference, refuse)


@wrong("common/parameter-range", "The refusal of a limit points into the body.", also=("common/constraints-hold",))
def range_placed_in_body(reference: Reference) -> App:
    def refuse(_: Any, items: list[Json]) -> list[Json]:
        return [{"in": "body", "pointer": "/limit", "code": item["code"]} for item in items]

    return _range_refused(reference, refuse)


def _cursor(reference: Reference, position: Any) -> App:
    """Build the reference with another reading of cursors that it did not make."""
    from istmo.errors import Problem  # noqa: PLC0415 - see above

    original = reference.original(PAGING, "read")

    def read(work: Any, cursor: str | None, what_for: bytes) -> int:
        try:
            return int(original(work, cursor, what_for))
        except Problem:
            found: int | None = position(cursor)
            if found is None:
                raise
            return found

    reference.replace(PAGING, read=read)
    return reference.app()


@wrong("common/forged-cursor", "A cursor that cannot be read means the first page.")
def bad_cursor_starts_over(reference: Reference) -> App:
    return _cursor(reference, lambda _: 0)


@wrong("common/forged-cursor", "A cursor is a number that anybody can write.")
def cursor_is_a_number(reference: Reference) -> App:
    return _cursor(reference, lambda cursor: int(cursor) if cursor.isdigit() else None)


@wrong("common/forged-cursor", "A cursor is a packed number that anybody can pack.")
def cursor_is_a_packed_number(reference: Reference) -> App:
    def position(cursor: str) -> int | None:
        try:
            return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except ValueError:
            return None

    return _cursor(reference, position)


@wrong("common/forged-cursor", "A forged cursor is refused like a value out of range.")
def cursor_refused_as_range(reference: Reference) -> App:
    item = {"in": "query", "name": "cursor", "code": "wrong-format"}
    reference.replace(PAGING, bad_cursor=lambda: _problem("validation-failed", errors=[item]))
    return reference.app()


# Actions that the status does not allow


def _refusing(reference: Reference, refusal: Any) -> App:
    """Build the reference with another refusal of illegal actions; `refusal` gets the code and the members."""
    original = reference.original(VIEW, "illegal")

    async def illegal(machine: Any, work: Any, case: Any) -> Any:
        return refusal(dict((await original(machine, work, case)).members))

    reference.replace(VIEW, illegal=illegal)
    return reference.app()


@wrong("common/illegal-transition", "The refusal does not say what would be allowed.")
def allowed_actions_unnamed(reference: Reference) -> App:
    return _refusing(reference, lambda members: _problem("illegal-transition", currentStatus=members["currentStatus"]))


@wrong("common/illegal-transition", "The refusal does not say how the case stands.")
def current_status_unnamed(reference: Reference) -> App:
    return _refusing(
        reference, lambda members: _problem("illegal-transition", allowedActions=members["allowedActions"])
    )


@wrong("common/illegal-transition", "The refusal names every action that there is.")
def all_actions_named(reference: Reference) -> App:
    names = sorted(reference.original(TABLE, "BY_ACTION"))
    return _refusing(reference, lambda members: _problem("illegal-transition", **{**members, "allowedActions": names}))


@wrong("common/illegal-transition", "An illegal action is any conflict.")
def illegal_is_any_conflict(reference: Reference) -> App:
    return _refusing(reference, lambda members: _problem("conflict", **members))


@wrong(
    "common/illegal-transition",
    "An illegal action is refused as a broken rule.",
    also=(
        "common/unavailable-actions-refused",
        "common/closed-case-unchangeable",
        "common/draft-expires",
    ),  # which name the statuses too
)
def illegal_is_a_broken_rule(reference: Reference) -> App:
    return _refusing(reference, lambda members: _problem("rule-violated", **members))


@wrong(
    "common/illegal-transition",
    "What is already done is done again without a word.",
    also=("common/unavailable-actions-refused",),  # the action is not on offer, and works
)
def done_again_without_a_word(reference: Reference) -> App:
    original = reference.original(MACHINE, "act")
    table, terminal = reference.original(TABLE, "BY_ACTION"), reference.original(TABLE, "TERMINAL")

    async def act(self: Any, work: Any, case_id: str, action: str, body: Json) -> Any:
        case = await self._case(work, case_id)
        again = case.status == table[action].target and case.status not in terminal
        if again and case.owner == work.caller.acting_for:
            return await self._answer(work, case.record)
        return await original(self, work, case_id, action, body)

    reference.replace(MACHINE, act=act)
    return reference.app()
