"""What units of one process ask a PostgreSQL database at the same time, asked with one statement."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import _postgres_group_sql as group_sql
from . import _postgres_sql as sql
from ._postgres_pending import place
from ._protocol import StoredAnswer, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ._protocol import IdempotencyKey

Asked = TypeVar("Asked")
Told = TypeVar("Told")

MOST = 64  # of what is asked, or written, with one statement


class Together(Generic[Asked, Told]):
    """Whoever asks alone is served at once; whoever asks meanwhile is served next, with all others who do."""

    def __init__(self, serve: Callable[[Sequence[Asked]], Awaitable[Sequence[Told]]]) -> None:
        self._serve = serve
        self._waiting: list[tuple[Asked, asyncio.Future[Told]]] = []
        self._busy = False
        self._task: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Told:
        """Return what the database tells about one thing."""
        if self._busy:
            future: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
            self._waiting.append((asked, future))
            return await future
        self._busy = True
        try:
            return (await self._serve([asked]))[0]
        finally:
            self._busy = bool(self._waiting)
            if self._busy:
                self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        served: list[tuple[Asked, asyncio.Future[Told]]] = []
        try:
            while self._waiting:
                served, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                served = [(asked, future) for asked, future in served if not future.done()]
                if served:
                    await self._one(served)
        finally:
            self._busy = False
            for _, future in (*served, *self._waiting):  # left by an event loop that ends
                future.cancel()

    async def _one(self, served: Sequence[tuple[Asked, asyncio.Future[Told]]]) -> None:
        try:
            told = await self._serve([asked for asked, _ in served])
        except Exception as error:  # noqa: BLE001 - it belongs to those who asked
            for _, future in served:
                if not future.done():
                    future.set_exception(_copy(error))
        else:
            for (_, future), one in zip(served, told, strict=True):
                if not future.done():
                    future.set_result(one)


def _copy(error: Exception) -> Exception:
    """Return an error for one of several who are told it: each adds to its own traceback."""
    return type(error)(*error.args) if isinstance(error, StoreUnavailable) else error


@dataclass(slots=True, frozen=True)
class Standing:
    """How a service stood at a moment: the number of its last link, what names the last reset, and an answer."""

    head: int
    reset: str | None
    answer: StoredAnswer | None = None


class Asking:
    """The questions that units of one service ask most, put together."""

    def __init__(self, fetch: Callable[..., Awaitable[Sequence[Any]]], service: str) -> None:
        self._fetch = fetch
        self._service = service
        self.looks: Together[IdempotencyKey | None, Standing] = Together(self._look)
        self.gets: Together[tuple[str, str], Sequence[Any] | None] = Together(self._get)
        self.takes: Together[str, int] = Together(self._take)

    async def _look(self, keys: Sequence[IdempotencyKey | None]) -> list[Standing]:
        asked = [("", "", "") if key is None else place(key) for key in keys]
        if len(asked) == 1:
            rows = await self._fetch(group_sql.LOOK_ONE, self._service, *asked[0])
        else:
            columns = [list(column) for column in zip(*asked, strict=True)]
            rows = await self._fetch(group_sql.LOOK, self._service, *columns)
        head, reset = rows[0][0] or 0, rows[0][1]
        told = [Standing(head, reset)] * len(keys)
        for _, _, number, fingerprint, status, headers, body in rows:
            if number and status:
                pairs = tuple((name, value) for name, value in json.loads(headers))
                told[number - 1] = Standing(head, reset, StoredAnswer(fingerprint, status, pairs, body))
        return told

    async def _get(self, places: Sequence[tuple[str, str]]) -> list[Sequence[Any] | None]:
        if len(places) == 1:
            rows = await self._fetch(sql.GET.format(columns=sql.COLUMNS), self._service, *places[0])
            return [rows[0] if rows else None]
        kinds, ids = [list(column) for column in zip(*places, strict=True)]
        told: list[Sequence[Any] | None] = [None] * len(places)
        for number, *row in await self._fetch(group_sql.GETS.format(columns=sql.COLUMNS), self._service, kinds, ids):
            told[number - 1] = row
        return told

    async def _take(self, series: Sequence[str]) -> list[int]:
        """Take as many numbers of each series as are asked for, and give them out in the order of asking."""
        following: dict[str, int] = {}
        for name, count in sorted(Counter(series).items()):
            rows = await self._fetch(sql.TAKE, self._service, name, count)
            following[name] = int(rows[0][0]) - count
        told = []
        for name in series:
            following[name] += 1
            told.append(following[name])
        return told
