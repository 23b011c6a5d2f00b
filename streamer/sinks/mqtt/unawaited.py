"""A call that may block for long, in a thread for which nothing waits: a broker that drops packets keeps no program."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable


async def unawaited(call: Callable[[], None]) -> None:
    """Make a call in a daemon thread; one that is cancelled goes on there, and what becomes of it is nobody's.

    asyncio's own threads would not do: the end of the event loop, and of the program, wait for them.

    Raises:
        Exception: what the call raises.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[None] = loop.create_future()
    # In a list that the call empties: a thread drops its arguments only when it ends, which may be after all else.
    thread = threading.Thread(target=_make, args=(call, loop, [outcome]), name="streamer-mqtt-connect", daemon=True)
    thread.start()
    try:
        await outcome
    finally:
        # An error holds on to this frame, and to the sockets of the call's: both are to go when it was dealt with.
        del outcome


def _make(call: Callable[[], None], loop: asyncio.AbstractEventLoop, handed: list[asyncio.Future[None]]) -> None:
    outcome = handed.pop()
    error: Exception | None = None
    try:
        call()
    except Exception as failure:  # noqa: BLE001 - it belongs to whoever waits, whatever it is
        error = failure
    with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
        loop.call_soon_threadsafe(_settle, outcome, error)
    del error, outcome


def _settle(outcome: asyncio.Future[None], error: Exception | None) -> None:
    if outcome.cancelled():
        return
    if error is None:
        outcome.set_result(None)
    else:
        outcome.set_exception(error)
