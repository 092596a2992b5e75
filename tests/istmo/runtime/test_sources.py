"""Records of another system: read through, copied when they change, and never half done."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from tests import nation
from tests.istmo.runtime import notes
from tests.istmo.runtime.host import ANA, BRUNO, Host

from istmo import rooms
from istmo.errors import KitError, Problem
from istmo.runtime import Collection, Query, Record, Service, Work, health, sources
from istmo.runtime.cases import Case
from istmo.runtime.settings import Limits
from istmo.spec import Spec

Json = dict[str, Any]
FIRST = "00000000-0000-4000-9000-000000000001"
SECOND = "00000000-0000-4000-9000-000000000002"
HERS = "00000000-0000-4000-9000-000000000003"


class Archive:
    """Another system in memory, which can fail and be slow, and which remembers what it was asked."""

    name = "archive"

    def __init__(self) -> None:
        self.rows: dict[str, Record] = {}
        self.asked: list[Any] = []
        self.before: Callable[[], Any] = lambda: None
        self.hold(FIRST, "first", code="A")
        self.hold(SECOND, "second", code="B")
        self.hold(HERS, "of another", owner=BRUNO)

    def hold(self, record_id: str, told: str, *, owner: str = ANA, version: int = 1, **keys: str) -> None:
        doc = {"id": record_id, "text": told}
        self.rows[record_id] = Record("notes", record_id, 0, owner, version, doc, {"shelf": 7}, keys)

    async def get(self, kind: str, record_id: str) -> Record | None:
        self.asked.append((kind, record_id))
        await self._go()
        return self.rows.get(record_id)

    async def find(self, query: Query) -> list[Record]:
        self.asked.append(query)
        await self._go()
        found = [row for row in self.rows.values() if query.owner in {None, row.owner}]
        for name, wanted in query.keys.items():
            values = [wanted] if isinstance(wanted, str) else wanted
            found = [row for row in found if row.keys.get(name) in values]
        return found[: query.limit]

    async def ready(self) -> bool:
        await self._go()
        return True

    async def _go(self) -> None:
        done = self.before()
        if asyncio.iscoroutine(done):
            await done


async def list_notes(work: Work, limit: int, cursor: str | None = None) -> Json:  # noqa: ARG001 - the operation's
    found = await work.find("notes", owner=work.caller.acting_for, limit=limit)
    return {"items": [record.doc for record in found]}


def service(archive: sources.Source, **handlers: Any) -> Service:
    told = {**vars(notes.HANDLERS), "list_notes": list_notes, **handlers}
    collections = [Collection("notes", unique=("code",), source=archive)]
    return Service("notes", SimpleNamespace(**told), (), collections, None, Spec(notes.document(), "notes"), "NTS")


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture
def host(archive: Archive) -> Iterator[Host]:
    found = Host(service(archive), limits=Limits(source_seconds=0.3))
    yield found
    found.close()


def read(host: Host, note: str, who: str = ANA, *verbs: str) -> httpx2.Response:
    return host.call("GET", f"/notes/{note}", headers=host.auth(who, *verbs))


def texts(host: Host, who: str = ANA, limit: int = 20) -> list[str]:
    answer = host.call("GET", f"/notes?limit={limit}", headers=host.auth(who))
    assert answer.status_code == 200, answer.text
    return [item["text"] for item in answer.json()["items"]]


def replace(host: Host, note: str, tag: str, **body: Any) -> httpx2.Response:
    headers = {**host.auth(), "If-Match": tag}
    return host.call("PUT", f"/notes/{note}", headers=headers, json={"text": "changed", **body})


def delete(host: Host, note: str) -> int:
    return host.call("DELETE", f"/notes/{note}", headers=host.auth()).status_code


def ours(host: Host) -> int:
    return len(host.sql("SELECT id FROM record WHERE kind = 'notes'"))


def links(host: Host) -> list[Json]:
    async def look(work: Work) -> list[Json]:
        return [json.loads(link.entry) for link in await work.history()]

    return host.do(host.context.run(look))


# ---------------------------------------------------------------------- reading


def test_what_the_source_holds_is_read_and_not_kept(host: Host) -> None:
    answer = read(host, FIRST)
    assert (answer.status_code, answer.json()["text"], answer.headers["etag"]) == (200, "first", '"-1"')
    assert texts(host) == ["first", "second"]
    assert (ours(host), links(host)) == (0, [])


def test_ours_stand_beside_those_of_the_source(host: Host) -> None:
    host.create({"text": "ours"})
    assert texts(host) == ["first", "second", "ours"]
    assert texts(host, limit=2) == ["first", "second"]

    async def newest(work: Work) -> list[Any]:
        return [one.doc["text"] for one in await work.find("notes", owner=ANA, newest_first=True, limit=2)]

    assert host.do(host.context.run(newest)) == ["ours", "first"]


def test_a_record_of_another_person_is_not_there(host: Host, archive: Archive) -> None:
    assert read(host, HERS).status_code == 404
    assert read(host, str(uuid.uuid4())).status_code == 404
    archive.rows.clear()
    assert read(host, FIRST).status_code == 404


def test_a_look_of_an_officer_is_in_the_access_log(host: Host) -> None:
    assert read(host, FIRST, BRUNO, "officer").status_code == 200

    async def looks(work: Work) -> list[Any]:
        return [(entry["kind"], entry["id"], entry["actor"]) for _, entry in await work.accessed(ANA)]

    assert host.do(host.context.run(looks)) == [("notes", FIRST, BRUNO)]


def test_within_a_unit_the_first_look_holds_and_nothing_is_shared(host: Host, archive: Archive) -> None:
    async def look(work: Work) -> tuple[Any, Any]:
        first = await work.get("notes", FIRST, any_owner=True)
        archive.hold(FIRST, "changed there", version=2, code="A")
        again = await work.get("notes", FIRST, any_owner=True)
        (found,) = await work.find("notes", code="A")
        found.doc["text"] = "spoilt"
        return first.doc["text"], (again.doc["text"], archive.rows[FIRST].doc["text"])

    assert host.do(host.context.run(look)) == ("first", ("first", "changed there"))


@pytest.mark.parametrize("wrong", ["kind", "owner", "id"])
def test_an_answer_to_another_question_is_refused(wrong: str, host: Host, archive: Archive) -> None:
    for row in archive.rows.values():
        setattr(row, wrong, "another")
    archive.find = lambda _: asyncio.sleep(0, list(archive.rows.values()))  # type: ignore[method-assign,assignment] # wrong on purpose
    call = read(host, FIRST) if wrong == "id" else host.call("GET", "/notes", headers=host.auth())
    assert (call.status_code, call.json()["code"]) == (502, "upstream-error")


# ---------------------------------------------------------------------- changing


def test_what_is_saved_is_ours_from_then_on(host: Host, archive: Archive) -> None:
    tag = read(host, FIRST).headers["etag"]
    answer = replace(host, FIRST, tag, count=3)
    assert answer.status_code == 200, answer.text
    archive.hold(FIRST, "changed there", version=2, code="A")
    assert texts(host) == ["second", "changed"]
    assert read(host, FIRST).json() == {"id": FIRST, "text": "changed", "count": 3}
    assert read(host, FIRST).headers["etag"] == answer.headers["etag"] == '"2"'
    archive.rows.clear()
    assert texts(host) == ["changed"]


def test_the_journal_tells_where_a_copy_came_from(host: Host) -> None:
    replace(host, FIRST, '"-1"')
    (link,) = links(host)
    copied, saved = link["records"]
    assert (copied["action"], copied["source"], copied["version"]) == ("copy", "archive", -1)
    assert (saved["action"], saved["id"], saved["version"]) == ("save", FIRST, 2)
    assert len({copied["digest"], saved["digest"]}) == 2


def test_a_copy_keeps_its_owner_its_keys_and_what_is_hidden(host: Host) -> None:
    replace(host, FIRST, '"-1"')

    async def look(work: Work) -> tuple[Any, ...]:
        (found,) = await work.find("notes", code="A")
        return found.owner, found.hidden, found.keys, found.version

    assert host.do(host.context.run(look)) == (ANA, {"shelf": 7}, {"code": "A"}, 2)


def test_a_stale_version_is_refused(host: Host, archive: Archive) -> None:
    tag = read(host, FIRST).headers["etag"]
    archive.hold(FIRST, "changed there", version=2, code="A")
    assert replace(host, FIRST, tag).status_code == 412
    assert replace(host, FIRST, '"1"').status_code == 412
    assert replace(host, FIRST, '"-2"').status_code == 200
    assert replace(host, FIRST, '"-2"').status_code == 412
    assert replace(host, FIRST, '"2"').status_code == 200


def test_of_twins_one_wins(host: Host) -> None:
    async def save() -> int:
        headers = {**host.auth(), "If-Match": '"-1"'}
        answer = await host.client.put(f"/notes/v1/notes/{FIRST}", headers=headers, json={"text": uuid.uuid4().hex})
        return answer.status_code

    async def twins() -> list[int]:
        return sorted(await asyncio.gather(*(save() for _ in range(8))))

    found = host.do(twins())
    assert found[0] == 200
    assert set(found[1:]) <= {409, 412}
    assert (ours(host), len(links(host))) == (1, 1)


def test_a_handler_that_saves_twice_what_it_read_once_is_refused(archive: Archive) -> None:
    async def replace_note(work: Work, id: str, body: Json) -> Record:  # noqa: A002 - the parameter's name
        record = await work.get("notes", id)
        await work.save(record, {"id": id, **body})
        return await work.save(record, {"id": id, **body})

    host = Host(service(archive, replace_note=replace_note))
    assert replace(host, FIRST, '"-1"').status_code == 409
    assert (ours(host), links(host)) == (0, [])
    host.close()


def test_a_unit_may_go_on_with_what_it_saved(host: Host) -> None:
    async def change(work: Work) -> Json:
        saved = await work.save(await work.get("notes", FIRST, any_owner=True), {"text": "a"})
        await work.save(saved, {**saved.doc, "count": 1})
        return (await work.get("notes", FIRST, any_owner=True)).doc

    assert host.do(host.context.run(change)) == {"text": "a", "count": 1}


def test_what_is_removed_stays_removed(host: Host, archive: Archive) -> None:
    assert delete(host, FIRST) == 204
    assert (read(host, FIRST).status_code, delete(host, FIRST), texts(host)) == (404, 404, ["second"])
    assert replace(host, SECOND, '"-1"').status_code == 200
    assert delete(host, SECOND) == 204
    made = host.create({"text": "ours"}).json()["id"]
    archive.hold(made, "brought over")
    assert texts(host) == ["ours"]
    assert delete(host, made) == 204
    assert (texts(host), ours(host)) == ([], 0)


def test_a_reset_forgets_what_was_changed(host: Host) -> None:
    replace(host, FIRST, '"-1"')
    delete(host, SECOND)
    assert host.call("POST", "/_sandbox/reset", json={}).status_code == 204
    assert texts(host) == ["first", "second"]


def test_a_refused_unit_leaves_nothing(archive: Archive) -> None:
    async def replace_note(work: Work, id: str, body: Json) -> Record:  # noqa: A002 - the parameter's name
        await work.save(await work.get("notes", id), {"id": id, **body})
        raise Problem("conflict")

    host = Host(service(archive, replace_note=replace_note))
    assert replace(host, FIRST, '"-1"').status_code == 409
    assert host.sql("SELECT kind FROM record") == []
    assert links(host) == []
    assert read(host, FIRST).headers["etag"] == '"-1"'
    host.close()


# ---------------------------------------------------------------------- unique keys


def test_a_unique_key_of_the_source_is_taken(host: Host) -> None:
    refused = host.create({"text": "ours", "code": "A"})
    assert (refused.status_code, refused.json()["code"], ours(host)) == (409, "duplicate", 0)
    assert host.create({"text": "ours", "code": "C"}).status_code == 201
    replace(host, FIRST, '"-1"')
    assert host.create({"text": "ours", "code": "A"}).status_code == 409
    delete(host, SECOND)
    assert host.create({"text": "ours", "code": "B"}).status_code == 201


def test_an_id_of_the_source_is_taken(host: Host) -> None:
    async def add(work: Work) -> None:
        await work.add("notes", {"id": FIRST}, owner=ANA, id=FIRST)

    with pytest.raises(Problem, match="duplicate"):
        host.do(host.context.run(add))


def test_keys_change_and_are_held_against_the_source(host: Host) -> None:
    def rekey(code: str) -> None:
        async def unit(work: Work) -> None:
            record = await work.get("notes", FIRST, any_owner=True)
            await work.save(record, record.doc, keys={"code": code})

        host.do(host.context.run(unit))

    with pytest.raises(Problem, match="duplicate"):
        rekey("B")
    rekey("A")
    rekey("C")
    assert host.create({"text": "ours", "code": "A"}).status_code == 201


def test_what_is_overruled_does_not_hide_what_is_not(host: Host, archive: Archive) -> None:
    many = [f"00000000-0000-4000-9000-0000000001{number:02d}" for number in range(12)]
    for one in many:
        archive.hold(one, one[-2:])
    for one in (FIRST, SECOND, *many[:9]):
        assert delete(host, one) == 204
    assert texts(host, limit=2) == ["09", "10"]


# ---------------------------------------------------------------------- failing


async def _long() -> None:
    await asyncio.sleep(60)


def _refused() -> None:
    raise ConnectionRefusedError("10.1.2.3")


def _strange() -> None:
    raise KeyError("0801-1990-12345")


def _own() -> None:
    raise Problem("gone")


FAILURES = [(_long, 504, "upstream-timeout"), (_refused, 503, "unavailable"), (_strange, 502, "upstream-error"),
            (_own, 410, "gone")]  # fmt: skip


@pytest.mark.parametrize(("failure", "status", "code"), FAILURES)
def test_a_failing_source_is_told_as_what_it_is(
    failure: Callable[[], Any], status: int, code: str, host: Host, archive: Archive
) -> None:
    archive.before = failure
    calls = (
        read(host, FIRST),
        host.call("GET", "/notes", headers=host.auth()),
        replace(host, FIRST, '"-1"'),
        host.create({"text": "ours", "code": "C"}),
    )
    for answer in calls:
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert ("retry-after" in answer.headers) == (status == 503)
        assert "0801" not in answer.text
    assert host.sql("SELECT kind FROM record") == []
    archive.before = lambda: None
    assert read(host, FIRST).status_code == 200


def test_what_is_ours_needs_no_source(host: Host, archive: Archive) -> None:
    replace(host, FIRST, '"-1"')
    archive.before = _refused
    assert read(host, FIRST).json()["text"] == "changed"


@pytest.mark.parametrize(("mode", "status"), [("down", 503), ("error", 502), ("slow", 504)])
def test_a_sandbox_plays_a_failing_source(mode: str, status: int, host: Host, archive: Archive) -> None:
    host.call("PUT", "/_sandbox/faults", json={"upstream": "archive", "mode": mode})
    archive.asked.clear()
    assert read(host, FIRST).status_code == status
    assert archive.asked == []
    host.call("PUT", "/_sandbox/faults", json={"upstream": "archive", "mode": "none"})
    assert read(host, FIRST).status_code == 200


def test_a_process_is_ready_while_its_sources_are(
    host: Host, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "FRESH", 0.0)
    monkeypatch.setattr(health, "FRESH", 0.0)
    monkeypatch.setattr(sources, "PATIENCE", 0.1)
    states = []
    for state in (lambda: None, _refused, _long, lambda: None):
        archive.before = state
        states.append(host.call("GET", "/_health/ready").status_code)
    assert states == [200, 503, 503, 200]
    archive.ready = lambda: asyncio.sleep(0, False)  # type: ignore[method-assign] # it says so itself
    assert host.call("GET", "/_health/ready").status_code == 503


# ---------------------------------------------------------------------- what there is not


def test_nobody_pages_over_two_systems(host: Host) -> None:
    async def page(work: Work) -> None:
        await work.page("notes", owner=ANA)

    async def after(work: Work) -> None:
        await work.find("notes", after=(await work.find("notes"))[-1].seq)

    for unit in (page, after):
        with pytest.raises(KitError) as refused:
            host.do(host.context.run(unit))
        assert refused.value.code == "source-paged"


def test_cases_have_no_source(archive: Archive) -> None:
    room = rooms.load(nation.SLUG)
    told = Service(nation.SLUG, room.handlers, [Case("requests")], [Collection("requests", source=archive)])
    with pytest.raises(KitError) as refused:
        Host(told)
    assert refused.value.code == "source-paged"


# ---------------------------------------------------------------------- the register of the guide


def test_the_register_of_the_guide_stands_behind_the_reference() -> None:
    register = nation.program("source.py")["Register"]
    person = {"name": {"givenNames": ["Ana"], "familyNames": ["Paz"]}, "subject": ANA}
    rows = {"N-1": {"certificateType": "birth", "persons": [person], "version": 3, "facts": {"sex": "female"}}}
    room = rooms.load(nation.SLUG)
    collections = [*room.collections, Collection("entries", source=register(rows))]
    host = Host(Service(nation.SLUG, room.handlers, room.cases, collections, seed=room.seed))

    async def change(work: Work) -> tuple[int, Json]:
        (entry,) = await work.find("entries", type="birth", subject=ANA)
        assert await work.find("entries", type="death") == []
        await work.save(entry, {**entry.doc, "facts": {"sex": "male"}})
        return entry.version, (await work.get("entries", "N-1", any_owner=True)).doc["facts"]

    assert host.sql("SELECT kind FROM record WHERE kind = 'entries'") == []
    assert host.do(host.context.run(change)) == (-3, {"sex": "male"})
    assert host.call("GET", "/_health/ready").status_code == 200
    host.close()
