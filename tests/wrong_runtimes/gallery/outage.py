"""Runtimes that misjudge a store that is away, full, held or silent."""

from __future__ import annotations

from typing import Any

from istmo.errors import Problem
from istmo.runtime import problems
from istmo.runtime.store import StoreUnavailable
from tests.parts import Parts
from tests.wrong_runtimes._register import wrong

AWAY, WAIT, READY = "common/store-away", "common/store-wait-bounded", "common/ready-only-when-able"
HEALTH, DISK = "tests/istmo/runtime/test_health.py::test_", "tests/istmo/runtime/test_disk.py::test_"
NETWORK = "tests/istmo/runtime/store/test_network.py::test_"
SERVER = "tests/istmo/runtime/store/test_postgres.py::test_"
WRITING = "tests/istmo/runtime/test_writing.py::test_"
EDGE, READINESS = "istmo.runtime.edge", "istmo.runtime.health:Readiness"
SQLITE, POSTGRES = "istmo.runtime.store.sqlite:SqliteStore", "istmo.runtime.store.postgres:PostgresStore"
FAR_TOO_LONG = 10.0
FOR_EVER = 40.0  # seconds: longer than a call may take, and short enough for what closes it to end too


def _told_as(runtime: Parts, told: Problem) -> None:
    right = runtime.original(EDGE, "as_problem")

    def as_problem(error: Exception, scope: Any) -> Problem:
        found: Problem = right(error, scope)
        return told if isinstance(error, StoreUnavailable) else found

    runtime.replace(EDGE, as_problem=as_problem)


@wrong(AWAY, "A full disk is an internal error.", DISK + "with_room_again_the_refused_call_has_its_one_effect")
def full_disk_is_an_internal_error(runtime: Parts) -> None:
    _told_as(runtime, Problem(problems.INTERNAL))


@wrong(
    AWAY,
    "A database that is away is an internal error.",
    SERVER + "without_its_server_a_service_says_so_at_once_and_recovers_unaided",
    NETWORK + "all_connections_reset_and_refused_is_told_until_it_ends",
    engine="postgresql",
)
def outage_is_an_internal_error(runtime: Parts) -> None:
    _told_as(runtime, Problem(problems.INTERNAL))


@wrong(
    AWAY,
    "Nobody is told when to come back.",
    SERVER + "without_its_server_a_service_says_so_at_once_and_recovers_unaided",
    engine="postgresql",
)
def outage_without_retry_after(runtime: Parts) -> None:
    _told_as(runtime, Problem("unavailable"))
    runtime.replace("istmo.runtime.problems", RETRY_AFTER={})


@wrong(
    AWAY,
    "After an outage the effect is there twice: a refused call had left a piece of paper that is worked off later.",
    DISK + "with_room_again_the_refused_call_has_its_one_effect",
)
def refused_call_worked_off_later(runtime: Parts) -> None:
    right = runtime.original(SQLITE, "write")
    left: list[tuple[str, Any]] = []

    async def write(store: Any, service: str, unit: Any) -> Any:
        while left:
            paper = left.pop()
            try:
                await right(store, *paper)
            except StoreUnavailable:
                left.append(paper)
                break
        try:
            return await right(store, service, unit)
        except StoreUnavailable:
            left.append((service, unit))
            raise

    runtime.replace(SQLITE, write=write)


@wrong(
    WAIT,
    "The lock of another process is waited for much longer than agreed.",
    WRITING + "another_process_holding_the_lock_is_waited_for_and_then_refused",
)
def lock_waited_for_too_long(runtime: Parts) -> None:
    right = runtime.original(SQLITE, "__init__")

    def begin(store: Any, path: str, **given: Any) -> None:
        right(store, path, **{**given, "unit_seconds": FAR_TOO_LONG})

    runtime.replace(SQLITE, __init__=begin)


@wrong(
    WAIT,
    "Who waited in vain hears of an internal error.",
    NETWORK + "every_connection_held_by_somebody_is_waited_for_and_told",
    NETWORK + "a_line_that_falls_silent_is_given_up_in_time[postgresql-BEGIN]",
    engine="postgresql",
)
def wait_in_vain_is_an_internal_error(runtime: Parts) -> None:
    _told_as(runtime, Problem(problems.INTERNAL))


@wrong(
    WAIT,
    "A free connection is waited for until the call itself has no more time.",
    NETWORK + "every_connection_held_by_somebody_is_waited_for_and_told",
    engine="postgresql",
    slow=True,
)
def connection_waited_for_without_end(runtime: Parts) -> None:
    right = runtime.original(POSTGRES, "__init__")

    def begin(store: Any, url: str, **given: Any) -> None:
        right(store, url, **{**given, "unit_seconds": FOR_EVER})

    runtime.replace(POSTGRES, __init__=begin)


async def _yes(_: Any) -> bool:
    return True


@wrong(
    READY,
    "A process is ready as soon as it lives.",
    HEALTH + "a_process_is_alive_and_not_ready_while_its_database_is_away",
    HEALTH + "without_keys_of_the_issuer_nobody_is_sent_here_until_they_can_be_read",
)
def always_ready(runtime: Parts) -> None:
    runtime.replace(READINESS, ready=_yes)


@wrong(
    READY,
    "A process is ready without looking for its database.",
    HEALTH + "a_process_is_alive_and_not_ready_while_its_database_is_away",
)
def ready_without_a_database(runtime: Parts) -> None:
    runtime.replace(READINESS, database=_yes)


@wrong(
    READY,
    "A process without keys is ready, and fetches them when somebody comes.",
    HEALTH + "without_keys_of_the_issuer_nobody_is_sent_here_until_they_can_be_read",
)
def ready_without_keys(runtime: Parts) -> None:
    async def ready(readiness: Any) -> bool:
        return bool(await readiness.database())

    runtime.replace(READINESS, ready=ready)


@wrong(
    READY,
    "A process that has seen its database once is ready for good.",
    HEALTH + "a_process_is_alive_and_not_ready_while_its_database_is_away",
)
def once_ready_always_ready(runtime: Parts) -> None:
    right = runtime.original(READINESS, "database")

    async def database(readiness: Any) -> bool:
        return bool(readiness._database or await right(readiness))

    runtime.replace(READINESS, database=database)
