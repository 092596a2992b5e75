"""What a room may add to the machine: each function is optional, each default does nothing."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from istmo.errors import KitError

from ._draft import Automatic, CaseDraft

if TYPE_CHECKING:
    from istmo.runtime.store import Json
    from istmo.runtime.work import Work

NAMES = frozenset({"draft", "submitted", "automatic", "guard", "issued", "event"})


class Hooks:
    """The hooks of a room's module or object, plain or `async`, with nothing where it has none."""

    def __init__(self, source: object | None) -> None:
        self._found: dict[str, Callable[..., Any]] = {}
        for name in NAMES:
            hook = getattr(source, name, None)
            if hook is not None and not callable(hook):
                raise KitError("case-hook", f"the hook {name} is no function", f"hooks are {sorted(NAMES)}")
            if hook is not None:
                self._found[name] = hook

    async def _call(self, name: str, *arguments: Any) -> Any:  # noqa: ANN401 - what the hook takes and returns
        hook = self._found.get(name)
        if hook is None:
            return None
        result = hook(*arguments)
        return await _awaited(result) if inspect.isawaitable(result) else result

    async def draft(self, work: Work, body: Json) -> Json:
        """Return members that the room adds when a draft is written, or let it refuse."""
        return dict(await self._call("draft", work, body) or {})

    async def submitted(self, work: Work, case: CaseDraft) -> None:
        """Let the room bill, hold and compare a case that is being submitted."""
        await self._call("submitted", work, case)

    async def automatic(self, work: Work, case: CaseDraft) -> Automatic | None:
        """Return what the system does now, if anything."""
        found = await self._call("automatic", work, case)
        if found is None or isinstance(found, Automatic):
            return found
        return Automatic(found) if isinstance(found, str) else Automatic(*found)

    async def guard(self, work: Work, case: CaseDraft, action: str) -> None:
        """Let the room refuse an action; it is also asked when actions are offered and must change nothing."""
        await self._call("guard", work, case, action)

    async def issued(self, work: Work, case: CaseDraft) -> list[Json]:
        """Return the outputs of a case that is being completed."""
        return list(await self._call("issued", work, case) or ())

    async def event(self, work: Work, kind: str, data: Json) -> None:
        """Let the room take an event of another service."""
        await self._call("event", work, kind, data)


async def _awaited(result: Awaitable[Any]) -> Any:  # noqa: ANN401 - see Hooks
    return await result
