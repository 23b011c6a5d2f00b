import asyncio

import pytest

from streamer.channel import Channel, ChannelClosed


async def test_values_come_out_in_order() -> None:
    channel: Channel[int] = Channel(3)
    for value in (1, 2, 3):
        await channel.send(value)

    assert [await channel.receive() for _ in range(3)] == [1, 2, 3]


async def test_sender_waits_while_full() -> None:
    channel: Channel[int] = Channel(1)
    await channel.send(1)
    sender = asyncio.ensure_future(channel.send(2))
    await asyncio.sleep(0)

    assert not sender.done()
    assert await channel.receive() == 1
    await sender
    assert await channel.receive() == 2


async def test_offer_drops_the_oldest_when_full() -> None:
    channel: Channel[int] = Channel(2)
    for value in (1, 2, 3):
        await channel.offer(value)

    assert channel.dropped == 1
    assert [await channel.receive() for _ in range(2)] == [2, 3]


async def test_close_lets_what_is_inside_come_out_then_ends() -> None:
    channel: Channel[int] = Channel(2)
    await channel.send(1)
    await channel.close()

    assert [value async for value in channel] == [1]


async def test_close_wakes_a_waiting_receiver() -> None:
    channel: Channel[int] = Channel(1)
    receiver = asyncio.ensure_future(channel.receive())
    await asyncio.sleep(0)
    await channel.close()

    with pytest.raises(ChannelClosed):
        await receiver


async def test_closed_channel_refuses_values() -> None:
    channel: Channel[int] = Channel(1)
    await channel.close()

    with pytest.raises(ChannelClosed):
        await channel.send(1)
    with pytest.raises(ChannelClosed):
        await channel.offer(1)


def test_capacity_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Channel(0)
