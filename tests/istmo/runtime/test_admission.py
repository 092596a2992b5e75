"""Too much to do: a line that ends, honest refusals, light calls beside heavy ones, one client beside another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from tests.istmo.runtime.host import ANA, BASE, BRUNO, Host

from istmo.errors import Problem
from istmo.runtime.admission import Gate


@pytest.fixture
def bounded(request: pytest.FixtureRequest) -> Iterator[Host]:
    """An application with limits of the test's own."""
    with closing(Host(limits=request.param)) as found:
        yield found


def limits(**chosen: float) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("bounded", [chosen], indirect=True, ids=[""])


NARROW = limits(in_flight=2, waiting=2, wait_seconds=0.3)


async def visit(gate: Gate, name: str, told: list[str], hold: asyncio.Event | None = None) -> None:
    async with gate:
        told.append(name)
        if hold is not None:
            await hold.wait()


def test_who_came_first_comes_in_first() -> None:
    async def scene() -> list[str]:
        gate, told, hold = Gate(1, waiting=3, seconds=5), list[str](), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for name in "abcd":
                group.create_task(visit(gate, name, told, hold if name == "a" else None))
            await asyncio.sleep(0)
            hold.set()
        assert gate.taken == 0
        return told

    assert asyncio.run(scene()) == list("abcd")


def test_a_line_that_is_full_refuses_at_once_and_says_when_to_come_back() -> None:
    async def scene() -> list[str]:
        gate, hold, told = Gate(1, waiting=1, seconds=5), asyncio.Event(), list[str]()
        tasks = [asyncio.create_task(visit(gate, name, told, hold)) for name in "ab"]
        await asyncio.sleep(0)
        delays = []
        for _ in range(4):
            with pytest.raises(Problem) as refused:
                await visit(gate, "c", told)
            delays.append(refused.value.headers["Retry-After"])
        hold.set()
        await asyncio.gather(*tasks)
        return delays

    delays = asyncio.run(scene())
    assert set(delays) == {"1", "2", "3"}


def test_nobody_waits_longer_than_agreed_and_no_place_is_lost() -> None:
    async def scene() -> None:
        gate, hold, told = Gate(1, waiting=9, seconds=0.05), asyncio.Event(), list[str]()
        first = asyncio.create_task(visit(gate, "a", told, hold))
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await visit(gate, "b", told)
        assert refused.value.status == 503
        gone = asyncio.create_task(visit(gate, "c", told))
        await asyncio.sleep(0)
        gone.cancel()
        hold.set()
        await asyncio.gather(first, gone, return_exceptions=True)
        await visit(gate, "d", told)
        assert (told, gate.taken) == (["a", "d"], 0)

    asyncio.run(scene())


def test_a_place_that_comes_while_its_waiter_leaves_goes_to_the_next() -> None:
    async def scene() -> list[str]:
        gate, hold, told = Gate(1, waiting=9, seconds=5), asyncio.Event(), list[str]()
        first = asyncio.create_task(visit(gate, "a", told, hold))
        await asyncio.sleep(0)
        second, third = (asyncio.create_task(visit(gate, name, told)) for name in "bc")
        await asyncio.sleep(0)
        hold.set()
        first.add_done_callback(lambda _: second.cancel())
        await asyncio.gather(first, second, third, return_exceptions=True)
        assert gate.taken == 0
        return told

    assert asyncio.run(scene())[-1] == "c"


# ---------------------------------------------------------------------- in the application


async def ask(
    host: Host,
    path: str,
    *,
    address: str = "192.0.2.1",
    hold: asyncio.Event | None = None,
    headers: dict[str, str] | None = None,
) -> Any:
    """Call without a client library; a held call keeps its body back."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if hold is not None:
            await hold.wait()
        return {"type": "http.request", "body": b'{"text":"a"}'}

    async def send(message: Any) -> None:
        sent.append(message)

    given = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    path, _, query = path.partition("?")
    scope: dict[str, Any] = {"type": "http", "method": "GET" if hold is None else "POST", "path": path}
    scope |= {"query_string": query.encode(), "headers": given, "client": (address, 1)}
    await host.app(scope, receive, send)
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, json.loads(sent[1]["body"] or b"null")


@NARROW
def test_when_all_places_are_taken_some_wait_and_the_rest_is_told_to_come_back(bounded: Host) -> None:
    async def scene() -> list[Any]:
        hold = asyncio.Event()
        given = {**bounded.auth(), "content-type": "application/json"}
        writing = [
            asyncio.create_task(
                ask(bounded, f"{BASE}/notes", hold=hold, headers={**given, "idempotency-key": f"key-0000{n}"})
            )
            for n in range(2)
        ]
        await asyncio.sleep(0.01)
        reading = [asyncio.create_task(ask(bounded, f"{BASE}/health")) for _ in range(5)]
        await asyncio.sleep(0.01)
        probe = await ask(bounded, "/_health/live")
        early = [task.result() for task in reading if task.done()]
        hold.set()
        return [probe, early, await asyncio.gather(*writing), await asyncio.gather(*reading)]

    probe, early, writing, reading = bounded.do(scene())
    assert probe[0] == 200
    assert [one[0] for one in early] == [503] * 3
    assert [one[0] for one in writing] == [201] * 2
    assert sorted(one[0] for one in reading) == [200, 200, 503, 503, 503]
    for status, headers, problem in early:
        assert (headers["content-type"], problem["code"], problem["status"]) == (
            "application/problem+json",
            "unavailable",
            status,
        )
        assert 1 <= int(headers["retry-after"]) <= 3


@NARROW
def test_who_waits_too_long_is_told_to_come_back(bounded: Host) -> None:
    async def scene() -> tuple[Any, Any]:
        hold = asyncio.Event()
        given = {**bounded.auth(), "content-type": "application/json"}
        writing = [
            asyncio.create_task(
                ask(bounded, f"{BASE}/notes", hold=hold, headers={**given, "idempotency-key": f"key-0000{n}"})
            )
            for n in range(2)
        ]
        await asyncio.sleep(0.01)
        late = await ask(bounded, f"{BASE}/health")
        hold.set()
        await asyncio.gather(*writing)
        return late, await ask(bounded, f"{BASE}/health")

    late, after = bounded.do(scene())
    assert (late[0], late[2]["code"]) == (503, "unavailable")
    assert after[0] == 200


@limits(heavy=2)
def test_light_calls_pass_between_heavy_ones(bounded: Host) -> None:
    for n in range(5):
        bounded.create({"text": str(n)})
    ended: list[str] = []

    async def call(name: str, path: str) -> int:
        status, *_ = await ask(bounded, path, headers=bounded.auth())
        ended.append(name)
        return int(status)

    async def scene() -> list[int]:
        heavy = [call("heavy", f"{BASE}/notes?limit=100") for _ in range(50)]
        light = [call("light", f"{BASE}/notes/00000000-0000-4000-8000-000000000001") for _ in range(5)]
        return await asyncio.gather(*heavy, *light)

    assert set(bounded.do(scene())) == {200}
    assert ended[:40].count("light") == 5


@limits(heavy=1, waiting=10)
def test_heavy_calls_beyond_their_line_are_refused_and_light_ones_are_not(bounded: Host) -> None:
    bounded.create({"text": "a"})

    async def scene() -> list[Any]:
        heavy = [ask(bounded, f"{BASE}/notes", headers=bounded.auth()) for _ in range(50)]
        light = [
            ask(bounded, f"{BASE}/notes/00000000-0000-4000-8000-000000000001", headers=bounded.auth())
            for _ in range(50)
        ]
        return await asyncio.gather(*heavy, *light)

    answers = bounded.do(scene())
    assert {status for status, *_ in answers[50:]} == {200}
    assert {status for status, *_ in answers[:50]} == {200, 503}
    assert all("retry-after" in headers for status, headers, _ in answers if status == 503)


# ---------------------------------------------------------------------- rates and pages


@limits(requests_per_minute=40)
def test_tokens_that_fail_are_limited_by_address(bounded: Host) -> None:
    bad = {"authorization": "Bearer forged"}

    async def scene() -> tuple[list[int], Any, Any, Any]:
        burst = [await ask(bounded, f"{BASE}/notes", headers=bad) for _ in range(12)]
        other = await ask(bounded, f"{BASE}/notes", address="192.0.2.2", headers=bad)
        valid = await ask(bounded, f"{BASE}/notes", headers=bounded.auth())
        return [one[0] for one in burst], burst[-1], other, valid

    burst, last, other, valid = bounded.do(scene())
    assert burst == [401] * 10 + [429] * 2
    assert (last[2]["code"], int(last[1]["retry-after"]) >= 1) == ("too-many-requests", True)
    assert (other[0], valid[0]) == (401, 200)


@limits(requests_per_minute=40)
def test_the_public_is_limited_by_address_and_a_person_is_not_for_that(bounded: Host) -> None:

    async def scene() -> list[int]:
        found = [await ask(bounded, f"{BASE}/health") for _ in range(11)]
        found.append(await ask(bounded, f"{BASE}/health", address="192.0.2.2"))
        found.append(await ask(bounded, f"{BASE}/notes", headers=bounded.auth()))
        return [one[0] for one in found]

    assert bounded.do(scene()) == [200] * 10 + [429, 200, 200]


@limits(requests_per_minute=240)
def test_a_limit_that_is_waited_for_is_over(bounded: Host) -> None:

    async def status() -> int:
        return int((await ask(bounded, f"{BASE}/notes", headers=bounded.auth()))[0])

    async def scene() -> list[int]:
        found = [await status()]
        while found[-1] == 200 and len(found) < 1000:  # four come back each second, also while this goes on
            found.append(await status())
        await asyncio.sleep(0.5)
        return [found[0], found[-1], await status()]

    assert bounded.do(scene()) == [200, 429, 200]


def test_a_cursor_with_one_letter_changed_opens_nothing(host: Host) -> None:
    for n in range(3):
        host.create({"text": str(n)})
    cursor = host.call("GET", "/notes?limit=1", headers=host.auth(ANA)).json()["page"]["nextCursor"]
    for place in range(len(cursor)):
        forged = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        answer = host.call("GET", f"/notes?limit=1&cursor={forged}", headers=host.auth(ANA))
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-parameter"), place
    assert host.call("GET", f"/notes?limit=1&cursor={cursor}", headers=host.auth(ANA)).status_code == 200
    assert host.call("GET", f"/notes?limit=1&cursor={cursor}", headers=host.auth(BRUNO)).status_code == 400


def test_nobody_gets_five_million_entries_at_once(host: Host) -> None:
    answer = host.call("GET", "/notes?limit=5000000", headers=host.auth())

    assert (answer.status_code, answer.json()["code"]) == (422, "validation-failed")
