"""One way to write: the key first, the effect once, nothing acknowledged that is not committed."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.istmo.runtime import notes
from tests.istmo.runtime.host import ANA, BASE, BRUNO, Host

from istmo.errors import Problem
from istmo.runtime.store import JournalEntry, StoreUnavailable
from istmo.runtime.store.chain import verify
from istmo.runtime.store.postgres import PostgresStore
from istmo.runtime.store.sqlite import SqliteStore
from istmo.runtime.work import Record, Work, check_digits

KEY = "note-key-0001"
LONG = 8.0  # seconds: far above the wait that a test agreed on, far below for ever


def listed(host: Host, subject: str = ANA) -> list[dict[str, Any]]:
    answer = host.call("GET", "/notes", headers=host.auth(subject), params={"limit": 100})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def events(host: Host) -> int:
    return int(host.sql("SELECT count(*) FROM outbox")[0][0])


def test_ten_parallel_twins_have_one_effect_and_one_answer(host: Host) -> None:
    headers = {**host.auth(), "Idempotency-Key": KEY}
    post = [host.client.post(BASE + "/notes", json={"text": "once"}, headers=headers) for _ in range(10)]
    answers = host.together(*post)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 9
    assert len(listed(host)) == 1
    assert events(host) == 1


def test_a_replay_repeats_status_body_and_headers(host: Host) -> None:
    first = host.create({"text": "a"}, key=KEY)
    again = host.create({"text": "a"}, key=KEY)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    for name in ("etag", "location", "content-type", "content-language"):
        assert first.headers[name] == again.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"


def test_a_replay_answers_as_first_also_when_the_record_is_gone(host: Host) -> None:
    first = host.create({"text": "a"}, key=KEY)
    gone = host.call("DELETE", first.headers["location"].removeprefix(BASE), headers=host.auth())
    assert gone.status_code == 204
    assert host.create({"text": "a"}, key=KEY).content == first.content


def test_a_key_with_another_body_is_refused_and_changes_nothing(host: Host) -> None:
    host.create({"text": "a"}, key=KEY)
    other = host.create({"text": "b"}, key=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert [note["text"] for note in listed(host)] == ["a"]


def test_the_order_of_members_is_no_other_body(host: Host) -> None:
    host.create({"text": "a", "count": 1}, key=KEY)
    assert host.create({"count": 1, "text": "a"}, key=KEY).status_code == 201


def test_keys_are_private_to_their_caller(host: Host) -> None:
    mine = host.create({"text": "a"}, ANA, "read", "write", key=KEY)
    theirs = host.create({"text": "b"}, BRUNO, "read", "write", key=KEY)
    assert theirs.status_code == 201
    assert theirs.json()["id"] != mine.json()["id"]


@pytest.mark.parametrize("text", ["refuse me late", "break late"])
def test_a_failed_call_leaves_nothing_and_frees_its_key(host: Host, text: str) -> None:
    refused = host.create({"text": text}, key=KEY)
    assert refused.status_code in {409, 500}
    assert (listed(host), events(host)) == ([], 0)
    assert host.create({"text": "fine"}, key=KEY).status_code == 201


def test_one_failing_unit_does_not_undo_its_neighbours(host: Host) -> None:
    texts = ["a", "refuse me late", "b", "break late", "c"]
    posts = [
        host.client.post(
            BASE + "/notes",
            json={"text": text},
            headers={**host.auth(), "Idempotency-Key": f"neighbour-{number}"},
        )
        for number, text in enumerate(texts)
    ]
    answers = host.together(*posts)
    assert [answer.status_code for answer in answers] == [201, 409, 201, 500, 201]
    assert sorted(note["text"] for note in listed(host)) == ["a", "b", "c"]


def test_a_failed_commit_is_never_acknowledged(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_sqlite(_store: SqliteStore, _connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async def fail_postgres(_store: PostgresStore, connection: Any, _statements: str) -> None:
        await connection.execute("ROLLBACK")
        raise StoreUnavailable("the commit was not confirmed")

    headers = {**host.auth(), "Idempotency-Key": KEY}
    with monkeypatch.context() as broken:
        broken.setattr(SqliteStore, "_commit", fail_sqlite)
        broken.setattr(PostgresStore, "_commit", fail_postgres)
        posts = [host.client.post(BASE + "/notes", json={"text": "a"}, headers=headers) for _ in range(3)]
        answers = host.together(*posts)
    assert {answer.status_code for answer in answers} == {503}
    assert all("retry-after" in answer.headers for answer in answers)
    assert listed(host) == []
    assert host.create({"text": "a"}, key=KEY).status_code == 201


def test_a_unique_key_has_one_holder(host: Host) -> None:
    assert host.create({"text": "a", "code": "X1"}).status_code == 201
    second = host.create({"text": "b", "code": "X1"})
    assert (second.status_code, second.json()["code"]) == (409, "duplicate")
    assert len(listed(host)) == 1


def test_a_stale_write_is_refused_and_a_blind_one_too(host: Host) -> None:
    made = host.create({"text": "a"})
    path = made.headers["location"].removeprefix(BASE)
    blind = host.call("PUT", path, json={"text": "b"}, headers=host.auth())
    assert (blind.status_code, blind.json()["code"]) == (428, "precondition-required")
    good = {**host.auth(), "If-Match": made.headers["etag"]}
    assert host.call("PUT", path, json={"text": "b"}, headers=good).headers["etag"] == '"2"'
    stale = host.call("PUT", path, json={"text": "c"}, headers=good)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition-failed")
    assert listed(host)[0]["text"] == "b"


def test_of_twenty_writers_on_one_version_one_wins(host: Host) -> None:
    made = host.create({"text": "a"})
    headers = {**host.auth(), "If-Match": made.headers["etag"]}
    location = made.headers["location"]
    puts = [host.client.put(location, json={"text": str(n)}, headers=headers) for n in range(20)]
    statuses = sorted(answer.status_code for answer in host.together(*puts))
    assert statuses == [200] + [412] * 19


def chain(host: Host) -> list[JournalEntry]:
    return host.do(host.context.reader.journal())


def test_the_journal_chain_verifies(host: Host) -> None:
    for number in range(5):
        host.create({"text": f"canary {number}"})
    links = chain(host)
    assert [link.seq for link in links] == [1, 2, 3, 4, 5]
    assert verify(links) is None
    entry = json.loads(links[0].entry)
    assert (entry["operation"], entry["actor"], entry["status"]) == ("createNote", ANA, 201)
    assert "canary" not in "".join(link.entry for link in links)


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE journal SET entry = replace(entry, '201', '200') WHERE seq = 3", 3),
        ("DELETE FROM journal WHERE seq = 2", 3),
        ("UPDATE journal SET digest = previous, previous = digest WHERE seq = 4", 4),
    ],
)
def test_tampering_with_the_journal_shows_where(host: Host, statement: str, place: int) -> None:
    for number in range(5):
        host.create({"text": str(number)})
    host.sql(statement)
    assert verify(chain(host)) == place


def test_acknowledged_work_is_there_after_a_restart(database: str) -> None:
    first = Host(database=database)
    made = first.create({"text": "kept"}, key=KEY)
    first.close()
    second = Host(database=database)
    assert second.create({"text": "kept"}, key=KEY).content == made.content
    assert len(listed(second)) == 1
    second.close()


def test_another_process_holding_the_lock_is_waited_for_and_then_refused(tmp_path: Path) -> None:
    host = Host(database=f"sqlite:///{tmp_path}/notes.db", limits={"unit_seconds": 0.3})
    other = sqlite3.connect(tmp_path / "notes.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    refused = host.create({"text": "a"}, key=KEY)
    assert time.monotonic() - started < LONG
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert host.call("GET", "/notes", headers=host.auth()).status_code == 200
    other.execute("ROLLBACK")
    other.close()
    assert host.create({"text": "a"}, key=KEY).status_code == 201
    host.close()


def test_synchronous_full_and_a_log_on_disk(tmp_path: Path) -> None:
    host = Host(database=f"sqlite:///{tmp_path}/notes.db")
    assert host.sql("PRAGMA synchronous") == [(2,)]
    assert host.sql("PRAGMA journal_mode") == [("wal",)]
    assert host.sql("PRAGMA foreign_keys") == [(1,)]
    host.close()


def test_who_looked_at_somebody_else_is_noted(host: Host) -> None:
    made = host.create({"text": "a"})
    path = made.headers["location"].removeprefix(BASE)
    assert host.call("GET", path, headers=host.auth()).status_code == 200
    assert host.call("GET", path, headers=host.auth(BRUNO, "officer")).status_code == 200
    seen = host.do(host.context.reader.accesses(ANA))
    assert [(entry["actor"], entry["operation"]) for _, entry in seen] == [(BRUNO, "getNote")]


def test_so_many_acts_so_many_entries(caplog: pytest.LogCaptureFixture) -> None:
    host = Host(log=True)
    with caplog.at_level(logging.INFO, logger="istmo.access"):
        made = [host.create({"text": f"canary {number}"}) for number in range(3)]
        path = made[0].headers["location"].removeprefix(BASE)
        for _ in range(2):
            host.call("GET", path, headers=host.auth(BRUNO, "officer"))
        denied = host.call("GET", path, headers=host.auth(BRUNO, "nothing"))
    entries = [json.loads(link.entry) for link in chain(host)]
    told = {"actor": ANA, "operation": "createNote", "status": 201}
    assert [{name: entry[name] for name in told} for entry in entries] == [told] * 3
    assert [entry["correlationId"] for entry in entries] == [answer.headers["correlation-id"] for answer in made]
    assert all(datetime.fromisoformat(entry["at"]).utcoffset() == timedelta() for entry in entries)
    looks = [entry for _, entry in host.do(host.context.reader.accesses(ANA))]
    assert [(one["actor"], one["operation"], one["kind"]) for one in looks] == [(BRUNO, "getNote", "notes")] * 2
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "istmo.access"]
    denials = [(one["status"], one["operation"], one.get("code")) for one in lines if one["status"] >= 400]
    assert denials == [(denied.status_code, "getNote", "missing-scope")] == [(403, "getNote", "missing-scope")]
    assert "canary" not in json.dumps([entries, looks, lines])
    host.close()


def test_somebody_elses_record_looks_like_none(host: Host) -> None:
    path = host.create({"text": "a"}).headers["location"].removeprefix(BASE)
    theirs = host.call("GET", path, headers=host.auth(BRUNO))
    none = host.call("GET", "/notes/99999999-9999-4999-8999-999999999999", headers=host.auth(BRUNO))
    bodies = [{**answer.json(), "correlationId": ""} for answer in (theirs, none)]
    assert theirs.status_code == none.status_code == 404
    assert bodies[0] == bodies[1]


def test_the_system_works_in_units_too(host: Host) -> None:
    async def unit(work: Work) -> str:
        await work.add("notes", {"id": "x", "text": "by the system"}, owner=ANA)
        return work.reference(123, year=2026)

    head = "XX-NTS-2026-00000123"
    assert host.do(host.context.run(unit)) == f"{head}-{check_digits(head)}"
    assert check_digits("HN-VAT-2026-00000123") == "38"
    assert len(listed(host)) == 1


def test_a_unit_of_the_system_that_fails_leaves_nothing(host: Host) -> None:
    async def unit(work: Work) -> None:
        await work.add("notes", {"id": "x", "text": "gone"}, owner=ANA)
        raise Problem("conflict")

    with pytest.raises(Problem):
        host.do(host.context.run(unit))
    assert listed(host) == []


def test_a_read_that_finds_something_to_write_is_run_again_as_a_write() -> None:
    runs: list[bool] = []

    async def get_note(work: Work, id: str) -> Record:  # noqa: A002 - the parameter's name
        runs.append(work.writing)
        record = await work.get("notes", id)
        return await work.save(record, {**record.doc, "text": "read once"}) if record.version == 1 else record

    host = Host(notes.service(SimpleNamespace(**{**vars(notes.HANDLERS), "get_note": get_note})))
    path = host.create({"text": "a"}).headers["location"].removeprefix(BASE)
    for _ in range(2):
        answer = host.call("GET", path, headers=host.auth())
        assert (answer.json()["text"], answer.headers["etag"]) == ("read once", '"2"')
    assert runs == [False, True, False]
    host.close()


def test_a_twin_that_waits_too_long_is_told_that_the_first_still_runs() -> None:
    async def create_note(work: Work, body: dict[str, Any]) -> Record:
        await asyncio.sleep(1)
        return await work.add("notes", body, owner=ANA)

    host = Host(
        notes.service(SimpleNamespace(**{**vars(notes.HANDLERS), "create_note": create_note})),
        limits={"unit_seconds": 0.2},
    )
    headers = {**host.auth(), "Idempotency-Key": KEY}
    posts = [host.client.post(BASE + "/notes", json={"text": "a"}, headers=headers) for _ in range(2)]
    answers = host.together(*posts)
    assert {answer.status_code for answer in answers} <= {409, 503}
    assert any(answer.json()["code"] == "idempotency-in-progress" for answer in answers)
    assert all("retry-after" in answer.headers for answer in answers)
    host.close()


def test_a_reset_forgets_everything_but_the_keys(host: Host) -> None:
    host.create({"text": "a"}, key=KEY)
    kid = host.shared.keys.kid
    host.do(host.shared.reset())
    assert listed(host) == []
    assert chain(host) == []
    assert host.shared.keys.kid == kid
    assert "idempotency-replayed" not in host.create({"text": "a"}, key=KEY).headers


def test_what_the_service_signs_verifies_and_what_is_changed_does_not(host: Host) -> None:
    keys = host.shared.keys
    token = keys.sign({"number": 1})
    assert keys.verify(token) == {"number": 1}
    head, _, tail = token.split(".")
    assert keys.verify(f"{head}.eyJudW1iZXIiOjJ9.{tail}") is None
    assert keys.verify("nonsense") is None
