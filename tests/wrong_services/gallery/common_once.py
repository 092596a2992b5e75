"""Wrong memories: idempotency keys and conditions."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_services._tamper import App, Call, Forward, Reply

KERNEL, UNIT, WORK = "istmo.runtime.kernel:Kernel", "istmo.runtime.unit", "istmo.runtime.work:Work"
REPLAYED = "idempotency-replayed"
KEY = "idempotency-key"
PAUSE = 0.01  # seconds in which other calls come in between


def _problem(code: str, **members: object) -> Exception:
    from istmo.errors import Problem  # noqa: PLC0415 - the gallery lists without loading the kernel

    return Problem(code, **members)  # type: ignore[arg-type] # passed on as they came


# Messages of other services have a name of their own instead of a key: these faults do not touch it.


def _message(call: Call) -> bool:
    return call.operation is not None and call.operation.signed


def _named(intention: Any) -> bool:
    return bool(intention.key.client.startswith("peer:"))


# Keys


def _without_key(reference: Reference, instead: Any) -> App:
    """Build the reference with something else done where the key is missing."""
    original = reference.original(KERNEL, "_key")

    def key(call: Any) -> None:
        if KEY not in call.headers and instead(call):
            return
        original(call)

    reference.replace(KERNEL, _key=staticmethod(key))
    return reference.app()


@wrong("common/idempotency-key-required", "Who sends no key is served without one.")
def key_optional(reference: Reference) -> App:
    return _without_key(reference, lambda _: True)


@wrong("common/idempotency-key-required", "Only what makes something new needs a key.")
def key_optional_for_actions(reference: Reference) -> App:
    return _without_key(reference, lambda call: call.bound.operation.transition is not None)


@wrong("common/idempotency-key-required", "A missing key is refused like a missing condition.")
def key_refused_as_condition(reference: Reference) -> App:
    def refuse(_: Any) -> bool:
        raise _problem("precondition-required", status=400)

    return _without_key(reference, refuse)


@wrong("common/idempotency-key-required", "The key is missed after everything is done.")
def key_missed_afterwards(reference: Reference) -> App:
    async def tamper(call: Call, forward: Forward) -> Reply:
        if call.operation is not None and call.operation.idempotent and call.header(KEY) is None:
            call.set(KEY, secrets.token_hex(16))
            done = await forward(call)
            call.drop(KEY)
            return await forward(call) if done.status < 400 else done
        return await forward(call)

    return reference.tampered(tamper)


# Replays


@wrong("common/idempotent-replay", "A replay is not marked as one.")
def replay_unmarked(reference: Reference) -> App:
    def unmark(call: Call, reply: Reply) -> None:
        if not _message(call):
            reply.drop(REPLAYED)

    return reference.answering(unmark)


@wrong(
    "common/idempotent-replay",
    "A replayed creation is no creation, says the status.",
    # The contract does not declare that status, and twins get it too.
    also=("common/answers-match-the-contract", "common/idempotent-under-concurrency"),
)
def replay_with_another_status(reference: Reference) -> App:
    def change(call: Call, reply: Reply) -> None:
        if reply.header(REPLAYED) and call.is_for("createRequest"):
            reply.status = 202

    return reference.answering(change)


@wrong("common/idempotent-replay", "A replay shows how the case stands now.")
def replay_of_today(reference: Reference) -> App:
    async def tamper(call: Call, forward: Forward) -> Reply:
        reply = await forward(call)
        if reply.header(REPLAYED) and call.is_for("createRequest"):
            reading = replace(call, method="GET", path=reply.header("location") or "", body=b"")
            now = await forward(reading)
            if now.status == 200:
                reply.body = now.body
                reply.set("etag", now.header("etag") or "")
        return reply

    return reference.tampered(tamper)


@wrong(
    "common/idempotent-replay",
    "A replay says the same and makes another one.",
    also=("common/idempotent-under-concurrency",),  # twins are replays of each other
)
def replay_makes_another(reference: Reference) -> App:
    async def tamper(call: Call, forward: Forward) -> Reply:
        reply = await forward(call)
        if reply.header(REPLAYED) and call.is_for("createRequest"):
            again = replace(call, headers=[*call.headers])
            again.set(KEY, secrets.token_hex(16))
            await forward(again)
        return reply

    return reference.tampered(tamper)


@wrong("common/idempotent-replay", "Actions forget their keys.")
def actions_forget_keys(reference: Reference) -> App:
    original = reference.original(KERNEL, "_intention")

    def intention(call: Any) -> Any:
        return None if call.bound.operation.transition else original(call)

    reference.replace(KERNEL, _intention=staticmethod(intention))
    return reference.app()


@wrong("common/idempotent-replay", "With a discarded case the answers about it are forgotten.")
def replay_forgotten_with_case(reference: Reference) -> App:
    async def tamper(call: Call, forward: Forward) -> Reply:
        reply = await forward(call)
        if reply.header(REPLAYED) and call.is_for("createRequest"):
            reading = replace(call, method="GET", path=reply.header("location") or "", body=b"")
            if (await forward(reading)).status != 200:
                call.set(KEY, secrets.token_hex(16))
                return await forward(call)
        return reply

    return reference.tampered(tamper)


# Another body under the same key


def _intending(reference: Reference, change: Any) -> App:
    """Build the reference with another idea of what a key stands for."""
    original = reference.original(KERNEL, "_intention")

    def intention(call: Any) -> Any:
        found = original(call)
        return found if found is None or _named(found) else change(call, found)

    reference.replace(KERNEL, _intention=staticmethod(intention))
    return reference.app()


@wrong("common/idempotency-key-reuse", "The body is not compared.")
def body_not_compared(reference: Reference) -> App:
    return _intending(reference, lambda _, found: replace(found, fingerprint="same"))


@wrong("common/idempotency-key-reuse", "Of the body the names are compared and not the values.")
def names_compared_only(reference: Reference) -> App:
    def change(call: Any, found: Any) -> Any:
        body = call.values.get("body")
        names = sorted(body) if isinstance(body, dict) else found.fingerprint
        return replace(found, fingerprint=repr(names))

    return _intending(reference, change)


@wrong("common/idempotency-key-reuse", "Another body under the same key is served as a new call.")
def body_part_of_key(reference: Reference) -> App:
    def change(_: Any, found: Any) -> Any:
        return replace(found, key=replace(found.key, key=found.key.key + found.fingerprint))

    return _intending(reference, change)


@wrong("common/idempotency-key-reuse", "Another body under the same key is a conflict.")
def reuse_refused_as_conflict(reference: Reference) -> App:
    original = reference.original(UNIT, "_replay")

    def replay(stored: Any, intention: Any) -> Any:
        if stored.fingerprint != intention.fingerprint and not _named(intention):
            raise _problem("conflict")
        return original(stored, intention)

    reference.replace(UNIT, _replay=replay)
    return reference.app()


# At once, and other people's keys


@wrong("common/idempotent-under-concurrency", "The key is looked up first and noted at the end.")
def key_noted_at_the_end(reference: Reference) -> App:
    return _noting_late(reference, lambda _: True)


@wrong("common/idempotent-under-concurrency", "The key of a new request is noted at once, that of all else at the end.")
def key_of_all_else_noted_at_the_end(reference: Reference) -> App:
    return _noting_late(reference, lambda operation: operation != "createRequest")


def _noting_late(reference: Reference, noted: Callable[[str], bool]) -> App:
    from istmo.runtime.store import StoredAnswer  # noqa: PLC0415 - see above

    original, replay = reference.original(UNIT, "write"), reference.original(UNIT, "_replay")

    async def write(context: Any, new_work: Any, effect: Any, intention: Any) -> Any:
        if intention is None or _named(intention) or not noted(new_work(None).operation_id):
            return await original(context, new_work, effect, intention)
        stored = await context.reader.answer(intention.key)
        if stored is not None:
            return replay(stored, intention)
        await asyncio.sleep(PAUSE)
        wire = await original(context, new_work, effect, None)

        async def note(writer: Any) -> None:
            if await writer.answer(intention.key) is None:
                answer = StoredAnswer(intention.fingerprint, wire.status, wire.headers, wire.body)
                await writer.keep_answer(intention.key, answer, 0.0)

        await context.store.write(context.slug, note)
        return wire

    reference.replace(UNIT, write=write)
    return reference.app()


@wrong("common/idempotency-key-private", "A key is everybody's: who guesses it gets the answer.")
def key_of_everybody(reference: Reference) -> App:
    def change(_: Any, found: Any) -> Any:
        return replace(found, key=replace(found.key, client="all"))

    return _intending(reference, change)


@wrong("common/idempotency-key-private", "A key that somebody has used is taken for everybody.")
def key_taken_for_everybody(reference: Reference) -> App:
    def change(_: Any, found: Any) -> Any:
        fingerprint = found.key.client + found.fingerprint
        return replace(found, key=replace(found.key, client="all"), fingerprint=fingerprint)

    return _intending(reference, change)


# Conditions


@wrong("common/if-match-required", "Who sends no condition overwrites what there is.")
def condition_optional(reference: Reference) -> App:
    original = reference.original(KERNEL, "_precondition")

    def precondition(call: Any) -> None:
        if "if-match" in call.headers:
            original(call)

    reference.replace(KERNEL, _precondition=staticmethod(precondition))
    return reference.app()


@wrong("common/if-match-required", "A missing condition is refused like one that is not met.")
def missing_condition_refused_as_failed(reference: Reference) -> App:
    original = reference.original(KERNEL, "_precondition")

    def precondition(call: Any) -> None:
        if "if-match" not in call.headers and call.bound.operation.conditional:
            raise _problem("precondition-failed")
        original(call)

    reference.replace(KERNEL, _precondition=staticmethod(precondition))
    return reference.app()


@wrong("common/if-match-required", "The condition is missed after the change is written.")
def condition_missed_afterwards(reference: Reference) -> App:
    async def tamper(call: Call, forward: Forward) -> Reply:
        reply = await forward(call)
        if reply.status == 428:
            reading = await forward(replace(call, method="GET", body=b"", headers=[*call.headers]))
            change = replace(call, headers=[*call.headers])
            change.set("if-match", reading.header("etag") or '"1"')
            await forward(change)
        return reply

    return reference.tampered(tamper)


def _expecting(reference: Reference, good: Any) -> App:
    """Build the reference with another idea of when a condition is met."""
    original = reference.original(WORK, "_expect")

    def expect(self: Any, record: Any) -> None:
        concerned = record.id in self.request.parameters.values() and self.writing
        if not (concerned and self.request.if_match is not None and good(self, record)):
            original(self, record)

    reference.replace(WORK, _expect=expect)
    return reference.app()


@wrong("common/stale-if-match", "There has to be a condition, and nobody compares it.")
def condition_not_compared(reference: Reference) -> App:
    return _expecting(reference, lambda _work, _record: True)


@wrong("common/stale-if-match", "Actions do not look at the condition.")
def actions_ignore_condition(reference: Reference) -> App:
    return _expecting(reference, lambda work, _: work.operation.transition is not None)


@wrong("common/stale-if-match", "A tag that was once true is good for ever.")
def earlier_tags_good(reference: Reference) -> App:
    def good(work: Any, record: Any) -> bool:
        return work.request.if_match in {f'"{version}"' for version in range(1, record.version)}

    return _expecting(reference, good)


@wrong("common/stale-if-match", "An outdated condition is a conflict.")
def stale_condition_refused_as_conflict(reference: Reference) -> App:
    def refuse(work: Any, record: Any) -> bool:
        if work.request.if_match != f'"{record.version}"':
            raise _problem("conflict")
        return True

    return _expecting(reference, refuse)


@wrong("common/stale-if-match", "The condition is compared before the change is at its turn.")
def condition_compared_too_early(reference: Reference) -> App:
    original = reference.original(KERNEL, "_run")

    async def run(self: Any, call: Any) -> Any:
        if "if-match" in call.headers:
            record = await call.bound.context.reader.get("requests", call.path.get("id", ""))
            own = record is not None and record.owner == call.caller.acting_for
            if own and call.headers["if-match"] != f'"{record.version}"':
                raise _problem("precondition-failed")
            await asyncio.sleep(PAUSE)
        return await original(self, call)

    reference.replace(KERNEL, _run=run)
    return _expecting(reference, lambda _work, _record: True)
