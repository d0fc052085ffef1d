"""Connections that several workers share: each comes to have as many, and nobody is waited for who does not come."""

import asyncio
import errno
import logging
import socket
from contextlib import asynccontextmanager, suppress

import pytest
from job_service import seen

from extractor.service import accepting
from extractor.service.accepting import Accepting, Shares, nobody

pytestmark = pytest.mark.anyio


class Kept(asyncio.Protocol):
    """A connection that is counted while it is open."""

    def __init__(self, found: set) -> None:
        self._found = found

    def connection_made(self, transport) -> None:
        self.transport = transport
        self._found.add(self)

    def connection_lost(self, exc) -> None:
        self._found.discard(self)


@asynccontextmanager
async def listening(workers: int, bound: socket.socket | None = None):
    """Yield an address, the counts of so many workers, and a function that starts one of them and returns its connections."""
    counts, running, kept = nobody(workers), [], []
    bound = bound or socket.create_server(("127.0.0.1", 0))

    def start(place: int, *, busy: bool = False) -> set:
        found: set = set()
        own = bound.dup()
        made = Accepting(own, lambda: Kept(found), found, Shares(counts, place), backlog=100)
        running.append((made, own))
        kept.append(found)
        if busy:
            made.tell()
        else:
            made.start()
        return found

    try:
        yield bound.getsockname(), counts, start
    finally:
        for made, own in running:
            made.close()
            own.close()
            await made.wait_closed()
            made.close()
        bound.close()
        for connection in [connection for found in kept for connection in found]:
            connection.transport.close()
        await seen(lambda: not any(kept))


async def connected(address, number: int) -> list[socket.socket]:
    made = []
    for _ in range(number):
        client = socket.socket()
        client.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(client, address)
        except OSError:
            client.close()
            raise
        made.append(client)
    return made


async def test_workers_come_to_have_as_many_connections():
    async with listening(2) as (address, counts, start):
        one, other = start(0), start(1)
        clients = await connected(address, 41)
        await seen(lambda: len(one) + len(other) == 41)
        assert abs(len(one) - len(other)) <= 1
        await seen(lambda: sorted(counts) == [20, 21])
        for client in clients:
            client.close()


async def test_a_worker_that_has_fewer_and_does_not_come_is_not_waited_for():
    async with listening(2) as (address, _, start):
        idle, found = start(0, busy=True), start(1)
        clients = await connected(address, 5)
        await seen(lambda: len(found) == 5)
        assert not idle
        for client in clients:
            client.close()


async def test_a_worker_that_takes_none_is_no_share():
    async with listening(3) as (address, counts, start):
        found = start(1)
        clients = await connected(address, 3)
        await seen(lambda: len(found) == 3)
        await seen(lambda: counts == [-1, 3, -1])
        for client in clients:
            client.close()


async def test_who_stops_takes_no_more():
    async with listening(1) as (address, counts, start):
        found = start(0)
        kept = await connected(address, 1)
        await seen(lambda: len(found) == 1)
    assert counts == [-1]
    with pytest.raises(OSError, match=r"refused|reset|Connect"):
        await connected(address, 1)
    kept[0].close()


class Full(socket.socket):
    """A listening socket of a system that has no file descriptors left, for a while."""

    times = 2

    def dup(self):
        return self

    def accept(self):
        if self.times:
            self.times -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


async def test_where_the_system_has_no_room_it_is_tried_again(monkeypatch, caplog):
    monkeypatch.setattr(accepting, "_FULL", 0.01)
    full = Full()
    full.bind(("127.0.0.1", 0))
    with caplog.at_level(logging.WARNING):
        async with listening(1, full) as (address, _, start):
            found = start(0)
            clients = await connected(address, 1)
            await seen(lambda: len(found) == 1)
            clients[0].close()
    assert [record.message for record in caplog.records if "no connection can be taken" in record.message] != []


async def test_a_client_that_has_gone_already_does_no_harm(monkeypatch):
    async with listening(1) as (address, _, start):
        found = start(0)
        loop = asyncio.get_running_loop()
        real, calls = loop.connect_accepted_socket, []

        async def fails_first(make, taken, **more):
            calls.append(taken)
            if len(calls) == 1:
                raise OSError(errno.ENOTCONN, "not connected")
            return await real(make, taken, **more)

        with suppress(AttributeError):
            monkeypatch.setattr(loop, "connect_accepted_socket", fails_first)
        clients = await connected(address, 2)
        await seen(lambda: len(found) == 1)
        assert calls[0].fileno() == -1
        for client in clients:
            client.close()
