"""One timer for many limits: whoever is late is told, whoever is in time never hears of it."""

from __future__ import annotations

import asyncio

import pytest

from istmo.runtime.deadlines import Deadlines

ENGINES = ("sqlite",)


async def late(deadlines: Deadlines, told: list[str], name: str) -> None:
    try:
        with deadlines.within():
            await asyncio.sleep(60)
    except TimeoutError:
        told.append(name)


def test_the_late_end_in_the_order_in_which_they_began() -> None:
    async def main() -> list[str]:
        deadlines, told = Deadlines(0.05), list[str]()
        first = asyncio.create_task(late(deadlines, told, "first"))
        await asyncio.sleep(0.02)
        second = asyncio.create_task(late(deadlines, told, "second"))
        await asyncio.gather(first, second)
        return told

    assert asyncio.run(main()) == ["first", "second"]


def test_one_who_leaves_in_time_is_not_cancelled_later_and_the_next_is_still_watched() -> None:
    async def main() -> list[str]:
        deadlines, told = Deadlines(0.05), list[str]()
        with deadlines.within():
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)
        await late(deadlines, told, "next")
        return told

    assert asyncio.run(main()) == ["next"]


def test_a_task_that_somebody_else_cancels_is_cancelled() -> None:
    async def main() -> None:
        task = asyncio.create_task(late(Deadlines(60), [], "none"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_a_limit_around_another_ends_the_outer_block_alone() -> None:
    async def main() -> list[str]:
        told: list[str] = []
        with pytest.raises(TimeoutError), Deadlines(0.02).within():
            await late(Deadlines(60), told, "inner")
        return told

    assert asyncio.run(main()) == []


def test_limits_go_on_when_the_event_loop_is_another_one() -> None:
    deadlines = Deadlines(0.02)

    async def main() -> list[str]:
        told: list[str] = []
        await late(deadlines, told, "late")
        return told

    async def broken_off() -> None:
        deadlines.within().__enter__()

    asyncio.run(broken_off())
    assert [asyncio.run(main()), asyncio.run(main())] == [["late"], ["late"]]
