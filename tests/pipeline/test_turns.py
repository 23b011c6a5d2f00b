import asyncio
from dataclasses import dataclass

import pytest

from streamer.pipeline.turns import InferenceTurns, Urgency
from tests.fakes import InlineCalls
from tests.virtual_time import run_virtual


@dataclass(eq=False)
class Room:
    name: str
    urgency: Urgency = Urgency.FINAL


def order(rooms: list[Room], rounds: int = 1) -> list[str]:
    """In which order rooms that ask at the same time are served."""
    served: list[str] = []

    async def main() -> None:
        turns = InferenceTurns(InlineCalls(lambda: 1.0))

        async def ask(room: Room) -> None:
            for _ in range(rounds):
                await turns.run(room, lambda: lambda: served.append(room.name))

        async with asyncio.TaskGroup() as group:
            for room in rooms:
                group.create_task(ask(room))

    run_virtual(main())
    return served


def test_rooms_take_turns() -> None:
    assert order([Room("a"), Room("b"), Room("c")], rounds=2) == ["a", "b", "c", "a", "b", "c"]


def test_finals_come_before_what_is_decoded_ahead_and_that_before_partials() -> None:
    rooms = [Room("first"), Room("partial", Urgency.PARTIAL), Room("ahead", Urgency.AHEAD), Room("final")]

    assert order(rooms) == ["first", "final", "ahead", "partial"]


def test_of_rooms_that_wait_the_one_that_was_not_served_for_longest_comes_first_whoever_asked_first() -> None:
    served: list[str] = []

    async def main() -> None:
        turns = InferenceTurns(InlineCalls(lambda: 1.0))

        async def ask(room: Room) -> None:
            await turns.run(room, lambda: lambda: served.append(room.name))

        before, never = Room("served before"), Room("never served")
        await ask(before)
        async with asyncio.TaskGroup() as group:
            for room in (Room("busy"), before, never):
                group.create_task(ask(room))

    run_virtual(main())

    assert served == ["served before", "busy", "never served", "served before"]


def test_the_work_is_chosen_when_the_turn_comes() -> None:
    async def main() -> list[str]:
        turns, chosen = InferenceTurns(InlineCalls(lambda: 1.0)), []
        newest = "old"
        async with asyncio.TaskGroup() as group:
            group.create_task(turns.run(Room("busy"), lambda: lambda: None))
            group.create_task(turns.run(Room("waiting"), lambda: lambda value=newest: chosen.append(value)))
            await asyncio.sleep(0.5)
            newest = "new"
        return chosen

    assert run_virtual(main()) == ["new"]


def test_a_failing_call_passes_the_turn_on() -> None:
    async def main() -> str:
        turns = InferenceTurns(InlineCalls())
        with pytest.raises(ZeroDivisionError):
            await turns.run(Room("failing"), lambda: lambda: 1 // 0)
        return await turns.run(Room("next"), lambda: lambda: "served")

    assert run_virtual(main()) == "served"


def test_a_room_that_is_cancelled_while_it_waits_blocks_nobody() -> None:
    async def main() -> str:
        turns = InferenceTurns(InlineCalls(lambda: 1.0))
        busy = asyncio.ensure_future(turns.run(Room("busy"), lambda: lambda: None))
        waiting = asyncio.ensure_future(turns.run(Room("cancelled"), lambda: lambda: None))
        await asyncio.sleep(0.5)
        waiting.cancel()
        await busy
        return await turns.run(Room("next"), lambda: lambda: "served")

    assert run_virtual(main()) == "served"


def test_a_room_cancelled_in_the_moment_of_its_turn_passes_it_on() -> None:
    async def main() -> str:
        turns = InferenceTurns(InlineCalls(lambda: 1.0))

        async def serve_and_cancel() -> None:
            await turns.run(Room("busy"), lambda: lambda: None)
            waiting.cancel()  # its turn has come, but it has not gone on yet

        busy = asyncio.ensure_future(serve_and_cancel())
        await asyncio.sleep(0)
        waiting = asyncio.ensure_future(turns.run(Room("cancelled"), lambda: lambda: None))
        await asyncio.wait([busy, waiting])
        return await turns.run(Room("next"), lambda: lambda: "served")

    assert run_virtual(main()) == "served"


def test_a_room_that_is_done_is_forgotten() -> None:
    async def main() -> dict[Room, int]:
        turns = InferenceTurns(InlineCalls())
        room = Room("done")
        await turns.run(room, lambda: lambda: None)
        turns.leave(room)
        return turns._served

    assert run_virtual(main()) == {}
