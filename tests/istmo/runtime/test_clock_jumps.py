"""A wall clock that jumps by weeks between calls: order, keys, limits and durations do not follow it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

import pytest
from tests.istmo.runtime.host import Host
from tests.istmo.runtime.test_dying import counts
from tests.istmo.runtime.test_writing import chain, listed

from istmo.runtime import clock, housekeeping
from istmo.runtime.store.chain import verify

JUMPS = (40, -40, 0, -40, 40)  # days away from the real time
HOURS = 72  # that a key is kept
Jump = Callable[[float], None]


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Jump:
    """Let the wall clock of this process be so many hours away from the real one; the monotonic one goes on."""
    away, real = [0.0], time.time

    class Wall(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Wall:
            return cls.fromtimestamp(real(), tz) + timedelta(hours=away[0])

    monkeypatch.setattr(time, "time", lambda: real() + 3600 * away[0])
    for module in (clock, housekeeping):
        monkeypatch.setattr(module, "datetime", Wall)

    def to(hours: float) -> None:
        away[0] = hours

    return to


def test_numbers_and_chain_go_on_while_the_clock_jumps(host: Host, jump: Jump) -> None:
    for place, days in enumerate((0, *JUMPS)):
        jump(24 * days)
        made = host.create({"text": str(place)}, key=f"jump-key-{place}")
        assert made.status_code == 201
        assert made.json()["number"] == place + 1
    assert [note["text"] for note in listed(host)] == [str(place) for place in range(len(JUMPS) + 1)]
    links = chain(host)
    assert [link.seq for link in links] == list(range(1, len(JUMPS) + 2))
    assert verify(links) is None
    assert counts(host) == (len(JUMPS) + 1,) * 4


@pytest.mark.parametrize("days", JUMPS)
def test_a_key_is_kept_for_its_hours_whatever_the_clock_says(host: Host, jump: Jump, days: int) -> None:
    first = host.create({"text": "a"}, key="kept-key-1")
    jump(24 * days)
    host.do(host.app.housekeeper.tidy())
    again = host.create({"text": "a"}, key="kept-key-1")
    assert again.headers.get("idempotency-replayed") == "true"
    assert again.content == first.content
    jump(0)
    host.do(host.app.housekeeper.tidy())
    assert host.create({"text": "a"}, key="kept-key-1").content == first.content
    assert counts(host) == (1, 1, 1, 1)


def test_a_key_of_a_time_that_has_not_come_is_answered_with_its_own_answer(host: Host, jump: Jump) -> None:
    jump(24 * 40)
    first = host.create({"text": "a"}, key="early-key-1")
    jump(-24 * 40)
    host.do(host.app.housekeeper.tidy())
    assert host.create({"text": "a"}, key="early-key-1").content == first.content
    assert counts(host) == (1, 1, 1, 1)


def test_a_token_is_valid_when_the_clock_says_so_and_only_then(host: Host, jump: Jump) -> None:
    """What holds: a jump forward ends a token, a jump back makes it valid again, one from the future never is."""
    headers = host.auth()
    told = {}
    for days in (0, 40, 0, -40):
        jump(24 * days)
        told[days] = host.call("GET", "/notes", headers=headers).status_code
    assert told == {0: 200, 40: 401, -40: 401}


def test_failures_lock_nobody_out_longer_than_their_window(host: Host, jump: Jump) -> None:
    def wrong() -> tuple[int, int]:
        answer = host.call("GET", "/codes/wrong")
        return answer.status_code, int(answer.headers.get("retry-after", 0))

    jump(24 * 40)
    assert [wrong()[0] for _ in range(3)] == [404] * 3
    status, seconds = wrong()
    assert (status, 0 < seconds <= 3601) == (429, True)
    jump(0)
    assert wrong()[0] == 404, "failures of a time that has not come do not count"
    jump(-24 * 40)
    assert wrong()[0] == 404
    jump(24 * 40 + 2)
    assert wrong()[0] == 404


def test_no_duration_is_negative(jump: Jump, caplog: pytest.LogCaptureFixture) -> None:
    host = Host(log=True)
    caplog.set_level("INFO")
    for days in (0, *JUMPS):
        jump(24 * days)
        host.call("GET", "/notes", headers=host.auth())
    host.close()
    lines = [json.loads(one.getMessage()) for one in caplog.records if one.name.startswith("istmo")]
    spans = [line["ms"] for line in lines if "ms" in line]
    assert len(spans) == len(JUMPS) + 1
    assert min(spans) >= 0
