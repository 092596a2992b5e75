"""Runtimes that lose, double or halve what they acknowledged."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from typing import Any

from istmo.runtime.store import IdempotencyKey, StoredAnswer, StoreUnavailable, Unit, Writer
from tests.parts import Parts
from tests.wrong_runtimes._register import wrong

KEPT, WINDOW, WHOLE = "common/acknowledged-is-kept", "common/repeat-after-crash", "common/all-or-nothing"
DYING, WRITING = "tests/istmo/runtime/test_dying.py::test_", "tests/istmo/runtime/test_writing.py::test_"
DISK, NETWORK = "tests/istmo/runtime/test_disk.py::test_", "tests/istmo/runtime/store/test_network.py::test_"
SQLITE, POSTGRES = "istmo.runtime.store.sqlite:SqliteStore", "istmo.runtime.store.postgres:PostgresStore"
WRITERS = ("istmo.runtime.store._sqlite_views:SqliteWriter", "istmo.runtime.store._postgres_views:PostgresWriter")
STORES = (SQLITE, POSTGRES)
UNIT = "istmo.runtime.unit"
LATE = 0.05  # seconds from the answer to the commit


@wrong(
    KEPT,
    "The answer leaves before the commit.",
    DYING + "killed_under_load_nothing_acknowledged_is_lost",
    WRITING + "a_failed_commit_is_never_acknowledged",
)
def answers_before_the_commit(runtime: Parts) -> None:
    async def together(store: Any, batch: list[Any]) -> None:
        connection = store._open()
        await store._begin(connection)
        heads: dict[str, Any] = {}
        for queued in batch:
            await store._run(connection, queued, heads, alone=False)
        for queued in batch:
            if not queued.future.done() and queued.error is None:
                queued.future.set_result(queued.result)
            elif not queued.future.done():
                queued.future.set_exception(queued.error)
        await asyncio.sleep(LATE)
        store._commit(connection)

    runtime.replace(SQLITE, _commit_together=together)


@wrong(
    KEPT,
    "The answer leaves before the commit, and processes are killed at random.",
    "tests/cli/test_killing.py::test_a_hundred_deaths_lose_and_double_nothing",
    slow=True,
)
def answers_before_the_commit_in_a_crew(runtime: Parts) -> None:
    answers_before_the_commit(runtime)


@wrong(
    KEPT,
    "A commit that fails is told as done, on SQLite.",
    WRITING + "a_failed_commit_is_never_acknowledged",
)
def failed_commit_told_as_done(runtime: Parts) -> None:
    _deaf_to_commits(runtime)


@wrong(
    KEPT,
    "A commit that fails is told as done, on PostgreSQL.",
    WRITING + "a_failed_commit_is_never_acknowledged",
    engine="postgresql",
)
def failed_commit_told_as_done_on_postgresql(runtime: Parts) -> None:
    _deaf_to_commits(runtime)


@wrong(
    WHOLE,
    "When a full disk undoes a whole batch, those of it that had met no error are told as done.",
    DISK + "many_writers_on_a_full_disk_are_each_done_or_refused",
)
def undone_batch_told_as_done(runtime: Parts) -> None:
    _deaf_to_commits(runtime)


def _deaf_to_commits(runtime: Parts) -> None:
    """Believe in what a unit returned, whatever became of its commit."""
    for place in STORES:
        runtime.replace(place, write=_believing(runtime.original(place, "write")))


def _believing(right: Any) -> Any:
    async def write(store: Any, service: str, unit: Unit[Any]) -> Any:
        returned: list[Any] = []

        async def remembered(writer: Writer) -> Any:
            returned[:] = [await unit(writer)]
            return returned[0]

        try:
            return await right(store, service, remembered)
        except StoreUnavailable:
            if not returned:
                raise
            return returned[0]

    return write


def _with_pragma(runtime: Parts, pragma: str) -> None:
    right = runtime.original(SQLITE, "_connect")

    def connect(store: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = right(store)
        connection.execute(pragma)
        return connection

    runtime.replace(SQLITE, _connect=connect)


@wrong(KEPT, "SQLite syncs at checkpoints only.", WRITING + "synchronous_full_and_a_log_on_disk")
def synchronous_normal(runtime: Parts) -> None:
    _with_pragma(runtime, "PRAGMA synchronous = NORMAL")


@wrong(KEPT, "SQLite never syncs.", WRITING + "synchronous_full_and_a_log_on_disk")
def synchronous_off(runtime: Parts) -> None:
    _with_pragma(runtime, "PRAGMA synchronous = OFF")


@wrong(KEPT, "SQLite keeps its rollback journal in memory.", WRITING + "synchronous_full_and_a_log_on_disk")
def journal_in_memory(runtime: Parts) -> None:
    _with_pragma(runtime, "PRAGMA journal_mode = MEMORY")


@wrong(
    KEPT,
    "A server that acknowledges before it syncs is taken.",
    "tests/istmo/runtime/store/test_postgres.py::test_a_database_that_may_lose_acknowledged_work_is_refused",
    "tests/istmo/runtime/store/test_postgres.py::test_durability_that_is_switched_off_later_stops_the_writes",
    engine="postgresql",
)
def any_server_is_taken(runtime: Parts) -> None:
    runtime.replace("istmo.runtime.store._postgres_link", refusal=lambda _: None)


@wrong(
    KEPT,
    "Answers to idempotency keys live in the process and die with it.",
    "tests/cli/test_workers.py::test_a_killed_worker_is_replaced_and_nothing_acknowledged_is_lost",
)
def answers_kept_in_the_process(runtime: Parts) -> None:
    _in_the_process(runtime)


@wrong(
    WINDOW,
    "What a repeated key is answered from lives in the process and dies with it.",
    DYING + "a_death_around_the_commit_is_all_or_nothing",
)
def keys_kept_in_the_process(runtime: Parts) -> None:
    _in_the_process(runtime)


def _in_the_process(runtime: Parts) -> None:
    known: dict[IdempotencyKey, StoredAnswer] = {}

    async def answer(_: Writer, key: IdempotencyKey) -> StoredAnswer | None:
        return known.get(key)

    async def keep_answer(_: Writer, key: IdempotencyKey, stored: StoredAnswer, _at: float) -> None:
        known[key] = stored

    for place in WRITERS:
        runtime.replace(place, answer=answer, keep_answer=keep_answer)


def _split(runtime: Parts, method: str) -> None:
    """Put what a unit writes by one method into a second transaction, after its own."""
    later: dict[int, list[tuple[Any, ...]]] = {}
    rights = {place: runtime.original(place, method) for place in WRITERS}

    def postponing(right: Any) -> Any:
        async def call(writer: Any, *what: Any) -> None:
            if id(asyncio.current_task()) in second:
                await right(writer, *what)
            else:
                later.setdefault(id(writer), []).append(what)

        return call

    second: set[int] = set()
    for place, right in rights.items():
        runtime.replace(place, **{method: postponing(right)})
    for place in STORES:
        runtime.replace(place, write=_in_two(runtime.original(place, "write"), method, later, second))


def _in_two(right: Any, method: str, later: dict[int, list[tuple[Any, ...]]], second: set[int]) -> Any:
    async def write(store: Any, service: str, unit: Unit[Any]) -> Any:
        left: list[tuple[Any, ...]] = []

        async def first(writer: Writer) -> Any:
            result = await unit(writer)
            left[:] = later.pop(id(writer), [])
            return result

        async def then(writer: Writer) -> None:
            task = id(asyncio.current_task())
            second.add(task)
            for what in left:
                await getattr(writer, method)(*what)
            second.discard(task)

        result = await right(store, service, first)
        if left:
            await right(store, service, then)
        return result

    return write


@wrong(
    WINDOW,
    "The answer to a key is stored in a transaction of its own, after the effect.",
    DYING + "a_death_around_the_commit_is_all_or_nothing",
)
def answer_in_a_transaction_of_its_own(runtime: Parts) -> None:
    _split(runtime, "keep_answer")


@wrong(
    WINDOW,
    "A commit whose answer was lost leaves the effect and no answer to its key.",
    NETWORK + "a_commit_whose_answer_is_lost_is_decided_by_the_key",
    engine="postgresql",
)
def answer_apart_on_postgresql(runtime: Parts) -> None:
    _split(runtime, "keep_answer")


@wrong(
    WHOLE,
    "The journal is written in a second transaction.",
    DYING + "a_death_around_the_commit_is_all_or_nothing",
)
def journal_in_a_second_transaction(runtime: Parts) -> None:
    _split(runtime, "append_journal")


@wrong(
    WHOLE,
    "Events are put into the outbox after the commit.",
    DYING + "a_death_around_the_commit_is_all_or_nothing",
)
def events_after_the_commit(runtime: Parts) -> None:
    _split(runtime, "add_event")


@wrong(
    WHOLE,
    "A unit that fails is not undone.",
    WRITING + "a_failed_call_leaves_nothing_and_frees_its_key",
)
def failed_unit_not_undone(runtime: Parts) -> None:
    async def run(_: Any, connection: sqlite3.Connection, queued: Any, heads: Any, **_named: bool) -> None:
        from istmo.runtime.store._sqlite_views import SqliteWriter

        try:
            queued.result = await queued.unit(SqliteWriter(connection, queued.service, heads=heads))
        except Exception as error:  # noqa: BLE001 - as the right one does
            queued.error = error

    runtime.replace(SQLITE, _run=run)


@wrong(
    WHOLE,
    "The key of a call that failed stays taken by its failure.",
    WRITING + "a_failed_call_leaves_nothing_and_frees_its_key",
)
def failure_kept_under_its_key(runtime: Parts) -> None:
    from istmo.errors import Problem

    right = runtime.original(UNIT, "write")

    async def write(context: Any, new_work: Any, effect: Any, intention: Any) -> Any:
        try:
            return await right(context, new_work, effect, intention)
        except Exception:
            if intention is not None:
                stored = StoredAnswer(intention.fingerprint, Problem("conflict").status, (), b"{}")

                async def keep(writer: Writer) -> None:
                    await writer.keep_answer(intention.key, stored, time.time())

                await context.store.write(context.slug, keep)
            raise

    runtime.replace(UNIT, write=write)
