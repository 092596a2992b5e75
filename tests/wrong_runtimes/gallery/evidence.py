"""Runtimes that keep too little evidence, too much, or evidence that proves nothing."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from istmo.runtime.store import JournalEntry
from istmo.runtime.store.chain import GENESIS, link_digest
from tests.parts import Parts
from tests.wrong_runtimes._register import wrong

LOOKS, ENTRIES = "common/access-logged", "common/acts-leave-entries"
LOGS, TAMPER = "common/logs-without-personal-data", "common/tampering-shows"
WRITING, REFUSING = "tests/istmo/runtime/test_writing.py::test_", "tests/istmo/runtime/test_refusing.py::test_"
UNIT, WORK = "istmo.runtime.unit", "istmo.runtime.work:Work"
CHAIN = "istmo.runtime.store.chain"
DENIED = 403


@wrong(LOOKS, "Nobody notes who looked at whom.", WRITING + "who_looked_at_somebody_else_is_noted")
def looks_not_noted(runtime: Parts) -> None:
    runtime.replace(WORK, _seen=lambda *_: None)


@wrong(LOOKS, "Looks are noted where something is written, not where it is only read.",
       WRITING + "who_looked_at_somebody_else_is_noted")  # fmt: skip
def looks_of_reads_not_noted(runtime: Parts) -> None:
    async def read(_: Any, new_work: Any, effect: Any) -> Any:
        return await effect(new_work(None))

    runtime.replace(UNIT, read=read)


@wrong(LOOKS, "The owner's own looks are noted too, among which the others are hard to find.",
       WRITING + "who_looked_at_somebody_else_is_noted")  # fmt: skip
def own_looks_noted(runtime: Parts) -> None:
    def seen(work: Any, record: Any) -> None:
        if record.owner and work.caller.known:
            work.accesses[record.kind, record.id] = record.owner

    runtime.replace(WORK, _seen=seen)


@wrong(ENTRIES, "A look at somebody else's record leaves nothing.", WRITING + "so_many_acts_so_many_entries")
def look_leaves_nothing(runtime: Parts) -> None:
    looks_not_noted(runtime)


@wrong(ENTRIES, "A change leaves nothing in the journal.", WRITING + "so_many_acts_so_many_entries")
def change_leaves_nothing(runtime: Parts) -> None:
    runtime.replace(WORK, _wrote=lambda *_: None)


def _entry(runtime: Parts, change: Any) -> None:
    right = runtime.original(UNIT, "_entry")

    def entry(work: Any, status: int) -> Any:
        found = right(work, status)
        change(work, found)
        return found

    runtime.replace(UNIT, _entry=entry)


@wrong(ENTRIES, "Entries do not tell the outcome.", WRITING + "so_many_acts_so_many_entries")
def entry_without_outcome(runtime: Parts) -> None:
    _entry(runtime, lambda _, entry: entry.update(status=0))


@wrong(ENTRIES, "Entries name the program, not the person.", WRITING + "so_many_acts_so_many_entries")
def entry_without_person(runtime: Parts) -> None:
    _entry(runtime, lambda work, entry: entry.update(actor=work.caller.client))


@wrong(ENTRIES, "Entries hold the values that were written.", WRITING + "so_many_acts_so_many_entries")
def entry_with_values(runtime: Parts) -> None:
    right = runtime.original(WORK, "_wrote")

    def wrote(work: Any, action: str, record: Any) -> None:
        right(work, action, record)
        work.entries[-1]["values"] = record.doc

    runtime.replace(WORK, _wrote=wrote)


@wrong(ENTRIES, "A denial leaves no line in the log.", WRITING + "so_many_acts_so_many_entries")
def denial_without_line(runtime: Parts) -> None:
    place = "istmo.runtime.observe:AccessLog"
    right = runtime.original(place, "ended")

    def ended(log: Any, about: Any, status: int, seconds: float) -> None:
        if status != DENIED:
            right(log, about, status, seconds)

    runtime.replace(place, ended=ended)


@wrong(LOGS, "A line tells the whole address of a request.",
       REFUSING + "one_log_line_a_request_without_personal_data")  # fmt: skip
def query_in_a_line(runtime: Parts) -> None:
    place = "istmo.runtime.kernel:Kernel"
    right = runtime.original(place, "__call__")

    async def call(kernel: Any, scope: Any, receive: Any, send: Any) -> None:
        logging.getLogger("istmo.access.address").info("%s?%s", scope["path"], scope["query_string"].decode("latin-1"))
        await right(kernel, scope, receive, send)

    runtime.replace(place, __call__=call)


@wrong(LOGS, "What a handler wrote is told in a line, for support.",
       REFUSING + "one_log_line_a_request_without_personal_data")  # fmt: skip
def record_in_a_line(runtime: Parts) -> None:
    right = runtime.original(WORK, "_wrote")

    def wrote(work: Any, action: str, record: Any) -> None:
        right(work, action, record)
        logging.getLogger("istmo.access.records").info("%s %s", action, record.doc)

    runtime.replace(WORK, _wrote=wrote)


@wrong(LOGS, "A failure is logged with its traceback and its words.", REFUSING + "a_failure_inside_reveals_nothing")
def traceback_in_the_log(runtime: Parts) -> None:
    place = "istmo.runtime.edge"
    right = runtime.original(place, "as_problem")

    def as_problem(error: Exception, scope: Any) -> Any:
        logging.getLogger("istmo.error").error("it failed", exc_info=error)
        return right(error, scope)

    runtime.replace(place, as_problem=as_problem)


@wrong(TAMPER, "Each link begins a chain of its own.",
       WRITING + "the_journal_chain_verifies")  # fmt: skip
def links_not_chained(runtime: Parts) -> None:
    place = "istmo.runtime.store._sqlite_views:SqliteWriter"
    right = runtime.original(place, "append_journal")

    async def append(writer: Any, entry: str) -> JournalEntry:
        link: JournalEntry = await right(writer, entry)
        alone = JournalEntry(link.seq, GENESIS, entry, link_digest(GENESIS, entry))
        statement = "UPDATE journal SET previous = ?, digest = ? WHERE service = ? AND seq = ?"
        writer._do(statement, (alone.previous, alone.digest, writer._service, alone.seq))
        return alone

    runtime.replace(place, append_journal=append)


@wrong(TAMPER, "The journal holds what was written.", WRITING + "the_journal_chain_verifies")
def journal_with_values(runtime: Parts) -> None:
    entry_with_values(runtime)


@wrong(TAMPER, "Whoever verifies compares numbers and digests of neighbours, not what the entries say.",
       WRITING + "tampering_with_the_journal_shows_where")  # fmt: skip
def entries_not_verified(runtime: Parts) -> None:
    _verifying(runtime, lambda link, after, previous: link["seq"] == after and link["previous"] == previous)


@wrong(TAMPER, "Whoever verifies looks at each entry by itself: one that is missing is not missed.",
       WRITING + "tampering_with_the_journal_shows_where")  # fmt: skip
def gaps_not_verified(runtime: Parts) -> None:
    _verifying(runtime, lambda link, _after, _previous: link["digest"] == link_digest(link["previous"], link["entry"]))


def _verifying(runtime: Parts, fits: Any) -> None:
    def verify(links: Any, *, previous: str = GENESIS, after: int = 0) -> int | None:
        for link in links:
            after += 1
            if not fits(asdict(link), after, previous):
                return int(link.seq)
            previous = link.digest
        return None

    runtime.replace(CHAIN, verify=verify)
